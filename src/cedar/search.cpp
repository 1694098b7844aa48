#include "cedar/search.hpp"

#include <algorithm>
#include <map>

namespace reeve::cedar {

SearchIndex::SearchIndex(Entities const& entities, PolicySet const& policies) {
  std::map<std::string, std::vector<EntityUid const*>> by_type;
  auto const add = [&](EntityUid const& uid) { by_type[uid.type].push_back(&uid); };
  for (auto const& entity : entities.all()) add(entity.uid);
  for (auto const& each : policies.policies()) {
    auto const& policy = *each;
    if (policy.principal.entity) add(*policy.principal.entity);
    if (policy.resource.entity) add(*policy.resource.entity);
    for (auto const& uid : policy.action.entities) add(uid);
  }
  for (auto const& link : policies.links()) {
    if (link.principal) add(*link.principal);
    if (link.resource) add(*link.resource);
  }
  for (auto& [type, uids] : by_type) {
    std::sort(uids.begin(), uids.end(), [](auto const* a, auto const* b) { return a->id < b->id; });
    uids.erase(std::unique(uids.begin(), uids.end(),
                           [](auto const* a, auto const* b) { return a->id == b->id; }),
               uids.end());
    by_type_.emplace_back(type, std::move(uids));
  }
}

std::vector<EntityUid const*> const& SearchIndex::of_type(std::string const& type) const {
  auto const it =
      std::lower_bound(by_type_.begin(), by_type_.end(), type,
                       [](auto const& entry, auto const& wanted) { return entry.first < wanted; });
  return it != by_type_.end() && it->first == type ? it->second : none_;
}

std::vector<std::string> SearchIndex::types() const {
  std::vector<std::string> out;
  out.reserve(by_type_.size());
  for (auto const& [type, uids] : by_type_) out.push_back(type);
  return out;
}

SearchPage search(SearchIndex const& index, Snapshot const& snapshot,
                  SearchQuestion const& question, Scratch& scratch, std::string_view after,
                  std::size_t count_max) {
  auto const& [open, principal, action, resource, context] = question;
  Question ask{principal.type, principal.id, action.type, action.id,
               resource.type,  resource.id,  context};
  auto const& type = open == Open::principal ? principal.type
                     : open == Open::action  ? action.type
                                             : resource.type;
  auto& id = open == Open::principal ? ask.principal_id
             : open == Open::action  ? ask.action_id
                                     : ask.resource_id;
  SearchPage out;
  for (auto const* uid : index.of_type(type)) {
    if (!after.empty() && uid->id <= after) continue;
    id = uid->id;
    ++out.asked;
    if (snapshot.decide(ask, scratch).decision != Decision::allow) continue;
    if (out.found.size() == count_max) {
      out.more = true;
      break;
    }
    out.found.push_back(*uid);
  }
  return out;
}

}  // namespace reeve::cedar
