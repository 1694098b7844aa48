// Values of LDAP that we read ourselves: times and names. Both come from a directory that anybody
// with an account may write into, so both are read strictly and in linear time.

#include "ldap_client/value.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/hex.hpp"
#include "base/text.hpp"

namespace reeve::ldap {
namespace {

constexpr std::size_t dn_bytes_max = 8192;
constexpr std::size_t rdns_max = 256;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Reads a text from the front.
struct Cursor {
  std::string_view rest;

  bool take(char c) {
    if (!rest.starts_with(c)) return false;
    rest.remove_prefix(1);
    return true;
  }
  std::optional<int> digits(std::size_t count) {
    if (rest.size() < count) return std::nullopt;
    int value = 0;
    for (char const c : rest.substr(0, count)) {
      if (!is_digit(c)) return std::nullopt;
      value = value * 10 + (c - '0');
    }
    rest.remove_prefix(count);
    return value;
  }
  void blanks() {
    while (rest.starts_with(' ')) rest.remove_prefix(1);
  }
};

std::unexpected<Error> no_time(std::string_view text) {
  return fail(Errc::invalid, "not a GeneralizedTime: " + shortened(clean_utf8(text), 64));
}

/// A fraction of `whole`, to microseconds.
Duration fraction(Cursor& in, Duration whole) {
  double value = 0, scale = 1;
  while (!in.rest.empty() && is_digit(in.rest.front())) {
    scale /= 10;
    value += scale * (in.rest.front() - '0');
    in.rest.remove_prefix(1);
  }
  return Duration(std::llround(value * double(whole.count())));
}

/// "Z" or "+0130": what to take away to be in UTC.
std::optional<Duration> zone(Cursor& in) {
  if (in.take('Z')) return Duration::zero();
  bool const east = in.rest.starts_with('+');
  if (!east && !in.rest.starts_with('-')) return std::nullopt;
  in.rest.remove_prefix(1);
  auto const hours = in.digits(2);
  auto const minutes = in.rest.empty() ? std::optional<int>(0) : in.digits(2);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  Duration const ahead = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  return east ? ahead : -ahead;
}

std::unexpected<Error> no_dn(std::string_view why) {
  return fail(Errc::invalid, "not a distinguished name: " + std::string(why));
}

constexpr std::string_view special = ",+\"\\<>;=";

/// A value up to a separator, its escapes resolved.
Result<std::string> read_value(Cursor& in) {
  std::string out;
  std::size_t trailing = 0;  ///< Blanks at the end that were not escaped.
  while (!in.rest.empty() && !std::string_view(",+;").contains(in.rest.front())) {
    char const c = in.rest.front();
    in.rest.remove_prefix(1);
    if (c == '"' || c == '<' || c == '>' || c == '\0')
      return no_dn("a character that must be escaped");
    if (c != '\\') {
      trailing = c == ' ' ? trailing + 1 : 0;
      out += c;
      continue;
    }
    trailing = 0;
    if (in.rest.empty()) return no_dn("it ends in a backslash");
    char const next = in.rest.front();
    if (special.contains(next) || next == ' ' || next == '#') {
      out += next;
      in.rest.remove_prefix(1);
      continue;
    }
    int const high = hex_digit(next), low = in.rest.size() > 1 ? hex_digit(in.rest[1]) : -1;
    if (high < 0 || low < 0) return no_dn("an escape that is none");
    out += char(high * 16 + low);
    in.rest.remove_prefix(2);
  }
  out.resize(out.size() - trailing);
  return out;
}

std::string escaped(std::string_view value) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (std::size_t at = 0; at < value.size(); ++at) {
    char const c = value[at];
    bool const edge = (at == 0 && (c == ' ' || c == '#')) || (at + 1 == value.size() && c == ' ');
    if (special.contains(c) || edge) {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += '\\';
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[c & 15];
    } else {
      out += c;
    }
  }
  return out;
}

/// "uid=ann": one part of an RDN.
Result<std::string> read_part(Cursor& in) {
  in.blanks();
  auto const end = std::min(in.rest.find('='), in.rest.size());
  auto const type = trim(in.rest.substr(0, end));
  auto const fine = [](char c) {
    return is_digit(c) || c == '-' || c == '.' || (char(c | 0x20) >= 'a' && char(c | 0x20) <= 'z');
  };
  if (end == in.rest.size() || type.empty() || !std::ranges::all_of(type, fine))
    return no_dn("an attribute type is missing");
  in.rest.remove_prefix(end + 1);
  in.blanks();
  auto const value = TRY(read_value(in));
  return lower(type) + "=" + escaped(lower(value));
}

Result<std::string> read_rdn(Cursor& in) {
  std::vector<std::string> parts;
  do {
    parts.push_back(TRY(read_part(in)));
    if (parts.size() > rdns_max) return no_dn("too many parts");
  } while (in.take('+'));
  std::ranges::sort(parts);
  return join(parts, "+");
}

}  // namespace

Result<Instant> parse_generalized_time(std::string_view text) {
  Cursor in{text};
  auto const year = in.digits(4), month = in.digits(2), day = in.digits(2), hour = in.digits(2);
  if (!year || !month || !day || !hour) return no_time(text);
  std::chrono::year_month_day const date{std::chrono::year(*year),
                                         std::chrono::month(unsigned(*month)),
                                         std::chrono::day(unsigned(*day))};
  Duration rest = std::chrono::hours(*hour), whole = std::chrono::hours(1);
  int minute = 0, second = 0;
  if (auto const minutes = in.digits(2)) {
    minute = *minutes;
    whole = std::chrono::minutes(1);
    if (auto const seconds = in.digits(2)) {
      second = *seconds;
      whole = std::chrono::seconds(1);
    }
  }
  if (!date.ok() || *hour > 23 || minute > 59 || second > 60) return no_time(text);
  rest += std::chrono::minutes(minute) + std::chrono::seconds(second);
  if (in.take('.') || in.take(',')) {
    if (in.rest.empty() || !is_digit(in.rest.front())) return no_time(text);
    rest += fraction(in, whole);
  }
  auto const ahead = zone(in);
  if (!ahead || !in.rest.empty()) return no_time(text);
  return Instant(std::chrono::sys_days(date)) + rest - *ahead;
}

Result<std::string> normal_dn(std::string_view dn) {
  if (dn.size() > dn_bytes_max) return no_dn("too long");
  std::string out;
  Cursor in{trim(dn)};
  std::size_t count = 0;
  if (in.rest.empty()) return out;
  do {
    if (++count > rdns_max) return no_dn("too many parts");
    auto const rdn = TRY(read_rdn(in));
    if (!out.empty()) out += ',';
    out += rdn;
  } while (in.take(',') || in.take(';'));
  return out;
}

std::vector<std::pair<std::string, std::string>> rdns(std::string_view normal_dn) {
  std::vector<std::pair<std::string, std::string>> out;
  std::string type, value;
  bool in_value = false, first = true;
  auto const finish = [&] {
    if (in_value && first) out.emplace_back(type, value);
    type.clear();
    value.clear();
    in_value = false;
  };
  for (std::size_t at = 0; at < normal_dn.size(); ++at) {
    char const c = normal_dn[at];
    if (c == '\\' && at + 1 < normal_dn.size()) {
      value += normal_dn[++at];
    } else if (c == ',' || c == '+') {
      finish();
      first = c == ',';
    } else if (c == '=' && !in_value) {
      in_value = true;
    } else {
      (in_value ? value : type) += c;
    }
  }
  finish();
  return out;
}

bool is_under(std::string_view dn, std::string_view base) {
  if (base.empty() || dn == base) return true;
  if (!dn.ends_with(base) || dn.size() == base.size()) return false;
  auto const above = dn.substr(0, dn.size() - base.size());
  std::size_t backslashes = 0;  // before the comma: an odd number escapes it
  if (!above.ends_with(',')) return false;
  for (auto at = above.size() - 1; at > 0 && above[at - 1] == '\\'; --at) ++backslashes;
  return backslashes % 2 == 0;
}

std::string filter_escape(std::string_view value) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (char const c : value) {
    auto const byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 || byte < 0x20 || std::string_view("*()\\").contains(c)) {
      out += '\\';
      out += digits[byte >> 4];
      out += digits[byte & 15];
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace reeve::ldap
