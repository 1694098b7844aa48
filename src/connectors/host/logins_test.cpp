#include "connectors/host/logins.hpp"

#include <doctest/doctest.h>
#include <utmp.h>

#include <cstring>

namespace reeve::host {
namespace {

Instant at(char const* text) {
  return parse_rfc3339(text).value();
}

/// A record as glibc's own struct lays it out.
std::string record(short type, char const* user, char const* host, std::int32_t seconds) {
  static_assert(sizeof(::utmp) == wtmp_record_bytes);
  ::utmp raw{};
  raw.ut_type = type;
  std::strncpy(raw.ut_user, user, sizeof raw.ut_user);  // NOLINT: fields end by their size
  std::strncpy(raw.ut_line, "pts/0", sizeof raw.ut_line);
  std::strncpy(raw.ut_host, host, sizeof raw.ut_host);
  raw.ut_tv.tv_sec = decltype(raw.ut_tv.tv_sec)(seconds);
  return {reinterpret_cast<char const*>(&raw), sizeof raw};
}

TEST_CASE("host logins: wtmp gives the logins of users") {
  auto const got =
      parse_wtmp(record(BOOT_TIME, "reboot", "6.1", 1000) +
                 record(USER_PROCESS, "bob", "10.0.0.7", 1'700'000'000) +
                 record(DEAD_PROCESS, "", "", 1'700'000'100) +
                 record(USER_PROCESS, std::string(40, 'x').c_str(), "", 1'700'000'200) +
                 record(99, "evil", "", 5) + "half a record");
  CHECK(got.logins == std::vector<Login>{
                          {"bob", "pts/0", "10.0.0.7", from_micros(1'700'000'000'000'000)},
                          {std::string(32, 'x'), "pts/0", "", from_micros(1'700'000'200'000'000)}});
  CHECK(got.oldest == from_micros(1'000'000'000));
  CHECK(got.malformed == 2);
  CHECK(!parse_wtmp("").oldest.has_value());
}

TEST_CASE("host logins: a lastlog record of zeros, or none, is never") {
  ::lastlog raw{};
  static_assert(sizeof raw == lastlog_record_bytes);
  auto const bytes = [&] { return std::string(reinterpret_cast<char const*>(&raw), sizeof raw); };
  CHECK(!parse_lastlog_record(bytes()).has_value());
  CHECK(!parse_lastlog_record("").has_value());
  CHECK(!parse_lastlog_record("short").has_value());
  raw.ll_time = 1'700'000'000;
  CHECK(parse_lastlog_record(bytes()) == from_micros(1'700'000'000'000'000));
}

TEST_CASE("host logins: auth.log tells by which key somebody came in") {
  constexpr char text[] =
      "2026-03-01T10:00:00.5+01:00 web sshd[1]: Accepted publickey for bob from 10.0.0.7 port 42 "
      "ssh2: ED25519 SHA256:abc/+1\n"
      "Feb 28 23:59:59 web sshd[2]: Accepted password for al from fe80::1 port 42 ssh2\n"
      "Feb 28 23:59:59 web sshd[2]: Failed password for al from 10.0.0.8 port 42 ssh2\n"
      "2026-03-01T11:00:00Z web sudo:      bob : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/ls\n"
      "2026-03-01T11:00:00Z web sudo:  eve : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/ ; "
      "USER=root ; COMMAND=/bin/ls\n"
      "2026-03-01T11:00:00Z web app[3]: Accepted publickey for root from 6.6.6.6 port 1 ssh2\n"
      "garbage\n";
  auto const got = parse_auth_log(text, at("2026-03-02T00:00:00Z"));
  CHECK(got.events == std::vector<AuthLogEvent>{{.at = at("2026-03-01T09:00:00.5Z"),
                                                 .user = "bob",
                                                 .method = "publickey",
                                                 .from = "10.0.0.7",
                                                 .fingerprint = "SHA256:abc/+1"},
                                                {.at = at("2026-02-28T23:59:59Z"),
                                                 .coarse = true,
                                                 .user = "al",
                                                 .method = "password",
                                                 .from = "fe80::1"},
                                                {.kind = AuthLogEvent::Kind::sudo,
                                                 .at = at("2026-03-01T11:00:00Z"),
                                                 .user = "bob",
                                                 .target = "root"}});
  CHECK(got.oldest == at("2026-02-28T23:59:59Z"));
  CHECK(got.coarse);
}

TEST_CASE("host logins: a stamp without a year is the latest before the file was written") {
  struct Case {
    char const* stamp;
    char const* written;
    char const* want;  ///< "": unreadable.
  };
  for (auto const& c : std::initializer_list<Case>{
           {"Mar  1 10:00:00", "2026-03-01T12:00:00Z", "2026-03-01T10:00:00Z"},
           {"Dec 31 23:00:00", "2026-01-01T01:00:00Z", "2025-12-31T23:00:00Z"},
           {"Jan  1 03:00:00", "2025-12-31T22:00:00Z", "2026-01-01T03:00:00Z"},  // a zone ahead
           {"Feb 29 10:00:00", "2026-03-01T12:00:00Z", "2024-02-29T10:00:00Z"},
           {"Feb 30 10:00:00", "2026-03-01T12:00:00Z", ""},
           {"Foo  1 10:00:00", "2026-03-01T12:00:00Z", ""},
           {"Mar  1 25:00:00", "2026-03-01T12:00:00Z", ""},
       }) {
    CAPTURE(c.stamp);
    auto const line =
        std::string(c.stamp) + " web sshd[1]: Accepted password for b from 1.2.3.4 port 1 ssh2";
    auto const got = parse_auth_log(line, at(c.written));
    CHECK(got.events.size() == (*c.want ? 1 : 0));
    if (*c.want && !got.events.empty()) CHECK(got.events[0].at == at(c.want));
  }
}

TEST_CASE("host logins: text a client chose cannot move the address of a line") {
  auto const line = [](std::string const& user) {
    return "2026-03-01T10:00:00Z web sshd[1]: Accepted none for " + user +
           " from 10.0.0.7 port 42 ssh2";
  };
  auto const got = parse_auth_log(line("bob from 6.6.6.6 port 1 ssh2"), Instant{});
  REQUIRE(got.events.size() == 1);
  CHECK(got.events[0].from == "10.0.0.7");
}

}  // namespace
}  // namespace reeve::host
