// The files of testdata were written by systemd-journal-remote 252 from one text: ten logins by
// key, one by password, two sudo, and what only looks like it; journal-compressed also has a login
// of more than 512 bytes, the others have it uncompressed.

#include "connectors/host/journal.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <initializer_list>

#include "base/file.hpp"
#include "connectors/host/gzip.hpp"

namespace reeve::host {
namespace {

std::string file(std::string const& name) {
  auto const packed =
      read_file(std::string(REEVE_REPOSITORY "/src/connectors/host/testdata/") + name, 1 << 20);
  REQUIRE(packed.has_value());
  return unzip_tail(*packed, 32 << 20).value();
}

ReadAt reader(std::string const& bytes) {
  return [&bytes](std::uint64_t offset, std::size_t size) -> Result<std::string> {
    return offset >= bytes.size() ? "" : bytes.substr(std::size_t(offset), size);
  };
}

TEST_CASE("host journal: logins and sudo, by trusted fields alone") {
  for (auto const* name : {"journal-regular.gz", "journal-compact.gz", "journal-compressed.gz"}) {
    CAPTURE(std::string(name));
    auto const bytes = file(name);
    auto const got = read_journal(reader(bytes));
    REQUIRE_MESSAGE(got.has_value(), (got ? "" : got.error().to_string()));
    bool const packed = std::string(name).contains("compressed");
    CHECK(got->events.size() == (packed ? 12 : 13));
    CHECK(got->unread == (packed ? 1 : 0));
    CHECK(got->oldest == from_micros(1'772'000'000'000'000));
    auto const& first = got->events.front();
    CHECK(first.user == "svc-deploy");
    CHECK(first.method == "publickey");
    CHECK(first.from == "10.20.0.0");
    CHECK(first.fingerprint == "SHA256:" + std::string(43, 'A'));
    CHECK(first.at == from_micros(1'772'000'001'000'000));
    CHECK(!first.coarse);
    auto const by = [&](std::string_view user) {
      return std::ranges::count(got->events, user, &AuthLogEvent::user);
    };
    CHECK(by("svc-deploy") == 10);
    CHECK(by("alice") == 2);  // a password, and sudo
    CHECK(by("root") == 0);   // written by a program of eve's that is called sshd
    CHECK(by("eve") == 0);    // and one that is called sudo
  }
}

TEST_CASE("host journal: a format we do not know is said to be one") {
  auto const got = read_journal(reader(file("journal-before-246.gz")));
  REQUIRE(!got.has_value());
  CHECK(got.error().code() == Errc::unsupported);
}

TEST_CASE("host journal: what is cut short or bent is refused or left out, and ends") {
  auto const whole = file("journal-compact.gz");
  auto const used = whole.find_last_not_of('\0');
  for (std::size_t size = 0; size < used; size += size < 512 ? 13 : used / 60) {
    auto const cut = whole.substr(0, size);
    auto const got = read_journal(reader(cut));
    if (!got) CHECK(got.error().code() == Errc::invalid);
  }
  // Each byte of the part that holds the objects, as something else.
  auto const from = whole.find("_COMM=sshd") - 200;
  for (std::size_t at = from; at < used; at += 7) {
    auto bent = whole.substr(0, used + 1);
    bent[at] = char(bent[at] ^ 0x55);
    auto const got = read_journal(reader(bent));
    CHECK((!got || got->events.size() <= 14));
  }
}

TEST_CASE("host journal: a list that points at itself is no endless loop") {
  auto bytes = file("journal-regular.gz");
  auto const data = bytes.find("_COMM=sshd") - 64;
  std::uint64_t array = 0;
  std::copy_n(bytes.begin() + std::ptrdiff_t(data) + 48, 8, reinterpret_cast<char*>(&array));
  std::copy_n(reinterpret_cast<char const*>(&array), 8, bytes.begin() + std::ptrdiff_t(array) + 16);
  std::uint64_t const many = 1'000'000;
  std::copy_n(reinterpret_cast<char const*>(&many), 8, bytes.begin() + std::ptrdiff_t(data) + 56);
  auto const got = read_journal(reader(bytes));
  REQUIRE(!got.has_value());
  CHECK(got.error().message().contains("backwards"));
}

TEST_CASE("host gzip: packed logs, whole, in members, cut short") {
  auto const packed =
      read_file(REEVE_REPOSITORY "/src/connectors/host/testdata/journal-regular.gz", 1 << 20)
          .value();
  CHECK(unzip_tail(packed, 100)->size() == 100);
  CHECK(unzip_tail(packed + packed, 64 << 20)->size() == 2 * (8 << 20));
  CHECK(!unzip_tail(packed.substr(0, packed.size() - 9), 1 << 20).has_value());
  CHECK(!unzip_tail("no gzip", 100).has_value());
  CHECK(!unzip_tail("", 100).has_value());
}

}  // namespace
}  // namespace reeve::host
