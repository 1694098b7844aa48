// Who answers for code answers for what runs it, until somebody says otherwise.
//
// Source: docs.github.com "About code owners", docs.gitlab.com "Code Owners syntax" (2026):
// gitignore patterns without negation; a later line wins; GitLab's sections ("[Name] @owner") give
// their owners to lines that name none.

#include "connectors/host/code_owners.hpp"

#include "base/text.hpp"
#include "connectors/host/lines.hpp"
#include "connectors/host/secrets_files.hpp"

namespace reeve::host {
namespace {

constexpr std::size_t bytes_max = 64 * 1024, lines_max = 5'000;
constexpr int up_max = 12;

/// Whether a pattern's parts match those of a path from its first one on; "**" is any number of
/// them.
bool parts_match(std::string_view pattern, std::string_view path, int depth = 0) {
  if (pattern.empty()) return true;  // a folder stands for all in it
  if (depth > 32 || path.empty()) return pattern == "**";
  auto const slash = pattern.find('/'), next = path.find('/');
  auto const part = pattern.substr(0, slash);
  auto const rest = slash == pattern.npos ? "" : pattern.substr(slash + 1);
  auto const path_rest = next == path.npos ? "" : path.substr(next + 1);
  if (part == "**")
    return parts_match(rest, path, depth + 1) || parts_match(pattern, path_rest, depth + 1);
  return matches(part, path.substr(0, next)) && parts_match(rest, path_rest, depth + 1);
}

bool pattern_matches(std::string_view pattern, std::string_view path) {
  while (pattern.ends_with('/')) pattern.remove_suffix(1);
  bool const rooted = pattern.find('/') != pattern.npos;
  while (pattern.starts_with('/')) pattern.remove_prefix(1);
  if (pattern.empty()) return true;
  if (rooted) return parts_match(pattern, path);
  for (;;) {  // a single part matches at any depth
    if (parts_match(pattern, path)) return true;
    auto const slash = path.find('/');
    if (slash == path.npos) return false;
    path.remove_prefix(slash + 1);
  }
}

std::string owners_in(std::string_view rest) {
  std::string out;
  for (auto word = next_word(rest); !word.empty(); word = next_word(rest)) {
    if (word.starts_with('#')) break;
    if (word.starts_with('@')) word.remove_prefix(1);
    if (!word.empty()) out += (out.empty() ? "" : " ") + std::string(word);
  }
  return out;
}

}  // namespace

std::string code_owners_of(std::string_view code_owners, std::string_view path) {
  std::string found, of_section;
  for (Lines lines(code_owners); lines.next() && lines.number() <= int(lines_max);) {
    auto rest = trim(lines.text());
    if (rest.empty() || rest.starts_with('#')) continue;
    if (rest.starts_with('[') || rest.starts_with("^[")) {
      auto const end = rest.rfind(']');
      of_section = end == rest.npos ? "" : owners_in(rest.substr(end + 1));
      continue;
    }
    auto const pattern = next_word(rest);
    if (!pattern_matches(pattern, path)) continue;
    auto const owners = owners_in(rest);
    found = owners.empty() ? of_section : owners;
  }
  return found;
}

std::string code_owners_near(Tree& tree, std::string_view file) {
  if (!file.starts_with('/')) return "";
  auto folder = file.substr(0, file.rfind('/'));
  for (int up = 0; up < up_max && !folder.empty(); ++up) {
    for (auto const* place : {"", "/.github", "/.gitlab", "/docs"}) {
      auto const path = std::string(folder) + place + "/CODEOWNERS";
      auto const text = tree.read(path, bytes_max);
      if (!text) continue;
      auto const owners = code_owners_of(*text, file.substr(folder.size() + 1));
      return owners.empty() ? "" : shortened(clean_utf8(owners), 300) + " by " + clean_utf8(path);
    }
    folder = folder.substr(0, folder.rfind('/'));
  }
  return "";
}

}  // namespace reeve::host
