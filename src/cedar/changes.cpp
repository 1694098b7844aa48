#include "cedar/changes.hpp"

#include <algorithm>
#include <map>

#include "cedar/print.hpp"

namespace reeve::cedar {
namespace {

struct Entry {
  std::string text;
  bool link;
};
using Entries = std::map<std::string, Entry>;

std::string text_of(Link const& link) {
  auto out = "link of " + link.template_id;
  if (link.principal) out += ", ?principal = " + to_string(*link.principal);
  if (link.resource) out += ", ?resource = " + to_string(*link.resource);
  return out;
}

Entries entries(PolicySet const& set) {
  Entries out;
  for (auto const& policy : set.policies()) out[policy->id] = {to_string(*policy), false};
  for (auto const& link : set.links()) out[link.id] = {text_of(link), true};
  return out;
}

}  // namespace

std::string_view name(PolicyChange::Kind kind) {
  switch (kind) {
    case PolicyChange::Kind::added: return "added";
    case PolicyChange::Kind::removed: return "removed";
    case PolicyChange::Kind::changed: return "changed";
  }
  return "";
}

std::vector<PolicyChange> changes(PolicySet const& before, PolicySet const& after) {
  using Change = PolicyChange::Kind;
  std::vector<PolicyChange> out;
  auto const old = entries(before);
  auto const now = entries(after);
  for (auto const& [id, entry] : old) {
    auto const it = now.find(id);
    if (it == now.end())
      out.push_back({Change::removed, id, entry.link, entry.text, ""});
    else if (it->second.text != entry.text)
      out.push_back({Change::changed, id, it->second.link, entry.text, it->second.text});
  }
  for (auto const& [id, entry] : now)
    if (!old.contains(id)) out.push_back({Change::added, id, entry.link, "", entry.text});
  std::sort(out.begin(), out.end(), [](auto const& a, auto const& b) { return a.id < b.id; });
  return out;
}

}  // namespace reeve::cedar
