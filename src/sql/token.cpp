// A reader of SQL tokens, enough to find parameters, words and what is nested in what. It knows
// the plain forms alone: E'…', U&"…" and $$…$$ of PostgreSQL are for the callers to refuse, since
// what hides in them is read differently here and there.

#include "sql/token.hpp"

#include <algorithm>
#include <cctype>

namespace reeve::sql {
namespace {

bool word(char c) {
  auto const byte = static_cast<unsigned char>(c);
  return std::isalnum(byte) || c == '_' || c == '.' || byte >= 0x80;
}

bool space(char c) {
  return std::isspace(static_cast<unsigned char>(c));
}

/// How much of `rest` lies before the end of `closing`, looked for from `from` on.
std::size_t up_to(std::string_view rest, std::string_view closing, std::size_t from) {
  auto const found = rest.find(closing, from);
  return found == std::string_view::npos ? rest.size() : found + closing.size();
}

std::size_t while_true(std::string_view rest, std::size_t from, bool (*is)(char)) {
  return std::size_t(std::find_if_not(rest.begin() + std::ptrdiff_t(from), rest.end(), is) -
                     rest.begin());
}

Token first(std::string_view rest) {
  auto const token = [&](TokenKind kind, std::size_t size) {
    return Token{kind, rest.substr(0, size)};
  };
  char const c = rest[0];
  if (space(c)) return token(TokenKind::space, while_true(rest, 1, space));
  if (rest.starts_with("--")) return token(TokenKind::space, up_to(rest, "\n", 2));
  if (rest.starts_with("/*")) return token(TokenKind::space, up_to(rest, "*/", 2));
  if (c == '\'') return token(TokenKind::string, up_to(rest, "'", 1));
  if (c == '"') return token(TokenKind::quoted, up_to(rest, "\"", 1));
  if (rest.starts_with("::")) return token(TokenKind::other, 2);
  if (c == ':' && rest.size() > 1 && word(rest[1]))
    return token(TokenKind::parameter, while_true(rest, 1, word));
  if (word(c)) return token(TokenKind::word, while_true(rest, 1, word));
  return token(TokenKind::other, 1);
}

}  // namespace

std::vector<Token> tokens(std::string_view sql) {
  std::vector<Token> out;
  while (!sql.empty()) {
    out.push_back(first(sql));
    sql.remove_prefix(out.back().text.size());
  }
  return out;
}

}  // namespace reeve::sql
