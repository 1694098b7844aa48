#include "pdp/search.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>

#include "cedar/policy.hpp"
#include "crypto/encode.hpp"
#include "crypto/hash.hpp"
#include "pdp/cedar_engine.hpp"

namespace reeve::pdp {
namespace {

using cedar::EntityUid;

/// Every entity that a scope names as principal or resource.
template <class Visit>
void each_named(cedar::PolicySet const& policies, Visit visit) {
  for (auto const& active : policies.active()) {
    for (auto const* scope : {&active.policy->principal, &active.policy->resource})
      if (scope->entity) visit(*scope->entity);
    for (auto const* slot : {active.principal_slot, active.resource_slot})
      if (slot) visit(*slot);
  }
}

bool knows(Domain const& domain, Entity const& entity) {
  if (auto const* said = entity.properties.object(); said && !said->empty()) return true;
  EntityUid const uid{entity.type, entity.id};
  if (domain.entities.find(uid)) return true;
  bool named = false;
  each_named(domain.policies, [&](EntityUid const& each) { named = named || each == uid; });
  return named;
}

std::set<std::string> entities_of(Domain const& domain, std::string const& type) {
  std::set<std::string> out;
  for (auto const& entity : domain.entities.all())
    if (entity.uid.type == type) out.insert(entity.uid.id);
  each_named(domain.policies, [&](EntityUid const& each) {
    if (each.type == type) out.insert(each.id);
  });
  return out;
}

/// Actions without those that are only groups of others.
std::set<std::string> actions_of(Domain const& domain) {
  std::set<std::string> out;
  std::set<EntityUid> groups;
  for (auto const& entity : domain.entities.all()) {
    if (entity.uid.type != domain.action_type) continue;
    out.insert(entity.uid.id);
    groups.insert(entity.parents.begin(), entity.parents.end());
  }
  if (domain.schema)
    for (auto const& [uid, info] : domain.schema->schema.actions) {
      if (uid.type == domain.action_type) out.insert(uid.id);
      groups.insert(info.parents.begin(), info.parents.end());
    }
  for (auto const& active : domain.policies.active()) {
    auto const& scope = active.policy->action;
    if (scope.kind == cedar::ActionScope::Kind::in) continue;  // most likely of a group
    for (auto const& uid : scope.entities)
      if (uid.type == domain.action_type) out.insert(uid.id);
  }
  for (auto const& group : groups)
    if (group.type == domain.action_type) out.erase(group.id);
  return out;
}

std::set<std::string> candidates(Domain const& domain, Search const& search) {
  switch (search.sought) {
    case Sought::subject: return entities_of(domain, search.request.subject.type);
    case Sought::resource: return entities_of(domain, search.request.resource.type);
    case Sought::action: return actions_of(domain);
  }
  return {};
}

/// Whether all that is given is there at all.
bool inputs_known(Domain const& domain, Search const& search) {
  auto const& [sought, request, paged, token, limit] = search;
  return (sought == Sought::subject || knows(domain, request.subject)) &&
         (sought == Sought::resource || knows(domain, request.resource));
}

constexpr std::size_t mark_bytes = 12;

std::string mark_of(Search const& search) {
  crypto::Sha256 hash;
  hash.add(sought_names[std::size_t(search.sought)]).add(canonical(search.request));
  return std::string(crypto::bytes_of(hash.digest()).substr(0, mark_bytes));
}

std::string token_of(Search const& search, std::string const& last) {
  return crypto::to_base64url(mark_of(search) + last);
}

/// The candidate after which the page begins; with an empty token none.
Result<std::optional<std::string>> place_of(Search const& search) {
  if (search.token.empty()) return std::nullopt;
  auto const bytes = crypto::from_base64url(search.token);
  if (!bytes || !bytes->starts_with(mark_of(search)))
    return fail(Errc::invalid, "page.token is of another search");
  return bytes->substr(mark_bytes);
}

Request with(Search const& search, std::string const& name) {
  auto out = search.request;
  switch (search.sought) {
    case Sought::subject: out.subject.id = name; break;
    case Sought::resource: out.resource.id = name; break;
    case Sought::action: out.action = name; break;
  }
  return out;
}

}  // namespace

Result<Found> search(Engine const& engine, Search const& search, SearchLimits const& limits) {
  auto const domain = engine.domain();
  if (!domain)
    return fail(Errc::unsupported, "there is no search here: the engine is no Cedar of ours");
  auto const after = TRY(place_of(search));
  Found out;
  if (!inputs_known(*domain, search)) return out;
  auto const all = candidates(*domain, search);
  auto const wanted =
      search.limit ? std::min(search.limit, limits.results_max) : limits.results_max;
  std::size_t tried = 0;
  for (auto at = after ? all.upper_bound(*after) : all.begin(); at != all.end(); ++at) {
    if (out.names.size() == wanted || tried == limits.candidates_max || limits.late()) {
      // Late before the first: the same page again, rather than an end that is none.
      out.next = at == all.begin() ? search.token : token_of(search, *std::prev(at));
      if (out.next.empty()) return fail(Errc::timeout, "there was no time to search");
      return out;
    }
    auto const request = with(search, *at);
    if (supported(engine.decide(request), request).permit) out.names.push_back(*at);
    ++tried;
  }
  return out;
}

Json answer(Search const& search, Found const& found) {
  Json::Array results;
  for (auto const& name : found.names) {
    Json one;
    if (search.sought == Sought::action)
      one.add("name", name);
    else
      one.add("type", search.sought == Sought::subject ? search.request.subject.type
                                                       : search.request.resource.type)
          .add("id", name);
    results.push_back(std::move(one));
  }
  auto const count = results.size();
  Json out;
  out.add("results", std::move(results));
  if (!search.paged && found.next.empty()) return out;
  return out.add("page", Json().add("next_token", found.next).add("count", count));
}

}  // namespace reeve::pdp
