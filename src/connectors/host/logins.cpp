// Last use, from three files that login programs write.
//
// lastlog is an array by uid: a host with one uid of 10^9 has a lastlog of 292 GB that holds a few
// kilobytes. So only the record of a uid in question is read, at uid * 292.
//
// wtmp is a list of 384-byte records, host byte order (all of Debian 12's release architectures
// but s390x are little-endian; a wtmp of the other order shows as impossible times):
//
//     0 type:2 pad:2 | 4 pid:4 | 8 line:32 | 40 id:4 | 44 user:32 | 76 host:256 | 332 exit:4
//     336 session:4 | 340 seconds:4 | 344 micros:4 | 348 address:16 | 364 unused:20
//
// auth.log is text. Who writes into it can write nearly anything, so a line counts only when its
// tag is sshd or sudo and its text begins as those programs begin theirs; user names cannot hold
// the blanks that would forge the rest ("Accepted … for NAME from ADDRESS port N ssh2: …": the
// part behind the name is read from the right).
//
// Sources: utmp(5), bits/types/struct_lastlog.h of glibc 2.36; auth.c of OpenSSH 9.2; RFC 3164
// §4.1.2, RFC 5424 §6.2.3.

#include "connectors/host/logins.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "connectors/host/lines.hpp"

namespace reeve::host {
namespace {

constexpr std::size_t events_max = 200'000;
constexpr std::int16_t user_process = 7;

template <class T>
T at(std::string_view bytes, std::size_t offset) {
  T value{};
  std::ranges::copy(bytes.substr(offset, sizeof value), reinterpret_cast<char*>(&value));
  return value;
}

/// A field that a NUL ends unless it is full.
std::string text_at(std::string_view bytes, std::size_t offset, std::size_t size) {
  auto const field = bytes.substr(offset, size);
  return std::string(field.substr(0, field.find('\0')));
}

Instant seconds(std::int64_t count) {
  return Instant(std::chrono::seconds(count));
}

constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::optional<std::chrono::seconds> clock(std::string_view text) {
  if (text.size() != 8 || text[2] != ':' || text[5] != ':') return {};
  auto const h = number<int>(text.substr(0, 2)), m = number<int>(text.substr(3, 2)),
             s = number<int>(text.substr(6, 2));
  if (!h || !m || !s || *h < 0 || *h > 23 || *m < 0 || *m > 59 || *s < 0 || *s > 60) return {};
  return std::chrono::hours(*h) + std::chrono::minutes(*m) + std::chrono::seconds(*s);
}

/// "Mar  1 10:00:00", cut off `line`: the latest such moment not a day after `written`.
std::optional<Instant> old_stamp(std::string_view& line, Instant written) {
  auto rest = line;
  auto const name = next_word(rest);
  auto const month = std::ranges::find(months, name);
  auto const day = number<unsigned>(next_word(rest));
  auto const time = clock(next_word(rest));
  if (month == months.end() || !day || !time) return {};
  auto const limit = written + Days(1);
  auto const year = std::chrono::year_month_day(std::chrono::floor<Days>(limit)).year();
  for (int back = 0; back < 5; ++back) {  // 29 February exists one year in four
    std::chrono::year_month_day const date{year - std::chrono::years(back),
                                           std::chrono::month(unsigned(month - months.begin()) + 1),
                                           std::chrono::day(*day)};
    auto const found = Instant(std::chrono::sys_days(date)) + *time;
    if (!date.ok() || found > limit) continue;
    line = rest;
    return found;
  }
  return {};
}

struct Stamp {
  Instant at;
  bool coarse = false;
};

std::optional<Stamp> stamp(std::string_view& line, Instant written) {
  auto rest = line;
  auto const first = next_word(rest);
  if (first.size() > 19 && first[4] == '-') {
    auto const found = parse_rfc3339(first);
    if (!found) return {};
    line = rest;
    return Stamp{*found};
  }
  auto const found = old_stamp(line, written);
  if (!found) return {};
  return Stamp{*found, /*coarse=*/true};
}

/// "sshd" of "sshd[123]:" or "sshd:".
std::string_view tag(std::string_view word) {
  if (!word.ends_with(':')) return "";
  word.remove_suffix(1);
  return word.substr(0, word.find('['));
}

/// "Accepted publickey for bob from 10.0.0.1 port 4242 ssh2: ED25519 SHA256:…"
bool read_ssh(std::string_view text, AuthLogEvent& event) {
  if (next_word(text) != "Accepted") return false;
  event.method = next_word(text);
  if (next_word(text) != "for") return false;
  auto const port = text.rfind(" port ");
  auto const head = text.substr(0, port);
  auto const from = head.rfind(" from ");
  if (port == std::string_view::npos || from == std::string_view::npos) return false;
  event.user = trim(head.substr(0, from));
  event.from = trim(head.substr(from + 6));
  auto const key = text.rfind(" SHA256:");
  bool const certificate = text.contains(" CA ");  // its ID may hold anything: no key is named
  if (key != std::string_view::npos && key > port && !certificate) {
    auto rest = text.substr(key);
    event.fingerprint = next_word(rest);
  }
  return !event.user.empty() && !event.from.empty();
}

/// "bob : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/ls", as sudo allowed it.
bool read_sudo(std::string_view text, AuthLogEvent& event) {
  auto const colon = text.find(" : ");
  auto const command = text.find(" ; COMMAND=");
  if (colon == std::string_view::npos || command == std::string_view::npos || command < colon)
    return false;
  auto const middle = text.substr(colon + 3, command - colon - 3);
  auto const user = middle.find("USER=");
  bool const allowed = middle.starts_with("TTY=") || middle.starts_with("PWD=");
  if (!allowed || user == std::string_view::npos) return false;
  event.kind = AuthLogEvent::Kind::sudo;
  event.user = trim(text.substr(0, colon));
  event.target = trim(middle.substr(user + 5, middle.find(" ; ", user) - user - 5));
  return !event.user.empty() && !event.target.empty();
}

/// What the line tells, behind its stamp: "host sshd[1]: …".
bool read_event(std::string_view rest, AuthLogEvent& event) {
  next_word(rest);  // the host
  auto const program = tag(next_word(rest));
  return read_auth_message(program, rest, event);
}

}  // namespace

bool read_auth_message(std::string_view program, std::string_view message, AuthLogEvent& event) {
  if (program == "sshd" || program == "sshd-session") return read_ssh(message, event);
  return program == "sudo" && read_sudo(message, event);
}

std::optional<Instant> parse_lastlog_record(std::string_view record) {
  if (record.size() < lastlog_record_bytes) return {};
  auto const time = at<std::uint32_t>(record, 0);  // to 2106; glibc's int ends in 2038
  if (time == 0) return {};
  return seconds(time);
}

Logins parse_wtmp(std::string_view bytes) {
  Logins out;
  for (; bytes.size() >= wtmp_record_bytes; bytes.remove_prefix(wtmp_record_bytes)) {
    auto const type = at<std::int16_t>(bytes, 0);
    auto const micros = at<std::int32_t>(bytes, 344);
    auto const when = seconds(at<std::uint32_t>(bytes, 340)) + Duration(micros);
    if (type < 0 || type > 9 || micros < 0 || micros >= 1'000'000) {
      ++out.malformed;
      continue;
    }
    if (type == 0 || when.time_since_epoch() < std::chrono::seconds(1)) continue;
    out.oldest = std::min(out.oldest.value_or(when), when);
    if (type == user_process)
      out.logins.push_back(
          {text_at(bytes, 44, 32), text_at(bytes, 8, 32), text_at(bytes, 76, 256), when});
  }
  if (!bytes.empty()) ++out.malformed;
  return out;
}

AuthLog parse_auth_log(std::string_view text, Instant written) {
  AuthLog out;
  for (Lines lines(text); lines.next();) {
    auto rest = lines.text();
    auto const when = stamp(rest, written);
    if (!when) continue;
    out.oldest = std::min(out.oldest.value_or(when->at), when->at);
    out.coarse = out.coarse || when->coarse;
    AuthLogEvent event{.at = when->at, .coarse = when->coarse};
    if (read_event(rest, event)) out.events.push_back(std::move(event));
    if (out.events.size() >= 2 * events_max)
      out.events.erase(out.events.begin(), out.events.end() - std::ptrdiff_t(events_max));
  }
  return out;
}

}  // namespace reeve::host
