// Blanks out what is not code, so that a rule about code does not fire on a comment or a text. A
// lexer of the four things that can hide code from view: comments, strings, raw strings,
// characters. A quote between digits (1'000) is none of them.

#include <algorithm>
#include <cctype>

#include "tidy.hpp"

namespace reeve::tidy {
namespace {

bool starts_digit_separator(std::string_view text, std::size_t at) {
  return at > 0 && std::isxdigit(static_cast<unsigned char>(text[at - 1])) != 0 &&
         at + 1 < text.size() && std::isxdigit(static_cast<unsigned char>(text[at + 1])) != 0;
}

/// Where the quoted text that begins at `at` ends, its closing quote included.
std::size_t end_of_quoted(std::string_view text, std::size_t at) {
  char const quote = text[at];
  for (++at; at < text.size() && text[at] != quote && text[at] != '\n'; ++at)
    if (text[at] == '\\') ++at;
  return std::min(at + 1, text.size());
}

/// The same for R"mark( … )mark", where `at` is the quote.
std::size_t end_of_raw(std::string_view text, std::size_t at) {
  auto const open = text.find('(', at);
  if (open == text.npos) return text.size();
  auto const mark = ")" + std::string(text.substr(at + 1, open - at - 1)) + "\"";
  auto const close = text.find(mark, open);
  return close == text.npos ? text.size() : close + mark.size();
}

std::size_t end_of_comment(std::string_view text, std::size_t at) {
  bool const line = text[at + 1] == '/';
  auto const end = text.find(line ? "\n" : "*/", at + 2);
  if (end == text.npos) return text.size();
  return line ? end : end + 2;
}

/// The end of the literal or comment that begins at `at`; `at` itself when none does.
std::size_t end_of_hidden(std::string_view text, std::size_t at) {
  auto const rest = text.substr(at);
  if (rest.starts_with("//") || rest.starts_with("/*")) return end_of_comment(text, at);
  if (rest.starts_with('"'))
    return at > 0 && text[at - 1] == 'R' ? end_of_raw(text, at) : end_of_quoted(text, at);
  if (rest.starts_with('\'') && !starts_digit_separator(text, at)) return end_of_quoted(text, at);
  return at;
}

}  // namespace

std::string blank_literals(std::string_view text) {
  std::string code(text);
  for (std::size_t at = 0; at < text.size();) {
    auto const end = end_of_hidden(text, at);
    for (auto hidden = at; hidden < end; ++hidden)
      if (code[hidden] != '\n') code[hidden] = ' ';
    at = std::max(end, at + 1);
  }
  return code;
}

}  // namespace reeve::tidy
