#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace reeve::sql {

enum class TokenKind : std::uint8_t {
  word,       ///< Name, keyword or number; dots are part of it.
  parameter,  ///< ":name", colon included.
  string,     ///< 'text', quotes included.
  quoted,     ///< "name", quotes included.
  space,      ///< Blanks and comments.
  other,      ///< One character, or "::".
};

struct Token {
  TokenKind kind;
  std::string_view text;  ///< Part of the text given to tokens().
};

/// All of `sql` in order: the texts put together are `sql` again. What never closes (a string, a
/// comment) ends with the text. Comments do not nest, as in SQLite.
std::vector<Token> tokens(std::string_view sql);

}  // namespace reeve::sql
