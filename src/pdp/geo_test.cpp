#include "pdp/geo.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>

#include "base/file.hpp"
#include "pdp/mmdb_fake.hpp"

namespace reeve::pdp {
namespace {

namespace fs = std::filesystem;

cedar::IpAddr ip(std::string_view text) {
  auto const out = cedar::parse_ip(text);
  REQUIRE(out.has_value());
  return *out;
}

struct Folder {
  Folder() {
    auto pattern = (fs::temp_directory_path() / "reeve-geo-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()));
    path = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  Folder(Folder const&) = delete;
  Folder& operator=(Folder const&) = delete;
  std::string write(std::string const& name, std::string_view bytes) const {
    REQUIRE(write_file_atomically(path + "/" + name, bytes, 0600).has_value());
    return path + "/" + name;
  }
  std::string path;
};

Place look(std::string const& bytes, std::string_view address = "10.0.0.1") {
  Folder const folder;
  Geo geo({folder.write("a.mmdb", bytes)});
  geo.refresh();
  return geo.look(ip(address));
}

TEST_CASE("geo: a record says what it says, in either layout, and no more") {
  using namespace mmdb;
  struct Case {
    std::string name, record;
    Place want;
  };
  Case const cases[] = {
      {"nested country", country("DE"), {.country = "DE"}},
      {"flat country", map(1) + text("country_code") + text("FR"), {.country = "FR"}},
      {"a network", map(1) + text("autonomous_system_number") + number(1221), {.asn = 1221}},
      {"anonymous", map(1) + text("is_tor_exit_node") + boolean(true), {.anonymous = true}},
      {"not anonymous", map(1) + text("is_anonymous") + boolean(false), {.anonymous = false}},
      {"an entry without a field", map(0), {}},
      {"a country of three letters", country("DEU"), {}},
      {"a country in small letters", country("de"), {}},
      {"a country that is a number", map(1) + text("country_code") + number(49), {}},
      {"a network that is text", map(1) + text("asn") + text("1221"), {}},
  };
  for (auto const& c : cases) {
    CAPTURE(c.name);
    CHECK(look(file(c.record)) == c.want);
  }
  CHECK(look(file(country("DE"), /*upper_half_only=*/true), "10.0.0.1") == Place{});
  CHECK(look(file(country("DE"), /*upper_half_only=*/true), "200.0.0.1").country == "DE");
  CHECK(look(file(country("DE")), "2001:db8::1") == Place{});  // the file knows IPv4 alone
}

TEST_CASE("geo: a record of nested arrays is no record, and no end of the process") {
  using namespace mmdb;
  std::string deep;
  for (int n = 0; n < 3'000'000; ++n) deep += "\x01\x04";
  CHECK(look(file(map(2) + text("a") + deep + text("x") + country("DE").substr(1))) == Place{});
  // A pointer to itself, and a map that says it is larger than the file.
  CHECK(look(file(map(1) + text("country") + std::string("\x20\x09", 2))) == Place{});
  CHECK(look(file(std::string("\xff\xff\xff\xff", 4))) == Place{});
}

TEST_CASE("geo: a file cut anywhere answers nothing or the truth") {
  auto const whole = mmdb::file(mmdb::country("DE"));
  for (std::size_t length = 0; length < whole.size(); length += 3) {
    CAPTURE(length);
    auto const place = look(whole.substr(0, length));
    CHECK((place == Place{} || place == Place{.country = "DE"}));
  }
}

TEST_CASE("geo: files are read anew when they change, and one that breaks is forgotten") {
  Folder const folder;
  auto const path = folder.path + "/a.mmdb";
  Geo geo({path,
           folder.write("b.mmdb", mmdb::file(mmdb::map(1) + mmdb::text("asn") + mmdb::number(7)))});
  auto const at = ip("10.0.0.1");
  auto complaints = geo.refresh();
  REQUIRE(complaints.size() == 1);
  CHECK(complaints[0].contains("a.mmdb"));
  CHECK(geo.look(at) == Place{.asn = 7});
  folder.write("a.mmdb", mmdb::file(mmdb::country("DE")));
  CHECK(geo.refresh().empty());
  CHECK(geo.look(at) == Place{.country = "DE", .asn = 7});
  // Cut in place while it is open: what was read stays whole until it is looked at again.
  fs::resize_file(path, 10);
  CHECK(geo.look(at).country == "DE");
  CHECK(geo.refresh().size() == 1);
  CHECK(geo.look(at) == Place{.asn = 7});
  CHECK(geo.refresh().size() == 1);  // told each time, tried only when it changes
}

TEST_CASE("geo: MaxMind's own broken files end in no answer") {
  char const* corpora = ::getenv("REEVE_CORPORA");
  if (!corpora || !fs::exists(std::string(corpora) + "/mmdb")) {
    MESSAGE("SKIP: REEVE_CORPORA is not set, or has no mmdb");
    return;
  }
  auto const root = std::string(corpora) + "/mmdb";
  int files = 0;
  for (auto const* folder : {"/bad-data", "/test-data"})
    for (auto const& each : fs::recursive_directory_iterator(root + folder)) {
      if (!each.is_regular_file()) continue;
      CAPTURE(each.path().string());
      auto const file = GeoFile::open(each.path().string());
      ++files;
      if (!file) continue;
      for (auto const* address : {"1.1.1.1", "81.2.69.160", "2001:218::1", "::1"})
        (*file)->look(ip(address));
    }
  CHECK(files >= 60);
  auto const open = [&](std::string const& name) {
    auto out = GeoFile::open(root + "/test-data/" + name);
    REQUIRE(out.has_value());
    return *std::move(out);
  };
  CHECK(open("GeoIP2-Country-Test.mmdb")->look(ip("81.2.69.160")).country == "GB");
  CHECK(open("GeoLite2-ASN-Test.mmdb")->look(ip("1.128.0.0")).asn == 1221);
  CHECK(open("GeoIP2-Anonymous-IP-Test.mmdb")->look(ip("81.2.69.160")).anonymous == true);
  CHECK(open("GeoIP-Anonymous-Plus-Test.mmdb")->look(ip("1.128.0.0")).anonymous == std::nullopt);
}

}  // namespace
}  // namespace reeve::pdp
