#include "connectors/host/accounts.hpp"

#include <doctest/doctest.h>

namespace reeve::host {
namespace {

constexpr Known<Instant> at_day(int day) {
  return Instant(Days(day));
}

TEST_CASE("host accounts: what a password field says") {
  using enum PasswordState;
  struct Case {
    char const* name;
    char const* field;
    PasswordState state;
    char const* algorithm;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"nothing at all lets anybody in", "", empty, ""},
           {"shadowed", "x", elsewhere, ""},
           {"never had one", "!", none, ""},
           {"never had one, Red Hat", "!!", none, ""},
           {"cannot match", "*", none, ""},
           {"a lock over a star", "!*", none, ""},
           {"NP of Solaris is no verifier", "NP", none, ""},
           {"yescrypt", "$y$j9T$abc$def", set, "yescrypt"},
           {"sha512", "$6$salt$hash", set, "sha512"},
           {"sha256", "$5$salt$hash", set, "sha256"},
           {"md5", "$1$salt$hash", set, "md5"},
           {"bcrypt", "$2b$05$abc", set, "bcrypt"},
           {"locked, not gone", "!$6$salt$hash", locked, "sha512"},
           {"locked twice", "!!$y$j9T$abc$def", locked, "yescrypt"},
           {"thirteen letters are DES", "ab1234567890.", set, "des"},
           {"BSDi", "_J9..abcdabcdefghijk", set, "bsdi-des"},
           {"a scheme of tomorrow", "$zz$1$2", set, "unknown"},
       }) {
    CAPTURE(c.name);
    auto const password = parse_password(c.field);
    CHECK(password.state == c.state);
    CHECK(password.algorithm == c.algorithm);
    CHECK(password.verifier.empty() == (c.state != set && c.state != locked));
    CHECK(!password.verifier.reveal().starts_with('!'));
  }
}

TEST_CASE("host accounts: one bad line of passwd costs that line alone") {
  auto const got = parse_passwd(
      "root:x:0:0:root:/root:/bin/bash\n"
      "# comment\n"
      "\n"
      "short:x:1\n"
      "svc:x:501:501:app=billing, owner=alice:/srv:/usr/sbin/nologin\r\n"
      "nouid:x::1:::\n"
      "minus:x:-1:1:::\n"
      "big:x:4294967296:1:::\n"
      ":x:5:5:::\n"
      "+::0:0:::\n"
      "toor::0:0::/root:\n"
      "colons:x:9:9:g:/h:/bin/sh:more");
  REQUIRE(got.entries.size() == 4);
  CHECK(got.entries[0].uid == 0);
  CHECK(got.entries[1].gecos == "app=billing, owner=alice");
  CHECK(got.entries[1].shell == "/usr/sbin/nologin");
  CHECK(got.entries[1].line == 5);
  CHECK(!got.entries[1].login_shell());
  CHECK(got.entries[2].password.state == PasswordState::empty);
  CHECK(got.entries[2].login_shell());
  CHECK(got.entries[3].shell == "/bin/sh:more");
  CHECK(got.malformed ==
        std::vector<Malformed>{{4, "fewer than 7 fields"},
                               {6, "uid or gid is not a number"},
                               {7, "uid or gid is not a number"},
                               {8, "uid or gid is not a number"},
                               {9, "no name"},
                               {10, "a line for NIS: its accounts are not in this file"}});
}

TEST_CASE("host accounts: the days of shadow") {
  struct Case {
    char const* name;
    char const* line;
    Known<Instant> changed, password_expires, account_expires;
    bool must_change;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"for ever", "a:$6$x:19000:0:99999:7:::", at_day(19000), None{}, None{}, false},
           {"a maximum age", "a:$6$x:19000:0:90:7:14::", at_day(19000), at_day(19090), None{},
            false},
           {"an end", "a:$6$x:19000:0:99999:7::19500:", at_day(19000), None{}, at_day(19500),
            false},
           {"an end on day 0", "a:$6$x:19000:0:99999:7::0:", at_day(19000), None{}, at_day(0),
            false},
           {"to be changed at once", "a:$6$x:0:0:90:7:::", NotReported{}, NotReported{}, None{},
            true},
           {"no ages kept", "a:$6$x:::::::", NotReported{}, None{}, None{}, false},
           {"-1 is none", "a:$6$x:19000:-1:-1:-1:-1:-1:", at_day(19000), None{}, None{}, false},
       }) {
    CAPTURE(c.name);
    auto const got = parse_shadow(c.line);
    REQUIRE(got.entries.size() == 1);
    CHECK(got.entries[0].changed == c.changed);
    CHECK(got.entries[0].password_expires == c.password_expires);
    CHECK(got.entries[0].account_expires == c.account_expires);
    CHECK(got.entries[0].must_change == c.must_change);
  }
}

TEST_CASE("host accounts: a broken line of shadow is named without its verifier") {
  auto const got = parse_shadow("a:$6$canary$hash:soon:0:90:7:::\nb:$6$canary$hash\n");
  CHECK(got.entries.empty());
  CHECK(got.malformed ==
        std::vector<Malformed>{{1, "a field of days is not a number"}, {2, "fewer than 9 fields"}});
}

TEST_CASE("host accounts: groups and their members") {
  auto const got = parse_group("sudo:x:27:bob, alice,,\nempty:x:28:\nbad:x:y:\nshort:x:1\n");
  REQUIRE(got.entries.size() == 2);
  CHECK(got.entries[0].members == std::vector<std::string>{"bob", "alice"});
  CHECK(got.entries[1].members.empty());
  CHECK(got.malformed.size() == 2);
}

TEST_CASE("host accounts: a passwd of a million lines stops at its limit and says so") {
  std::string text;
  for (std::size_t i = 0; i < account_lines_max + 5; ++i) text += "a:x:1:1:::\n";
  auto const got = parse_passwd(text);
  CHECK(got.entries.size() == account_lines_max);
  REQUIRE(got.malformed.size() == 1);
  CHECK(got.malformed[0].why == "more than 200000 entries; the rest is not read");
}

TEST_CASE("host accounts: login.defs says which uids are people's") {
  auto const range =
      parse_login_defs("# UID_MIN 5\nUID_MIN\t\t  2000\nUID_MAX 3000 # x\nUID_MIN z");
  CHECK(range.min == 2000);
  CHECK(range.max == 3000);
  CHECK(parse_login_defs("").min == 1000);
}

}  // namespace
}  // namespace reeve::host
