// Tokens of policy and schema text (cedar, parser/grammar.lalrpop). One pass over the whole text:
// a parser that looks ahead as far as it likes is the simplest one.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "cedar/syntax.hpp"

namespace reeve::cedar {

enum class Tok : std::uint8_t {
  end,
  identifier,
  number,  ///< Digits alone.
  string,  ///< With its quotes, escapes not read.
  slot,    ///< "?principal".
  at,
  dot,
  comma,
  semicolon,
  colon,
  double_colon,
  left_paren,
  right_paren,
  left_brace,
  right_brace,
  left_bracket,
  right_bracket,
  equal_equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  or_or,
  and_and,
  plus,
  minus,
  star,
  slash,
  percent,
  bang,
  equal,
  question,  ///< Schema text alone: an optional attribute.
};

/// "`;`", "a string": for messages.
std::string_view name(Tok tok);

struct Token {
  Tok tok = Tok::end;
  Span span;
};

struct Comment {
  Span span;  ///< From `//` to the end of the line, without it.
};

struct Tokens {
  std::vector<Token> tokens;  ///< The last one is `end`.
  std::vector<Comment> comments;
  std::vector<Diagnostic> errors;  ///< What was no token is left out.
};

/// Text above 4 GB is an error; every other limit is the caller's.
Tokens tokenize(std::string_view text);

}  // namespace reeve::cedar
