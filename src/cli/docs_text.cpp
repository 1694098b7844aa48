#include "cli/docs_text.hpp"

#include "base/text.hpp"

namespace reeve::cli {

std::string_view const generated =
    "<!-- Made by `./dev docs` from the data the program runs on; edit that, not this. -->\n\n";

std::string markdown(std::string_view text) {
  std::string out;
  for (char const c : trim(text)) {
    if (c == '\n') {
      out += ' ';
      continue;
    }
    if (std::string_view("\\|<>*_[]").contains(c)) out += '\\';
    out += c;
  }
  return out;
}

std::string code(std::string_view text) {
  if (text.empty()) return "";
  std::string body;
  for (char const c : text)
    body += c == '|' ? std::string("\\|") : std::string(1, c == '\n' ? ' ' : c);
  std::string const fence = body.contains('`') ? "``" : "`";
  return fence + (body.contains('`') ? " " + body + " " : body) + fence;
}

std::string block(std::string_view language, std::string_view text) {
  std::string const fence = text.contains("```") ? "````" : "```";
  return fence + std::string(language) + "\n" + std::string(text) +
         (text.ends_with('\n') ? "" : "\n") + fence + "\n\n";
}

std::string grid(std::vector<std::string> const& head,
                 std::vector<std::vector<std::string>> const& rows) {
  if (rows.empty()) return "";
  std::string out = "| " + join(head, " | ") + " |\n|";
  for (std::size_t n = 0; n < head.size(); ++n) out += "---|";
  for (auto const& row : rows) out += "\n| " + join(row, " | ") + " |";
  return out + "\n\n";
}

}  // namespace reeve::cli
