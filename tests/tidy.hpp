// The house rules that a program can check, as functions from the text of a file to complaints.
//
// A ban names what to use instead, or it teaches nothing. Rules look at code with its comments and
// literals blanked out, except those about words, which look at everything. They are heuristics
// over lines and brackets, not a compiler: where one is wrong, the line may carry
// `// tidy: <why>` and is left alone.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reeve::tidy {

/// One file, its path relative to the root of the tree.
struct File {
  std::string path;
  std::string text;
};

/// `text` of C++ with comments, string and character literals replaced by blanks; every other byte
/// and every line end keeps its place.
std::string blank_literals(std::string_view text);

/// "src/x.cpp:12: what is wrong; what to do instead", in the order of the lines.
using Complaints = std::vector<std::string>;

/// Everything that can be said about one file alone.
Complaints check_file(File const& file);

/// Crash points of the code that the table of docs/assurance.md leaves out, and points there that
/// the code has not. A row there begins "| `plan:step:N:before` |"; capitals stand for what varies.
Complaints check_crash_points(std::vector<File> const& files);

/// .cpp files that no CMakeLists.txt of their folder names, and headers that nobody includes.
Complaints find_dead(std::vector<File> const& files);

}  // namespace reeve::tidy
