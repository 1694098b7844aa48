#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace reeve::host {

/// One record of lastlog, found at uid * lastlog_record_bytes of a file that is mostly holes.
inline constexpr std::size_t lastlog_record_bytes = 292;

/// The last login it tells of. Empty: never (all zero). Fewer bytes than a record: never, too: the
/// file ends before that uid.
std::optional<Instant> parse_lastlog_record(std::string_view record);

inline constexpr std::size_t wtmp_record_bytes = 384;

/// A login as wtmp keeps it.
struct Login {
  std::string user;
  std::string line;  ///< "pts/0", "tty1", "ssh:notty"; or "".
  std::string from;  ///< Host or address it came from; empty: local.
  Instant at;

  bool operator==(Login const&) const = default;
};

/// Whole records from the start of `bytes`; only logins of users (USER_PROCESS) are given, a rest
/// that is no whole record and records with impossible times are left out and counted.
struct Logins {
  std::vector<Login> logins;
  std::optional<Instant> oldest;  ///< Of any record.
  std::size_t malformed = 0;
};
Logins parse_wtmp(std::string_view bytes);

/// A line of auth.log that tells who came in by what.
struct AuthLogEvent {
  enum class Kind : std::uint8_t { ssh_login, sudo };
  Kind kind = Kind::ssh_login;
  Instant at;
  bool coarse = false;      ///< The line has no year or zone: `at` may be a day off.
  std::string user;         ///< Who logged in, or who called sudo.
  std::string method;       ///< ssh: "publickey", "password".
  std::string from;         ///< ssh: the address.
  std::string fingerprint;  ///< ssh by key: "SHA256:…"; of a certificate: the key in it.
  std::string target;       ///< sudo: whom it was run as.

  bool operator==(AuthLogEvent const&) const = default;
};

struct AuthLog {
  std::vector<AuthLogEvent> events;  ///< Bounded by `events_max` of the last ones.
  std::optional<Instant> oldest;     ///< Of any line, whatever it tells.
  bool coarse = false;               ///< Some stamp had no year.
};

/// `written` is when the file was last written to: a stamp without year is the latest one before
/// it. Both forms of rsyslog are read: "Mar  1 10:00:00" and RFC 3339.
AuthLog parse_auth_log(std::string_view text, Instant written);

/// What `program` ("sshd", "sudo") says in one message of a login or of sudo; false: something
/// else.
bool read_auth_message(std::string_view program, std::string_view message, AuthLogEvent& event);

}  // namespace reeve::host
