// LDIF (RFC 2849) as ldapsearch and slapcat write it: lines "type: text", "type:: base64", folded
// where a line begins with one blank, records apart by empty lines. The grammar is small; what
// makes it dangerous is "type:< URL", which asks the reader to open a file, and change records,
// which ask it to act. Both are refused.

#include "ldap_client/ldif.hpp"

#include <array>

#include "base/text.hpp"

namespace reeve::ldap {
namespace {

struct Line {
  std::string text;  ///< Unfolded.
  std::size_t number = 0;
};

/// The lines one by one, unfolded, comments left out.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  bool next(Line& line) {
    for (;;) {
      if (!raw(line.text)) return false;
      line.number = number_;
      while (rest_.starts_with(' ')) {
        std::string more;
        raw(more);
        line.text.append(more, 1);
      }
      if (!line.text.starts_with('#')) return true;
    }
  }

 private:
  bool raw(std::string& out) {
    if (rest_.empty()) return false;
    auto const end = std::min(rest_.find('\n'), rest_.size());
    auto line = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    ++number_;
    out = line;
    return true;
  }

  std::string_view rest_;
  std::size_t number_ = 0;
};

Result<std::pair<std::string, std::string>> read_pair(std::string_view line,
                                                      LdifLimits const& limits) {
  auto const colon = line.find(':');
  if (colon == line.npos || colon == 0) return fail(Errc::invalid, "no attribute type");
  for (char const c : line.substr(0, colon))
    if (!(c == '-' || c == ';' || c == '.' || (c >= '0' && c <= '9') ||
          ((c | 0x20) >= 'a' && (c | 0x20) <= 'z')))
      return fail(Errc::invalid, "not an attribute type");
  std::string const type(line.substr(0, colon));
  auto value = line.substr(colon + 1);
  bool const base64 = value.starts_with(':');
  if (value.starts_with('<'))
    return fail(Errc::invalid, "a value that lies elsewhere is not fetched");
  if (base64) value.remove_prefix(1);
  while (value.starts_with(' ')) value.remove_prefix(1);
  if (value.size() > limits.value_bytes_max) return fail(Errc::invalid, "a value that is too long");
  if (!base64) {
    if (value.contains('\0')) return fail(Errc::invalid, "a NUL byte");
    return std::pair(type, std::string(value));
  }
  auto decoded = TRY(decode_base64(trim(value)));
  return std::pair(type, std::move(decoded));
}

/// A record in the making.
struct Record {
  Entry entry;
  std::string broken;  ///< Why it is refused.

  void take(Line const& line, LdifLimits const& limits) {
    if (!broken.empty()) return;
    auto pair = read_pair(line.text, limits);
    auto const why = pair ? take(std::move(*pair)) : std::string(pair.error().message());
    if (!why.empty()) broken = "line " + std::to_string(line.number) + ": " + why;
  }

 private:
  std::string take(std::pair<std::string, std::string> pair) {
    auto const type = lower(pair.first);
    if (type == "changetype" || type == "control") return "a change is not content";
    if (type == "dn") {
      if (!entry.dn.empty() || !entry.attributes.empty()) return "a second dn in one record";
      if (pair.second.empty()) return "an empty dn";
      entry.dn = std::move(pair.second);
      return "";
    }
    if (entry.dn.empty()) return "a record must begin with its dn";
    entry.add(std::move(pair.first), std::move(pair.second));
    return "";
  }
};

}  // namespace

Result<std::string> decode_base64(std::string_view text) {
  auto const six = [](char c) -> int {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
  };
  if (text.size() % 4 != 0) return fail(Errc::invalid, "base64 of a wrong length");
  std::size_t const padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  std::string out;
  out.reserve(text.size() / 4 * 3);
  unsigned bits = 0, count = 0;
  for (char const c : text.substr(0, text.size() - padding)) {
    int const value = six(c);
    if (value < 0) return fail(Errc::invalid, "not base64");
    bits = (bits << 6 | unsigned(value)) & 0xffffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += char(bits >> count & 0xff);
  }
  if ((bits & ((1u << count) - 1)) != 0) return fail(Errc::invalid, "base64 with bits left over");
  return out;
}

Result<Ldif> parse_ldif(std::string_view text, LdifLimits const& limits) {
  if (text.size() > limits.bytes_max)
    return fail(Errc::invalid, "more than " + std::to_string(limits.bytes_max) + " bytes");
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  Ldif out;
  Record record;
  std::size_t values = 0;
  auto const finish = [&] {
    if (!record.broken.empty())
      out.refused.push_back(std::move(record.broken));
    else if (!record.entry.dn.empty())
      out.entries.push_back(std::move(record.entry));
    record = {};
  };
  Lines lines(text);
  Line line;
  bool first = true;
  while (lines.next(line)) {
    if (line.text.empty()) {
      finish();
      continue;
    }
    bool const version = first && lower(line.text).starts_with("version:");
    first = false;
    if (version) {
      if (trim(std::string_view(line.text).substr(8)) != "1")
        return fail(Errc::invalid, "an LDIF of an unknown version");
      continue;
    }
    if (++values > limits.values_max) return fail(Errc::invalid, "too many values");
    record.take(line, limits);
  }
  finish();
  if (out.entries.empty() && !out.refused.empty())
    return fail(Errc::invalid, "no LDIF: " + out.refused.front());
  return out;
}

}  // namespace reeve::ldap
