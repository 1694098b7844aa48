// What policy text, schema text, JSON policies and entity JSON share: identifiers, names, string
// escapes, patterns, places in a text and what is wrong there.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace reeve::cedar {

/// A stretch of a text, in bytes. Both zero: not from a text.
struct Span {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  bool operator==(Span const&) const = default;
};

/// Something wrong at a place. `code` is a fixed word for programs ("syntax", "unknown_function").
struct Diagnostic {
  Span span;
  std::string code;
  std::string message;
};

struct Place {
  std::size_t line = 1, column = 1;  ///< From 1; the column counts bytes.
};
Place place_of(std::string_view text, std::size_t byte);
/// "3:7: syntax: expected `;`" and the line it is on, one paragraph each.
std::string describe(std::string_view text, std::span<Diagnostic const> found);
/// The same as an error. Errors: invalid. `found` must not be empty.
Error as_error(std::string_view text, std::span<Diagnostic const> found);

/// `[_a-zA-Z][_a-zA-Z0-9]*`.
bool is_identifier(std::string_view text);
/// A word the grammar keeps: `true`, `if`, `in`, … and `__cedar`. Not usable as a name.
bool is_reserved(std::string_view word);
/// `A::B::C` of identifiers that are not reserved, without blanks.
bool is_name(std::string_view text);

/// Valid UTF-8, U+0000 allowed.
bool is_utf8(std::string_view text);
void append_utf8(std::string& out, char32_t scalar);
/// The scalar at the start of valid UTF-8, and its size in bytes.
std::pair<char32_t, std::size_t> first_scalar(std::string_view text);

/// As a string literal, with its quotes. Every control and invisible character is escaped.
std::string quoted(std::string_view text);

/// The pattern of `like`: pieces of literal text with a star between each two. One piece: no star.
struct Pattern {
  std::vector<std::string> pieces = {""};

  bool operator==(Pattern const&) const = default;
};
/// With its quotes; literal stars as `\*`.
std::string quoted(Pattern const& pattern);
bool matches(Pattern const& pattern, std::string_view text);
bool matches(std::span<std::string_view const> pieces, std::string_view text);

/// What stands between the quotes of a literal, with the escapes read. Errors: invalid, naming the
/// escape. `\*` is an error here.
Result<std::string> unescape(std::string_view raw);
Result<Pattern> unescape_pattern(std::string_view raw);

}  // namespace reeve::cedar
