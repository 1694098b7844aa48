#include "cedar/validate.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "cedar/levels.hpp"

namespace reeve::cedar {
namespace {

/// The scope as an expression, which is how the reference checks it.
Expr scope_expr(Variable variable, EntityScope const& s) {
  using Kind = EntityScope::Kind;
  auto target =
      s.entity ? make_literal(*s.entity, s.span) : make_expr_with(Op::slot, variable, {}, s.span);
  std::vector<Expr> args;
  args.push_back(make_variable(variable, s.span));
  switch (s.kind) {
    case Kind::any: return make_literal(true, s.span);
    case Kind::is: return make_expr_with(Op::is, s.type, std::move(args), s.span);
    case Kind::equal:
      args.push_back(std::move(target));
      return make_expr(Op::equal, std::move(args), s.span);
    case Kind::in:
      args.push_back(std::move(target));
      return make_expr(Op::in, std::move(args), s.span);
    case Kind::is_in: break;
  }
  args.push_back(std::move(target));
  return make_expr_with(Op::is_in, s.type, std::move(args), s.span);
}

Expr scope_expr(ActionScope const& s) {
  using Kind = ActionScope::Kind;
  if (s.kind == Kind::any) return make_literal(true, s.span);
  std::vector<Expr> items;
  items.reserve(s.entities.size());
  for (auto const& uid : s.entities) items.push_back(make_literal(uid, s.span));
  std::vector<Expr> args;
  args.push_back(make_variable(Variable::action, s.span));
  args.push_back(s.kind == Kind::in_set ? make_expr(Op::set, std::move(items), s.span)
                                        : std::move(items[0]));
  return make_expr(s.kind == Kind::equal ? Op::equal : Op::in, std::move(args), s.span);
}

Expr whole(Policy const& policy) {
  std::vector<Expr> parts;
  parts.push_back(scope_expr(Variable::principal, policy.principal));
  parts.push_back(scope_expr(policy.action));
  parts.push_back(scope_expr(Variable::resource, policy.resource));
  for (auto const& condition : policy.conditions) {
    std::vector<Expr> body;
    body.push_back(condition.body);
    parts.push_back(condition.unless ? make_expr(Op::not_, std::move(body), condition.body.span)
                                     : std::move(body[0]));
  }
  // Not through make_expr: a condition that is itself a chain stays one part.
  Expr out{.op = Op::and_, .span = policy.span, .args = std::move(parts)};
  return out;
}

class Validator {
 public:
  Validator(Schema const& schema, ValidateOptions const& options)
      : schema_(schema), options_(options) {
    for (auto const& [name, info] : schema.entities) types_.push_back(name);
  }

  void policy(Policy const& p) {
    begin(p.id);
    literals(p.principal, p.principal.span);
    literals(p.resource, p.resource.span);
    for (auto const& uid : p.action.entities) uid_known(uid, p.action.span);
    for (auto const& condition : p.conditions) names(condition.body);
    applicable(p.principal, p.action, p.resource, nullptr, nullptr, p.span);
    environments(p);
  }

  void link(Link const& l, Policy const& base) {
    begin(l.id);
    for (auto const* slot :
         {l.principal ? &*l.principal : nullptr, l.resource ? &*l.resource : nullptr})
      if (slot && !schema_.knows_type(slot->type)) type_known(slot->type, {});
    applicable(base.principal, base.action, base.resource, l.principal ? &*l.principal : nullptr,
               l.resource ? &*l.resource : nullptr, {});
  }

  std::vector<Finding> findings;

 private:
  void begin(std::string const& id) {
    id_ = &id;
    first_ = findings.size();
  }

  void add(Severity severity, std::string code, std::string message, Span span) {
    Finding finding{severity, *id_, std::move(code), std::move(message), span};
    auto const mine = findings.begin() + static_cast<std::ptrdiff_t>(first_);
    if (std::find(mine, findings.end(), finding) == findings.end())
      findings.push_back(std::move(finding));
  }

  // ── names and literals ──

  void type_known(std::string const& type, Span span) {
    if (schema_.knows_type(type)) return;
    std::vector<std::string_view> const choices(types_.begin(), types_.end());
    auto const near = closest(type, choices);
    add(Severity::error, "unknown_type",
        "the schema has no entity type `" + type + "`" +
            (near.empty() ? "" : "; did you mean `" + std::string(near) + "`?"),
        span);
  }

  void uid_known(EntityUid const& uid, Span span) {
    if (is_action_type(uid.type)) {
      if (!schema_.find(uid))
        add(Severity::error, "unknown_action",
            "the schema has no action " + to_string(uid) + near_action(uid), span);
      return;
    }
    type_known(uid.type, span);
    auto const* info = schema_.find(uid.type);
    if (info && info->choices && !info->choices->contains(uid.id))
      add(Severity::error, "unknown_choice",
          "the enumerated type " + uid.type + " has no " + quoted(uid.id), span);
  }
  std::string near_action(EntityUid const& uid) const {
    std::vector<std::string_view> ids;
    ids.reserve(schema_.actions.size());
    for (auto const& [known, info] : schema_.actions) ids.push_back(known.id);
    auto const near = closest(uid.id, ids);
    return near.empty() ? "" : "; did you mean " + quoted(near) + "?";
  }

  void literals(EntityScope const& s, Span span) {
    if (!s.type.empty()) type_known(s.type, span);
    if (s.entity) uid_known(*s.entity, span);
  }

  void names(Expr const& e) {
    if (e.op == Op::literal && e.value().entity()) uid_known(*e.value().entity(), e.span);
    if (e.op == Op::is || e.op == Op::is_in) type_known(e.text(), e.span);
    for (auto const& arg : e.args) names(arg);
  }

  // ── is there an action it can match? ──

  bool fits(EntityScope const& s, EntityUid const* slot, std::string const& type) const {
    using Kind = EntityScope::Kind;
    auto const* entity = s.entity ? &*s.entity : slot;
    bool const typed = s.kind == Kind::is || s.kind == Kind::is_in;
    if (typed && type != s.type) return false;
    if (!s.needs_entity() || !entity) return true;
    if (s.kind == Kind::equal) return type == entity->type;
    auto const* info = schema_.find(type);
    return type == entity->type || (info && info->ancestors.contains(entity->type));
  }

  bool matches(ActionScope const& s, EntityUid const& uid, ActionInfo const& info) const {
    using Kind = ActionScope::Kind;
    if (s.kind == Kind::any) return true;
    // A group the schema does not know makes the whole list match nothing.
    if (s.kind != Kind::equal)
      for (auto const& group : s.entities)
        if (!schema_.find(group)) return false;
    return std::any_of(s.entities.begin(), s.entities.end(), [&](auto const& group) {
      return group == uid || (s.kind != Kind::equal && info.ancestors.contains(group));
    });
  }

  void applicable(EntityScope const& p, ActionScope const& a, EntityScope const& r,
                  EntityUid const* p_slot, EntityUid const* r_slot, Span span) {
    for (auto const& [uid, info] : schema_.actions) {
      if (!matches(a, uid, info)) continue;
      auto const any = [&](auto const& types, EntityScope const& scope, EntityUid const* slot) {
        return std::any_of(types.begin(), types.end(),
                           [&](auto& type) { return fits(scope, slot, type); });
      };
      if (any(info.principals, p, p_slot) && any(info.resources, r, r_slot)) return;
    }
    add(options_.no_applicable_action, "no_applicable_action",
        "no action of the schema can match this scope", span);
  }

  // ── types ──

  void environments(Policy const& p) {
    auto const expr = whole(p);
    bool possible = false;
    for (auto const& [uid, info] : schema_.actions)
      for (auto const& principal : info.principals)
        for (auto const& resource : info.resources) {
          Environment const env{principal, uid, resource, info.context};
          possible = environment(expr, env) || possible;
        }
    if (!possible)
      add(Severity::warning, "impossible_policy", "the policy can never be satisfied", p.span);
  }

  /// It may be satisfied there, or is wrong.
  bool environment(Expr const& expr, Environment const& env) {
    TypeRecord record;
    Typechecker checker(schema_, options_.mode, env, options_.level_max ? &record : nullptr);
    auto const typed = checker.check(expr, {});
    if (!typed) {
      add(Severity::error, "type", typed.error().message, typed.error().span);
      return true;
    }
    if (options_.level_max)
      for (auto const& fault : check_levels(expr, record, env, *options_.level_max))
        add(Severity::error, "level", fault.message, fault.span);
    return typed->type->kind != Type::Kind::no;
  }

  Schema const& schema_;
  ValidateOptions const& options_;
  std::vector<std::string> types_;
  std::string const* id_ = nullptr;
  std::size_t first_ = 0;  // of the findings of this policy
};

}  // namespace

std::vector<Finding> validate(PolicySet const& policies, Schema const& schema,
                              ValidateOptions const& options) {
  Validator validator(schema, options);
  for (auto const& policy : policies.policies()) validator.policy(*policy);
  for (auto const& link : policies.links()) validator.link(link, *policies.find(link.template_id));
  return std::move(validator.findings);
}

bool has_errors(std::vector<Finding> const& findings) {
  return std::any_of(findings.begin(), findings.end(),
                     [](auto& f) { return f.severity == Severity::error; });
}

}  // namespace reeve::cedar
