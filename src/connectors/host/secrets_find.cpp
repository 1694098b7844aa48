#include "connectors/host/secrets_find.hpp"

#include <map>
#include <utility>

#include "base/text.hpp"
#include "connectors/host/keys_file.hpp"
#include "scan/command.hpp"

namespace reeve::host {
namespace {

constexpr std::size_t found_max = 10'000;  ///< In one file; more is no file of credentials.

}  // namespace

void Finder::setting(std::string_view name, std::string_view value, Where const& where,
                     scan::Place place) {
  for (auto const& match : scan::judge(name, value, place)) add(match, where);
}

void Finder::command(std::vector<std::string> const& argv, Where const& where) {
  for (auto const& [argument, match] : scan::judge_command(argv)) add(match, where);
}

void Finder::secret(std::string_view kind, std::string_view value, Where const& where) {
  if (value.empty()) return;
  add({.kind = std::string(kind),
       .fingerprint = fingerprint_(value),
       .key = where.key,
       .line = where.line,
       .account = where.account,
       .target = where.target});
}

void Finder::reference(std::string_view kind, std::string_view to, Where const& where) {
  add({.kind = std::string(kind),
       .mode = SightingMode::referenced,
       .key = where.key,
       .line = where.line,
       .account = where.account,
       .target = where.target,
       .refers_to = clean_utf8(shortened(to, 256))});
}

void Finder::add(scan::Match const& match, Where const& where) {
  Where at = where;
  if (!match.account.empty()) at.account = match.account;
  if (!match.target.empty()) at.target = match.target;
  if (match.verdict == scan::Verdict::reference) return reference(match.kind, match.refers_to, at);
  if (match.verdict == scan::Verdict::placeholder) return;
  if (match.kind == "private_key") return find_private_key(match.value, at, *this);
  secret(match.kind, match.value.reveal(), at);
}

void Finder::add(Found found) {
  if (file_.found.size() == found_max) return malformed(found.line, "more secrets than are read");
  if (file_.found.size() > found_max) return;
  file_.found.push_back(std::move(found));
}

void Finder::malformed(int line, std::string_view why) {
  if (file_.malformed.size() < 100) file_.malformed.push_back({line, clean_utf8(why)});
}

void Finder::malformed(Error const& error) {
  malformed(0, error.message());
}

namespace {

/// Names and keys come from the file as well: an address in a section's name may hold a password.
std::string shown(std::string_view text) {
  return scan::redacted(shortened(clean_utf8(text), 300),
                        scan::judge({}, shortened(clean_utf8(text), 300)));
}

}  // namespace

FoundInFile Finder::take() {
  std::map<std::string, int, std::less<>> seen;
  for (auto& found : file_.found) {
    found.key = shown(found.key);
    found.account = shown(found.account);
    found.target = shown(found.target);
    found.refers_to = shown(found.refers_to);
    if (int const n = ++seen[found.key]; n > 1) found.key += "#" + std::to_string(n);
  }
  return std::exchange(file_, {});
}

}  // namespace reeve::host
