#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reeve::cli {

/// Text of ours in a cell of a Markdown table or outside: only backticks are markup in it.
std::string markdown(std::string_view text);
/// As code, whatever backticks it holds.
std::string code(std::string_view text);
/// A fenced block.
std::string block(std::string_view language, std::string_view text);
/// A table with its head; no rows: empty.
std::string grid(std::vector<std::string> const& head,
                 std::vector<std::vector<std::string>> const& rows);
/// Line at the top of every page.
extern std::string_view const generated;

}  // namespace reeve::cli
