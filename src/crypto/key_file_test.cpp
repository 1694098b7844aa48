#include "crypto/key_file.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/file.hpp"
#include "crypto/ed25519.hpp"
#include "crypto/encode.hpp"
#include "crypto/random.hpp"

namespace reeve::crypto {
namespace {

struct Folder {
  std::string path = (std::filesystem::temp_directory_path() / "reeve-key-XXXXXX").string();
  Folder() { REQUIRE(::mkdtemp(path.data()) != nullptr); }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string operator/(std::string const& name) const { return path + "/" + name; }
};

TEST_CASE("key file: the first start makes it, later ones read it") {
  Folder const folder;
  SystemRandom random;
  auto const path = folder / "fingerprint.key";
  CHECK(load_key(path, "fingerprint").error().code() == Errc::not_found);
  auto const made = load_or_create_key(path, "fingerprint", random);
  REQUIRE(made.has_value());
  CHECK(made->reveal().size() == key_bytes);
  auto const again = load_or_create_key(path, "fingerprint", random);
  CHECK(again.value().reveal() == made->reveal());
  struct stat status{};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0600);
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path), {}) == 1);
}

TEST_CASE("key file: one that others could read is refused, with the command that closes it") {
  Folder const folder;
  SystemRandom random;
  auto const path = folder / "it's.key";
  REQUIRE(load_or_create_key(path, "audit", random).has_value());
  for (mode_t const mode : {0640U, 0604U, 0660U, 0610U, 0601U}) {
    CAPTURE(mode);
    REQUIRE(::chmod(path.c_str(), mode) == 0);
    auto const refused = load_or_create_key(path, "audit", random);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code() == Errc::denied);
    CHECK(refused.error().message().contains("chmod 600 '"));
  }
  REQUIRE(::chmod(path.c_str(), 0400) == 0);
  CHECK(load_key(path, "audit").has_value());
}

TEST_CASE("key file: what is no key file is refused and not replaced") {
  Folder const folder;
  SystemRandom random;
  auto const path = folder / "a.key";
  auto const key = to_base64(std::string(32, 'k'));
  struct Case {
    std::string name;
    std::string text;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"empty", ""},
           {"another program's", "-----BEGIN PRIVATE KEY-----\n"},
           {"another purpose", "reeve-key-1 audit " + key + "\n"},
           {"a prefix of the purpose", "reeve-key-1 fingerprints " + key + "\n"},
           {"too short", "reeve-key-1 fingerprint " + to_base64("short") + "\n"},
           {"too long", "reeve-key-1 fingerprint " + to_base64(std::string(33, 'k')) + "\n"},
           {"two lines", "reeve-key-1 fingerprint " + key + "\n\n"},
           {"not base64", "reeve-key-1 fingerprint " + std::string(44, '*') + "\n"},
           {"10 MB", "reeve-key-1 fingerprint " + std::string(10'000'000, 'A')},
       }) {
    CAPTURE(c.name);
    REQUIRE(write_file_atomically(path, c.text, 0600).has_value());
    auto const refused = load_or_create_key(path, "fingerprint", random);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code() == Errc::corrupt);
    CHECK_FALSE(refused.error().to_string().contains(key));
    CHECK(read_file(path, 20'000'000).value() == c.text);
  }
}

TEST_CASE("key file: links, folders and fifos are no key files") {
  Folder const folder;
  SystemRandom random;
  REQUIRE(load_or_create_key(folder / "real", "audit", random).has_value());
  REQUIRE(::symlink((folder / "real").c_str(), (folder / "link").c_str()) == 0);
  REQUIRE(::symlink((folder / "nowhere").c_str(), (folder / "dangling").c_str()) == 0);
  REQUIRE(::mkdir((folder / "folder").c_str(), 0700) == 0);
  REQUIRE(::mkfifo((folder / "fifo").c_str(), 0600) == 0);
  for (char const* name : {"link", "dangling", "folder", "fifo"}) {
    CAPTURE(name);
    CHECK_FALSE(load_or_create_key(folder / name, "audit", random).has_value());
  }
  CHECK_FALSE(std::filesystem::exists(folder / "nowhere"));
  CHECK(load_or_create_key(folder / "no/such/folder", "audit", random).error().code() ==
        Errc::not_found);
}

TEST_CASE("key file: a signing key signs the same after a restart") {
  Folder const folder;
  SystemRandom random;
  auto const first = Ed25519Key::load_or_create(folder / "audit.key", "audit", random);
  auto const second = Ed25519Key::load_or_create(folder / "audit.key", "audit", random);
  REQUIRE(first.has_value());
  REQUIRE(second.has_value());
  CHECK(first->public_key() == second->public_key());
  CHECK(first->sign("x") == second->sign("x"));
}

}  // namespace
}  // namespace reeve::crypto
