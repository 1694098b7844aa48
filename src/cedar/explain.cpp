#include "cedar/explain.hpp"

#include <algorithm>

#include "cedar/conjuncts.hpp"
#include "cedar/evaluate.hpp"
#include "cedar/print.hpp"

namespace reeve::cedar {
namespace {

constexpr std::size_t unless_nearer = static_cast<std::size_t>(-1);

/// One policy against one request.
class Judge {
 public:
  Judge(Active const& active, Request const& request, Entities const& entities)
      : active_(active), look_{request, entities} {}

  std::vector<Conjunct> failing;
  std::size_t holding = 0, distance = 0;

  /// The scope, which is cheap.
  void scope() {
    auto const& policy = *active_.policy;
    auto const& request = look_.request;
    entity(Part::principal, policy.principal, request.principal, active_.principal_slot);
    action(policy.action, request.action);
    entity(Part::resource, policy.resource, request.resource, active_.resource_slot);
  }
  void conditions() {
    for (auto const& each : conjuncts_of(*active_.policy)) {
      auto found = look_.judge(each);
      if (found.holds)
        ++holding;
      else if (found.conjunct.error.empty() || !failed_condition_)
        fail(std::move(found.conjunct), 1);
    }
  }
  /// All conditions, whether they hold or not.
  std::vector<Conjunct> looked_at() {
    std::vector<Conjunct> out;
    for (auto const& each : conjuncts_of(*active_.policy))
      out.push_back(look_.judge(each).conjunct);
    return out;
  }

 private:
  void fail(Conjunct conjunct, std::size_t far) {
    failed_condition_ = failed_condition_ || far == 1;
    failing.push_back(std::move(conjunct));
    distance += far;
  }
  void entity(Part part, EntityScope const& scope, EntityUid const& uid, EntityUid const* slot) {
    if (scope.kind == EntityScope::Kind::any || look_.within(scope, uid, slot)) {
      holding += scope.kind == EntityScope::Kind::any ? 0u : 1u;
      return;
    }
    auto const* target = scope.entity ? &*scope.entity : slot;
    bool const typed = !scope.type.empty() && scope.type != uid.type;
    bool const other =
        typed || (scope.kind == EntityScope::Kind::equal && target && target->type != uid.type);
    auto const variable = std::string(name(part));
    fail({.part = part,
          .span = scope.span,
          .text = scope_text(variable, scope, slot),
          .operands = {look_.operand(variable, uid)}},
         other ? 4 : 2);
  }
  void action(ActionScope const& scope, EntityUid const& uid) {
    if (scope.kind == ActionScope::Kind::any) return;
    if (look_.within(scope, uid)) {
      ++holding;
      return;
    }
    fail({.part = Part::action,
          .span = scope.span,
          .text = scope_text(scope),
          .operands = {{.text = "action", .value = to_string(uid)}}},
         8);
  }

  Active const& active_;
  Look look_;
  bool failed_condition_ = false;
};

bool nearer(NearMiss const& a, NearMiss const& b) {
  if (a.distance != b.distance) return a.distance < b.distance;
  if (a.holding != b.holding) return a.holding > b.holding;
  return a.policy < b.policy;
}

/// The nearest few of any number of permits. A permit whose scope alone is farther than all of them
/// is not looked at closely.
class Nearest {
 public:
  explicit Nearest(std::size_t keep) : keep_(keep) {}

  void add(Active const& active, Request const& request, Entities const& entities) {
    Judge judge(active, request, entities);
    judge.scope();
    if (keep_ == 0 || judge.distance > farthest_) return;
    judge.conditions();
    if (judge.failing.empty()) return;
    misses.push_back({.policy = *active.id,
                      .source = active.policy->id,
                      .span = active.policy->span,
                      .failing = std::move(judge.failing),
                      .holding = judge.holding,
                      .distance = judge.distance});
    if (misses.size() >= 2 * keep_) cut();
  }
  void cut() {
    std::sort(misses.begin(), misses.end(), nearer);
    if (misses.size() < keep_) return;
    misses.resize(keep_);
    if (keep_ > 0) farthest_ = misses.back().distance;
  }

  std::vector<NearMiss> misses;

 private:
  std::size_t keep_, farthest_ = unless_nearer;
};

Json json_of(std::vector<Operand> const& operands) {
  Json::Array out;
  for (auto const& each : operands) {
    Json one;
    one.add("text", each.text).add("value", each.value.empty() ? Json() : Json(each.value));
    if (!each.exists) one.add("exists", false);
    out.push_back(std::move(one));
  }
  return out;
}

Json json_of(std::vector<Conjunct> const& conjuncts, std::string const& source,
             Where const& where) {
  Json::Array out;
  for (auto const& each : conjuncts) {
    Json one;
    one.add("part", name(each.part)).add("text", each.text);
    if (where) one.add("at", where(source, each.span));
    one.add("operands", json_of(each.operands));
    if (!each.error.empty()) one.add("error", each.error);
    out.push_back(std::move(one));
  }
  return out;
}

/// `context.risk is 7, context.ip is absent`.
std::string values(Conjunct const& conjunct) {
  std::string out;
  for (auto const& each : conjunct.operands) {
    out += (out.empty() ? "" : ", ") + each.text + " is ";
    out += each.value.empty() ? "absent" : each.value;
    if (!each.exists) out += " (no such entity)";
  }
  return out;
}

std::string in_words(Conjunct const& conjunct) {
  auto out = "`" + conjunct.text + "`";
  if (!conjunct.error.empty()) return out + ", which has no answer: " + conjunct.error;
  auto const found = values(conjunct);
  return found.empty() ? out : out + ", but " + found;
}

std::string joined(std::vector<std::string> const& ids) {
  std::string out;
  for (auto const& id : ids) out += (out.empty() ? "" : ", ") + id;
  return out;
}

std::string one_line(std::string text) {
  std::replace_if(text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return text;
}

}  // namespace

std::string_view name(Outcome outcome) {
  switch (outcome) {
    case Outcome::permitted: return "permitted";
    case Outcome::forbidden: return "forbidden";
    case Outcome::not_permitted: return "not_permitted";
  }
  return "";
}

std::string_view name(Part part) {
  switch (part) {
    case Part::principal: return "principal";
    case Part::action: return "action";
    case Part::resource: return "resource";
    case Part::when: return "when";
    case Part::unless: return "unless";
  }
  return "";
}

Outcome outcome_of(Response const& response) {
  if (response.decision == Decision::allow) return Outcome::permitted;
  return response.reasons.empty() ? Outcome::not_permitted : Outcome::forbidden;
}

Explanation explain(PolicySet const& policies, Request const& request, Entities const& entities,
                    ExplainOptions const& options) {
  Explanation out{.response = authorize(policies, request, entities)};
  out.outcome = outcome_of(out.response);
  auto const& reasons = out.response.reasons;
  Nearest nearest(out.outcome == Outcome::not_permitted ? options.near_misses_max : 0);
  for (auto const& active : policies.active()) {
    if (active.policy->effect == Effect::permit) {
      ++out.permits;
      nearest.add(active, request, entities);
    }
    if (std::binary_search(reasons.begin(), reasons.end(), *active.id))
      out.deciders.push_back({.policy = *active.id,
                              .source = active.policy->id,
                              .span = active.policy->span,
                              .conditions = Judge(active, request, entities).looked_at()});
  }
  nearest.cut();
  out.near_misses = std::move(nearest.misses);
  std::sort(out.deciders.begin(), out.deciders.end(),
            [](auto const& a, auto const& b) { return a.policy < b.policy; });
  return out;
}

std::string summary(Explanation const& why) {
  auto const& reasons = why.response.reasons;
  std::string out;
  switch (why.outcome) {
    case Outcome::permitted: return one_line("permitted by " + joined(reasons));
    case Outcome::forbidden:
      out = "forbidden by " + joined(reasons);
      if (!why.deciders.empty() && !why.deciders[0].conditions.empty()) {
        auto const& last = why.deciders[0].conditions.back();  // those before it often guard it
        out += ": `" + last.text + "`";
        if (auto const found = values(last); !found.empty()) out += ", as " + found;
      }
      return one_line(out);
    case Outcome::not_permitted: break;
  }
  out = "not permitted: ";
  if (why.near_misses.empty())
    return out + (why.permits == 0 ? "there is no permit" : "no permit holds");
  auto const& nearest = why.near_misses[0];
  out += nearest.policy + " needs ";
  for (std::size_t i = 0; i < nearest.failing.size(); ++i)
    out += (i > 0 ? "; and " : "") + in_words(nearest.failing[i]);
  return one_line(out);
}

Json to_json_value(Explanation const& why, Where const& where) {
  Json::Array reasons, errors, deciders, misses;
  for (auto const& id : why.response.reasons) reasons.emplace_back(id);
  for (auto const& error : why.response.errors)
    errors.push_back(Json().add("policy", error.policy).add("message", error.message));
  for (auto const& each : why.deciders) {
    Json one;
    one.add("policy", each.policy).add("source", each.source);
    if (where) one.add("at", where(each.source, each.span));
    deciders.push_back(one.add("conditions", json_of(each.conditions, each.source, where)));
  }
  for (auto const& each : why.near_misses) {
    Json one;
    one.add("policy", each.policy).add("source", each.source).add("distance", each.distance);
    if (where) one.add("at", where(each.source, each.span));
    one.add("holding", each.holding).add("failing", json_of(each.failing, each.source, where));
    misses.push_back(std::move(one));
  }
  Json out;
  out.add("decision", name(why.response.decision)).add("outcome", name(why.outcome));
  out.add("summary", summary(why)).add("reasons", std::move(reasons));
  out.add("errors", std::move(errors)).add("deciders", std::move(deciders));
  return out.add("near_misses", std::move(misses));
}

}  // namespace reeve::cedar
