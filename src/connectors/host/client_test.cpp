#include "connectors/host/client.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "connectors/host/client_fake.hpp"

namespace reeve::host {
namespace {

namespace fs = std::filesystem;

/// A folder on disk that goes away again.
class Folder {
 public:
  Folder() {
    auto pattern = (fs::temp_directory_path() / "reeve-host-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  Folder(Folder const&) = delete;
  Folder& operator=(Folder const&) = delete;
  ~Folder() { fs::remove_all(path_); }
  fs::path const& path() const { return path_; }

  void file(std::string const& name, std::string const& bytes) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name) << bytes;
  }

 private:
  fs::path path_;
};

/// One tree, built on disk and in memory: both answer alike.
struct Both {
  Folder outside, folder;
  FakeFiles fake;
  std::unique_ptr<Tree> real;
  std::unique_ptr<Tree> memory;

  Both() {
    outside.file("secret", "outside");
    file("/etc/passwd", "inside");
    file("/srv/p/x", "x");
    link("/abs", "/etc/passwd");
    link("/up", "../../../../../../etc/passwd");
    link("/out", (outside.path() / "secret").string());
    link("/etc/pki", "/srv/p");
    link("/loop", "/loop");
    link("/a", "b");
    link("/b", "a");
    REQUIRE(::mkfifo((folder.path() / "pipe").c_str(), 0600) == 0);
    fake.special("/pipe");
    real = std::move(open_tree(folder.path().string())).value();
    memory = std::make_unique<FakeTree>(fake);
  }
  void file(std::string const& path, std::string const& bytes) {
    folder.file(path.substr(1), bytes);
    fake.file(path, bytes);
  }
  void link(std::string const& path, std::string const& target) {
    fs::create_directories((folder.path() / path.substr(1)).parent_path());
    fs::create_symlink(target, folder.path() / path.substr(1));
    fake.link(path, target);
  }
};

TEST_CASE("host tree: links lead nowhere but into the tree, on disk and in memory") {
  struct Case {
    char const* path;
    Errc error;  ///< internal: none is expected.
    char const* bytes;
  };
  Both const both;
  for (auto const& c : std::initializer_list<Case>{
           {"/etc/passwd", Errc::internal, "inside"},
           {"/abs", Errc::internal, "inside"},
           {"/up", Errc::internal, "inside"},
           {"/etc/pki/x", Errc::internal, "x"},
           {"/etc/pki/../../etc/passwd", Errc::internal, "inside"},
           {"/../../../etc/./passwd", Errc::internal, "inside"},
           {"/out", Errc::not_found, ""},
           {"/loop", Errc::invalid, ""},
           {"/a", Errc::invalid, ""},
           {"/pipe", Errc::invalid, ""},
           {"/etc", Errc::invalid, ""},
           {"/nothing", Errc::not_found, ""},
           {"etc/passwd", Errc::invalid, ""},
       }) {
    CAPTURE(c.path);
    for (auto* tree : {both.real.get(), both.memory.get()}) {
      CAPTURE((tree == both.real.get() ? "disk" : "memory"));
      auto const got = tree->read(c.path, 100);
      CHECK(got.has_value() == (c.error == Errc::internal));
      if (got) CHECK(*got == c.bytes);
      if (!got) CHECK(got.error().code() == c.error);
    }
  }
}

TEST_CASE("host tree: a file over its cap is refused whole, a part is read by offset") {
  Both const both;
  for (auto* tree : {both.real.get(), both.memory.get()}) {
    CHECK(tree->read("/etc/passwd", 6).has_value());
    CHECK(tree->read("/etc/passwd", 5).error().code() == Errc::invalid);
    CHECK(tree->read_at("/etc/passwd", 2, 3).value() == "sid");
    CHECK(tree->read_at("/etc/passwd", 1ULL << 40, 3).value().empty());
    CHECK(tree->read_at("/etc/passwd", ~0ULL, 3).value().empty());
  }
}

TEST_CASE("host tree: a folder lists its entries by name and says what they are") {
  Both const both;
  for (auto* tree : {both.real.get(), both.memory.get()}) {
    auto const root = tree->list("/", 100).value();
    std::string all;
    for (auto const& entry : root) all += entry.name + std::to_string(int(entry.kind)) + " ";
    CHECK(all == "a2 abs2 b2 etc1 loop2 out2 pipe3 srv1 up2 ");
    CHECK(tree->list("/etc/pki", 100).value().size() == 1);
    CHECK(tree->list("/", 3).error().code() == Errc::invalid);
    CHECK(tree->list("/etc/passwd", 3).error().code() == Errc::invalid);
    CHECK(tree->lstat("/abs")->kind == FileKind::link);
    CHECK(tree->stat("/abs")->size == 6);
    CHECK(tree->stat("/")->kind == FileKind::directory);
    CHECK(tree->read_link("/abs").value() == "/etc/passwd");
    CHECK(tree->read_link("/etc").error().code() == Errc::invalid);
  }
}

TEST_CASE("host tree: a path that is too deep is an error, not a crash") {
  Both const both;
  std::string deep;
  for (int i = 0; i < 20000; ++i) deep += "/..";
  CHECK(both.real->read(deep + "/etc/passwd", 100).value() == "inside");
  CHECK(both.real->read(deep + deep + "/etc/passwd", 100).error().code() == Errc::invalid);
}

TEST_CASE("host tree: a root that is no folder is refused") {
  Folder const folder;
  folder.file("x", "");
  CHECK(!open_tree((folder.path() / "x").string()).has_value());
  CHECK(open_tree((folder.path() / "none").string()).error().code() == Errc::not_found);
}

}  // namespace
}  // namespace reeve::host
