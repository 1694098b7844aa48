// The account files: one line an entry, fields divided by ':'. What makes them worth care:
//   * the second field of passwd may still hold the verifier itself, or be empty, which lets
//     anybody in;
//   * "!" before a verifier is a lock that keeps the password; "!" or "*" alone is none;
//   * days are counted since 1970, an empty field is "no such rule", and 99999 is how shadow says
//     "never";
//   * a name may come twice. getpwnam gives the first, so the first counts; the second is kept, as
//     a uid-0 twin hides there.
//
// Sources: passwd(5), shadow(5), group(5), login.defs(5) of shadow 4.13; crypt(5) of libxcrypt
// 4.4; pam_unix/passverify.c of Linux-PAM 1.5 for an account that expired on day 0.

#include "connectors/host/accounts.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace reeve::host {
namespace {

constexpr std::int64_t days_for_ever = 99999;
constexpr std::int64_t days_max = 3'000'000;  ///< Year 10183; what is later is a mistake.

struct Prefix {
  std::string_view text, algorithm;
};
constexpr Prefix prefixes[] = {
    {"$y$", "yescrypt"}, {"$gy$", "gost-yescrypt"}, {"$7$", "scrypt"},
    {"$2a$", "bcrypt"},  {"$2b$", "bcrypt"},        {"$2x$", "bcrypt"},
    {"$2y$", "bcrypt"},  {"$6$", "sha512"},         {"$5$", "sha256"},
    {"$1$", "md5"},      {"$md5", "sun-md5"},       {"$sha1", "sha1"},
    {"$3$", "nt"},       {"_", "bsdi-des"},         {"$argon2", "argon2"},
};

bool crypt_alphabet(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '.' && c <= '9');
  });
}

/// Empty: no verifier of any form.
std::string_view algorithm_of(std::string_view verifier) {
  for (auto const& prefix : prefixes)
    if (verifier.starts_with(prefix.text)) return prefix.algorithm;
  if (verifier.size() == 13 && crypt_alphabet(verifier)) return "des";
  return verifier.starts_with('$') ? "unknown" : "";
}

/// Fields of one line; more than there should be stay in the last.
template <std::size_t Count>
std::optional<std::array<std::string_view, Count>> fields(std::string_view line) {
  std::array<std::string_view, Count> out;
  for (std::size_t i = 0; i + 1 < Count; ++i) {
    auto const colon = line.find(':');
    if (colon == std::string_view::npos) return {};
    out[i] = line.substr(0, colon);
    line.remove_prefix(colon + 1);
  }
  out[Count - 1] = line;
  return out;
}

bool skipped(std::string_view line) {
  return trim(line).empty() || line.starts_with('#');
}

/// Parses each line with `entry`, which answers with a sentence when it cannot.
template <class Entry, class Parse>
Entries<Entry> each(std::string_view text, Parse const& parse) {
  Entries<Entry> out;
  for (Lines lines(text); lines.next();) {
    if (skipped(lines.text())) continue;
    if (out.entries.size() + out.malformed.size() == account_lines_max) {
      out.malformed.push_back({lines.number(), "more than " + std::to_string(account_lines_max) +
                                                   " entries; the rest is not read"});
      break;
    }
    Entry entry;
    entry.line = lines.number();
    std::string_view const why = parse(lines.text(), entry);
    if (why.empty())
      out.entries.push_back(std::move(entry));
    else
      out.malformed.push_back({lines.number(), std::string(why)});
  }
  return out;
}

/// Why `name` cannot be one; empty: it can.
std::string_view bad_name(std::string_view name) {
  if (name.empty()) return "no name";
  if (name.starts_with('+') || name.starts_with('-'))
    return "a line for NIS: its accounts are not in this file";
  return name.size() > 256 ? "a name of more than 256 bytes" : "";
}

std::string_view passwd(std::string_view line, PasswdEntry& entry) {
  auto const f = fields<7>(line);
  if (!f) return "fewer than 7 fields";
  auto const& [name, password, uid, gid, gecos, home, shell] = *f;
  if (auto const why = bad_name(name); !why.empty()) return why;
  auto const user = number<std::uint32_t>(uid), group = number<std::uint32_t>(gid);
  if (!user || !group) return "uid or gid is not a number";
  entry.name = name;
  entry.uid = *user;
  entry.gid = *group;
  entry.gecos = gecos;
  entry.home = home;
  entry.shell = shell;
  entry.password = parse_password(password);
  return "";
}

/// A field of days: empty is none, garbage is no value.
std::optional<Known<std::int64_t>> days(std::string_view field) {
  if (field.empty()) return None{};
  auto const value = number<std::int64_t>(field);
  if (!value || *value < -1 || *value > days_max) return {};
  return *value < 0 ? Known<std::int64_t>(None{}) : Known<std::int64_t>(*value);
}

Instant day(std::int64_t count) {
  return Instant(Days(count));
}

void set_ages(ShadowEntry& entry, Known<std::int64_t> const& changed,
              Known<std::int64_t> const& age_max, Known<std::int64_t> const& expires) {
  auto const* last = std::get_if<std::int64_t>(&changed);
  auto const* limit = std::get_if<std::int64_t>(&age_max);
  auto const* end = std::get_if<std::int64_t>(&expires);
  entry.must_change = last && *last == 0;
  bool const dated = last && *last > 0;
  if (dated) entry.changed = day(*last);
  if (!limit || *limit >= days_for_ever)
    entry.password_expires = None{};
  else if (dated)
    entry.password_expires = day(*last + *limit);
  entry.account_expires = None{};
  if (end) entry.account_expires = day(*end);
}

std::string_view shadow(std::string_view line, ShadowEntry& entry) {
  auto const f = fields<9>(line);
  if (!f) return "fewer than 9 fields";
  if (auto const why = bad_name((*f)[0]); !why.empty()) return why;
  auto const changed = days((*f)[2]), age_max = days((*f)[4]), expires = days((*f)[7]);
  if (!changed || !age_max || !expires) return "a field of days is not a number";
  entry.name = (*f)[0];
  entry.password = parse_password((*f)[1]);
  set_ages(entry, *changed, *age_max, *expires);
  return "";
}

std::string_view group(std::string_view line, GroupEntry& entry) {
  auto const f = fields<4>(line);
  if (!f) return "fewer than 4 fields";
  if (auto const why = bad_name((*f)[0]); !why.empty()) return why;
  auto const gid = number<std::uint32_t>((*f)[2]);
  if (!gid) return "gid is not a number";
  entry.name = (*f)[0];
  entry.gid = *gid;
  for (auto const member : split((*f)[3], ','))
    if (!trim(member).empty()) entry.members.emplace_back(trim(member));
  return "";
}

}  // namespace

Password parse_password(std::string_view field) {
  using enum PasswordState;
  if (field.empty()) return {.state = empty};
  if (field == "x") return {.state = elsewhere};
  auto const from = field.find_first_not_of('!');
  auto const verifier = from == std::string_view::npos ? "" : field.substr(from);
  auto const algorithm = algorithm_of(verifier);
  if (algorithm.empty()) return {.state = none};
  return {.state = from == 0 ? set : locked,
          .algorithm = std::string(algorithm),
          .verifier = Secret(verifier)};
}

bool PasswdEntry::login_shell() const {
  auto const program = std::string_view(shell).substr(shell.rfind('/') + 1);
  constexpr std::string_view refusing[] = {"nologin", "false", "true", "sync", "shutdown", "halt"};
  return std::ranges::find(refusing, program) == std::end(refusing) && shell != "/dev/null";
}

Entries<PasswdEntry> parse_passwd(std::string_view text) {
  return each<PasswdEntry>(text, passwd);
}
Entries<ShadowEntry> parse_shadow(std::string_view text) {
  return each<ShadowEntry>(text, shadow);
}
Entries<GroupEntry> parse_group(std::string_view text) {
  return each<GroupEntry>(text, group);
}

UidRange parse_login_defs(std::string_view text) {
  UidRange range;
  for (Lines lines(text); lines.next();) {
    auto rest = lines.text();
    auto const key = next_word(rest);
    auto const value = number<std::uint32_t>(next_word(rest));
    if (value && key == "UID_MIN") range.min = *value;
    if (value && key == "UID_MAX") range.max = *value;
  }
  return range;
}

}  // namespace reeve::host
