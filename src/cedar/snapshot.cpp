#include "cedar/snapshot.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>

namespace reeve::cedar {
namespace {

/// Distinct action constraints, numbered; 0 is "any".
class ActionConstraints {
 public:
  std::vector<std::vector<std::uint32_t>> within = {{}};  // by number: the uids of `in`
  std::vector<std::uint32_t> equal = {no_number};         // by number: the uid of `==`

  std::uint32_t add(ActionScope const& scope, Tables& tables) {
    if (scope.kind == ActionScope::Kind::any) return 0;
    std::vector<std::uint32_t> uids;
    uids.reserve(scope.entities.size());
    for (auto const& uid : scope.entities)
      uids.push_back(tables.uids.add(tables.arena, tables.types, uid.type, uid.id));
    bool const exact = scope.kind == ActionScope::Kind::equal;
    auto const [it, fresh] = known_.emplace(std::pair(exact, uids), within.size());
    if (fresh) {
      equal.push_back(exact ? uids[0] : no_number);
      within.push_back(exact ? std::vector<std::uint32_t>() : std::move(uids));
    }
    return static_cast<std::uint32_t>(it->second);
  }

 private:
  std::map<std::pair<bool, std::vector<std::uint32_t>>, std::size_t> known_;
};

RuleScope number(EntityScope const& scope, EntityUid const* slot, Tables& tables) {
  RuleScope out{.kind = scope.kind};
  auto const* entity = scope.entity ? &*scope.entity : slot;
  if (scope.needs_entity() && entity)
    out.entity = tables.uids.add(tables.arena, tables.types, entity->type, entity->id);
  if (!scope.type.empty()) out.type = tables.types.add(tables.arena, scope.type);
  return out;
}

}  // namespace

Result<std::unique_ptr<Snapshot const>> Snapshot::make(PolicySet const& policies,
                                                       Entities const& entities) {
  std::unique_ptr<Snapshot> out(new Snapshot);
  TRY(out->load(policies, entities));
  return std::unique_ptr<Snapshot const>(std::move(out));
}

Result<> Snapshot::load(PolicySet const& policies, Entities const& entities) {
  ActionConstraints actions;
  std::unordered_map<Policy const*, std::pair<std::uint32_t, std::uint32_t>> compiled;
  graph_.load(entities, tables_);
  for (auto const& active : policies.active()) {
    auto it = compiled.find(active.policy);
    if (it == compiled.end()) {  // links share the program and the action of their template
      auto const program = TRY(compile(*active.policy, tables_, image_));
      auto const constraint = actions.add(active.policy->action, tables_);
      it = compiled.emplace(active.policy, std::pair(program, constraint)).first;
    }
    rules_.push_back({.effect = active.policy->effect,
                      .program = it->second.first,
                      .actions = it->second.second,
                      .principal = number(active.policy->principal, active.principal_slot, tables_),
                      .resource = number(active.policy->resource, active.resource_slot, tables_)});
    ids_.push_back(tables_.arena.copy(*active.id));
  }
  graph_.close(entities, tables_);
  index_ = RuleIndex(rules_, actions.within, actions.equal, graph_, tables_.uids.size());
  return {};
}

bool Snapshot::matches(RuleScope const& scope, std::uint32_t uid, Scratch const& scratch) const {
  if (scope.kind == EntityScope::Kind::any) return true;
  if (scope.type != no_number) {
    auto const type = uid < tables_.uids.size()
                          ? tables_.uids.row(uid).type_number
                          : scratch.strangers.uids[uid - tables_.uids.size()].type_number;
    if (type != scope.type) return false;
  }
  if (scope.kind == EntityScope::Kind::is) return true;
  return scope.kind == EntityScope::Kind::equal ? uid == scope.entity
                                                : graph_.within(uid, scope.entity);
}

Answer Snapshot::decide(Question const& q, Scratch& scratch) const {
  scratch.reset();
  if (scratch.registers.size() < image_.registers) scratch.registers.resize(image_.registers);
  // A decision over many entities waits for memory and little else: the three look-ups go abreast.
  auto const p_hash = hash_of(q.principal_type, q.principal_id);
  auto const r_hash = hash_of(q.resource_type, q.resource_id);
  auto const a_hash = hash_of(q.action_type, q.action_id);
  for (auto const hash : {p_hash, r_hash, a_hash}) tables_.uids.prefetch(hash);
  for (auto const hash : {p_hash, r_hash, a_hash}) tables_.uids.prefetch_row(hash);
  auto const principal = scratch.strangers.uid(tables_, q.principal_type, q.principal_id, p_hash);
  index_.prefetch(principal);
  graph_.prefetch(principal);
  auto const resource = scratch.strangers.uid(tables_, q.resource_type, q.resource_id, r_hash);
  index_.prefetch(resource);
  graph_.prefetch(resource);
  auto const action = scratch.strangers.uid(tables_, q.action_type, q.action_id, a_hash);
  scratch.registers[0] = entity_cell(principal);
  scratch.registers[1] = entity_cell(action);
  scratch.registers[2] = entity_cell(resource);
  Vm vm(tables_, graph_, image_, q.context ? *q.context : no_context_, scratch);
  index_.candidates(principal, action, resource, [&](std::uint32_t number) {
    auto const& rule = rules_[number];
    if (!matches(rule.principal, principal, scratch) || !matches(rule.resource, resource, scratch))
      return;
    auto const outcome = vm.run(rule.program);
    if (outcome.failure != Failure::none) {
      scratch.errors.push_back(number);
      scratch.failures.push_back(outcome.failure);
    } else if (outcome.satisfied) {
      (rule.effect == Effect::permit ? scratch.permits : scratch.forbids).push_back(number);
    }
  });
  bool const allow = scratch.forbids.empty() && !scratch.permits.empty();
  return {.decision = allow ? Decision::allow : Decision::deny,
          .reasons = allow ? scratch.permits : scratch.forbids,
          .errors = scratch.errors,
          .failures = scratch.failures};
}

Response Snapshot::authorize(Request const& r, Scratch& scratch) const {
  auto const answer = decide({r.principal.type, r.principal.id, r.action.type, r.action.id,
                              r.resource.type, r.resource.id, &r.context},
                             scratch);
  Response out{.decision = answer.decision};
  for (auto const number : answer.reasons) out.reasons.emplace_back(ids_[number]);
  for (std::size_t i = 0; i < answer.errors.size(); ++i)
    out.errors.push_back(
        {std::string(ids_[answer.errors[i]]), std::string(message(answer.failures[i]))});
  std::sort(out.reasons.begin(), out.reasons.end());
  std::sort(out.errors.begin(), out.errors.end(),
            [](auto const& a, auto const& b) { return a.policy < b.policy; });
  return out;
}

}  // namespace reeve::cedar
