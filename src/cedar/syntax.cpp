// The escapes of Cedar's literals: \n \r \t \\ \0 \' \" \xHH (up to 7F) \u{1 to 6 hex digits}, and
// \* in patterns alone (cedar, parser/unescape.rs; they are Rust's).

#include "cedar/syntax.hpp"

#include <algorithm>
#include <array>

#include "base/hex.hpp"

namespace reeve::cedar {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Bytes of the well-formed sequence at the start; 0: there is none (Unicode §3.9, table 3-7).
std::size_t sequence(std::string_view text) {
  auto const at = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  auto const first = at(0);
  if (first < 0x80) return 1;
  std::size_t const size = first < 0xC2   ? 0
                           : first < 0xE0 ? 2
                           : first < 0xF0 ? 3
                           : first < 0xF5 ? 4
                                          : 0;
  if (size == 0 || text.size() < size) return 0;
  int const low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  int const high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (at(1) < low || at(1) > high) return 0;
  for (std::size_t i = 2; i < size; ++i)
    if ((at(i) & 0xC0) != 0x80) return 0;
  return size;
}

std::unexpected<Error> bad_escape(std::string_view raw) {
  return fail(Errc::invalid,
              "the escape `" + std::string(raw.substr(0, 10)) +
                  "` is unknown; one of: \\n \\r \\t \\\\ \\0 \\' \\\" \\x7F \\u{1F600}");
}

Result<char32_t> hex_escape(std::string_view& rest) {
  auto const whole = rest;
  if (rest.size() < 4) return bad_escape(whole);
  int const high = hex_digit(rest[2]), low = hex_digit(rest[3]);
  if (high < 0 || low < 0 || high > 7) return bad_escape(whole);
  rest.remove_prefix(4);
  return static_cast<char32_t>(high * 16 + low);
}

Result<char32_t> unicode_escape(std::string_view& rest) {
  auto const whole = rest;
  auto const close = rest.find('}');
  if (rest.size() < 4 || rest[2] != '{' || close == rest.npos || close < 4)
    return bad_escape(whole);
  std::uint32_t scalar = 0;
  std::size_t digits = 0;
  for (char const c : rest.substr(3, close - 3)) {
    if (c == '_' && digits > 0) continue;
    if (hex_digit(c) < 0 || ++digits > 6) return bad_escape(whole);
    scalar = scalar * 16 + static_cast<std::uint32_t>(hex_digit(c));
  }
  if (scalar > 0x10FFFF || (scalar >= 0xD800 && scalar <= 0xDFFF)) return bad_escape(whole);
  rest.remove_prefix(close + 1);
  return char32_t{scalar};
}

/// The character of the escape at the start of `rest`, which is eaten.
Result<char32_t> escape(std::string_view& rest) {
  if (rest[0] == '\r') return fail(Errc::invalid, "a carriage return in a string is written \\r");
  char const kind = rest.size() > 1 ? rest[1] : ' ';
  if (kind == 'x') return hex_escape(rest);
  if (kind == 'u') return unicode_escape(rest);
  constexpr std::string_view names = "nrt\\0'\"";
  constexpr std::string_view values("\n\r\t\\\0'\"", 7);
  auto const at = names.find(kind);
  if (at == names.npos) return bad_escape(rest);
  rest.remove_prefix(2);
  return static_cast<char32_t>(values[at]);
}

/// Characters that stay as they are in a printed literal. The rest is invisible, or turns text
/// around, or does not survive an editor.
bool is_plain(char32_t c) {
  if (c < 0x20 || (c >= 0x7F && c < 0xA1) || c == 0xAD) return false;
  if ((c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E)) return false;
  if ((c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF0 && c <= 0xFFFB)) return false;
  if ((c >= 0x0300 && c <= 0x036F) || (c >= 0xE000 && c <= 0xF8FF) || c >= 0xE0000) return false;
  return (c & 0xFFFE) != 0xFFFE;
}

void append_quoted(std::string& out, std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  while (!text.empty()) {
    auto const [c, size] = first_scalar(text);
    if (c == '"' || c == '\\') {
      out.append(1, '\\').append(1, static_cast<char>(c));
    } else if (c == '\n' || c == '\r' || c == '\t' || c == 0) {
      out.append(1, '\\').append(1, c == '\n' ? 'n' : c == '\r' ? 'r' : c == '\t' ? 't' : '0');
    } else if (is_plain(c)) {
      out.append(text.substr(0, size));
    } else {
      std::string digits;
      for (auto left = c; left != 0; left >>= 4) digits.insert(digits.begin(), hex[left & 15]);
      out += "\\u{" + digits + "}";
    }
    text.remove_prefix(size);
  }
}

bool matches_pieces(auto const& pieces, std::string_view text) {
  std::string_view const first = pieces.front(), last = pieces.back();
  if (pieces.size() == 1) return text == first;
  if (text.size() < first.size() + last.size()) return false;
  if (!text.starts_with(first) || !text.ends_with(last)) return false;
  text.remove_prefix(first.size());
  text.remove_suffix(last.size());
  // Leftmost is best: what comes later can only gain room.
  for (std::size_t i = 1; i + 1 < pieces.size(); ++i) {
    std::string_view const piece = pieces[i];
    auto const at = text.find(piece);
    if (at == text.npos) return false;
    text.remove_prefix(at + piece.size());
  }
  return true;
}

std::string_view line_at(std::string_view text, std::size_t byte) {
  auto const begin = text.substr(0, byte).rfind('\n') + 1;
  return text.substr(begin, text.find('\n', byte) - begin);
}

}  // namespace

Place place_of(std::string_view text, std::size_t byte) {
  auto const before = text.substr(0, byte);
  auto const lines = std::count(before.begin(), before.end(), '\n');
  return {1 + static_cast<std::size_t>(lines), before.size() - before.rfind('\n') - 1 + 1};
}

std::string describe(std::string_view text, std::span<Diagnostic const> found) {
  std::string out;
  for (auto const& d : found) {
    auto const place = place_of(text, d.span.begin);
    if (!out.empty()) out += "\n";
    out += std::to_string(place.line) + ":" + std::to_string(place.column) + ": " + d.code + ": " +
           d.message;
    if (d.span.end == 0) continue;
    out += "\n  " + std::string(line_at(text, d.span.begin).substr(0, 200));
  }
  return out;
}

Error as_error(std::string_view text, std::span<Diagnostic const> found) {
  return Error(Errc::invalid, describe(text, found));
}

bool is_identifier(std::string_view text) {
  if (text.empty() || !is_letter(text[0])) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return is_letter(c) || is_digit(c); });
}

bool is_reserved(std::string_view word) {
  constexpr std::array<std::string_view, 10> words = {"true", "false", "if",   "then", "else",
                                                      "in",   "is",    "like", "has",  "__cedar"};
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_name(std::string_view text) {
  for (;;) {
    auto const end = text.find("::");
    auto const part = text.substr(0, end);
    if (!is_identifier(part) || is_reserved(part)) return false;
    if (end == text.npos) return true;
    text.remove_prefix(end + 2);
  }
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    auto const size = sequence(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

std::pair<char32_t, std::size_t> first_scalar(std::string_view text) {
  auto const at = [&](std::size_t i) {
    return static_cast<char32_t>(static_cast<std::uint8_t>(text[i]));
  };
  auto const size = std::max<std::size_t>(sequence(text), 1);
  if (size == 1) return {at(0), 1};
  char32_t scalar = at(0) & (0x7Fu >> size);
  for (std::size_t i = 1; i < size; ++i) scalar = scalar << 6 | (at(i) & 0x3F);
  return {scalar, size};
}

void append_utf8(std::string& out, char32_t c) {
  auto const tail = [&](int shift) { out += static_cast<char>(0x80 | ((c >> shift) & 0x3F)); };
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | (c >> 6)), tail(0);
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | (c >> 12)), tail(6), tail(0);
  } else {
    out += static_cast<char>(0xF0 | (c >> 18)), tail(12), tail(6), tail(0);
  }
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  append_quoted(out, text);
  return out + "\"";
}

std::string quoted(Pattern const& pattern) {
  std::string out = "\"";
  for (std::size_t i = 0; i < pattern.pieces.size(); ++i) {
    if (i > 0) out += "*";
    std::string_view rest = pattern.pieces[i];
    for (auto star = rest.find('*'); star != rest.npos; star = rest.find('*')) {
      append_quoted(out, rest.substr(0, star));
      out += "\\*";
      rest.remove_prefix(star + 1);
    }
    append_quoted(out, rest);
  }
  return out + "\"";
}

bool matches(Pattern const& pattern, std::string_view text) {
  return matches_pieces(pattern.pieces, text);
}
bool matches(std::span<std::string_view const> pieces, std::string_view text) {
  return matches_pieces(pieces, text);
}

Result<std::string> unescape(std::string_view raw) {
  std::string out;
  while (!raw.empty()) {
    auto const stop = std::min(raw.find_first_of("\\\r"), raw.size());
    out += raw.substr(0, stop);
    raw.remove_prefix(stop);
    if (!raw.empty()) append_utf8(out, TRY(escape(raw)));
  }
  return out;
}

Result<Pattern> unescape_pattern(std::string_view raw) {
  Pattern pattern;
  while (!raw.empty()) {
    if (raw[0] == '*') {
      pattern.pieces.emplace_back();
      raw.remove_prefix(1);
    } else if (raw.starts_with("\\*")) {
      pattern.pieces.back() += '*';
      raw.remove_prefix(2);
    } else if (raw[0] == '\\' || raw[0] == '\r') {
      append_utf8(pattern.pieces.back(), TRY(escape(raw)));
    } else {
      pattern.pieces.back() += raw[0];
      raw.remove_prefix(1);
    }
  }
  return pattern;
}

}  // namespace reeve::cedar
