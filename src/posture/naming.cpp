// What people write into names and comments, as lists of words. A word counts only whole ("ci" is
// not in "ciara"), and a comment's word for a task only where the comment is not a person's name.

#include "posture/naming.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "base/text.hpp"

namespace reeve::posture {
namespace {

using Words = std::span<std::string_view const>;

/// Nobody's own by convention: the whole name.
constexpr std::string_view shared_names[] = {
    "root",   "admin",      "administrator", "postgres",  "sa",        "sysadmin", "dba",
    "shared", "breakglass", "break-glass",   "emergency", "superuser", "toor"};
/// Parts of a name.
constexpr std::string_view shared_parts[] = {"shared", "breakglass", "emergency", "oncall",
                                             "kiosk"};
/// Words of a comment, one or two.
constexpr std::string_view shared_words[] = {"shared",        "break glass", "breakglass",
                                             "emergency",     "everybody",   "whole team",
                                             "group account", "on call"};
constexpr std::string_view task_parts[] = {
    "svc",    "service", "srv",     "bot",        "robot",   "ci",      "cd",         "cron",
    "daemon", "agent",   "runner",  "automation", "etl",     "deploy",  "deployer",   "backup",
    "batch",  "job",     "jobs",    "worker",     "build",   "jenkins", "ansible",    "puppet",
    "sync",   "monitor", "metrics", "exporter",   "replica", "scanner", "sa",         "app",
    "api",    "import",  "export",  "pipeline",   "webhook", "probe",   "integration"};
constexpr std::string_view task_words[] = {
    "nightly",    "load",        "job",        "jobs",       "cron",    "ci",
    "pipeline",   "backup",      "sync",       "daemon",     "service", "server",
    "system",     "scanner",     "monitoring", "runner",     "batch",   "export",
    "automation", "integration", "bot",        "replication"};
constexpr std::string_view owner_keys[] = {"owner", "contact", "maintainer", "responsible"};
constexpr std::string_view application_keys[] = {"app", "application", "service", "system"};

/// Runs of letters and digits, small. Digits at the end of a word are dropped ("svc2").
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> out(1);
  for (char const c : lower(text)) {
    bool const inside = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80) != 0;
    if (inside)
      out.back() += c;
    else if (!out.back().empty())
      out.emplace_back();
  }
  if (out.back().empty()) out.pop_back();
  for (auto& word : out) {
    auto const end = word.find_last_not_of("0123456789");
    if (end != word.npos) word.resize(end + 1);
  }
  return out;
}

bool any_word(std::vector<std::string> const& words, Words of) {
  for (std::size_t n = 0; n < words.size(); ++n) {
    if (std::ranges::find(of, words[n]) != of.end()) return true;
    if (n + 1 < words.size() && std::ranges::find(of, words[n] + " " + words[n + 1]) != of.end())
      return true;
  }
  return false;
}

bool any_field(std::string_view comment, Words keys) {
  return std::ranges::any_of(keys, [&](auto key) { return !field_of(comment, key).empty(); });
}

}  // namespace

std::string_view field_of(std::string_view comment, std::string_view key) {
  auto const folded = lower(comment), wanted = lower(key);
  for (auto at = folded.find(wanted); at != folded.npos; at = folded.find(wanted, at + 1)) {
    bool const whole = at == 0 || !((folded[at - 1] >= 'a' && folded[at - 1] <= 'z'));
    auto const rest = comment.substr(at + key.size());
    auto const sign = rest.find_first_not_of(' ');
    if (!whole || sign == rest.npos || sign > 1 || (rest[sign] != ':' && rest[sign] != '='))
      continue;
    auto const value = rest.substr(sign + 1);
    return trim(value.substr(0, value.find_first_of(";,\n|")));
  }
  return {};
}

std::string_view declared_owner(std::string_view comment) {
  for (auto const key : owner_keys)
    if (auto const found = field_of(comment, key); !found.empty()) return found;
  return {};
}

Said said_by(std::string_view name, std::string_view comment) {
  auto const parts = words_of(name), words = words_of(comment);
  Said out;
  out.shared = std::ranges::find(shared_names, lower(name)) != std::end(shared_names) ||
               any_word(parts, shared_parts) || any_word(words, shared_words);
  out.task = any_word(parts, task_parts);
  out.owner = any_field(comment, owner_keys);
  out.application = any_field(comment, application_keys);
  out.work = any_word(words, task_words);
  return out;
}

}  // namespace reeve::posture
