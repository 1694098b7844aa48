#include "cedar/conjuncts.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "cedar/evaluate.hpp"
#include "cedar/print.hpp"

namespace reeve::cedar {
namespace {

constexpr std::size_t operands_max = 12;
constexpr std::size_t text_bytes_max = 200;

/// De Morgan: `!(a || b)` asks for `!a` and `!b`.
void flatten(Expr const& e, bool negated, Part part, std::vector<Needed>& out) {
  if (e.op == Op::not_) return flatten(e.args[0], !negated, part, out);
  if (e.op == (negated ? Op::or_ : Op::and_)) {
    for (auto const& arg : e.args) flatten(arg, negated, part, out);
    return;
  }
  out.push_back({&e, negated, part});
}

std::string text_of(Needed const& needed) {
  auto const text = to_string(*needed.expr);
  return shortened(needed.negated ? "!(" + text + ")" : text, text_bytes_max);
}

void add(std::vector<Operand>& out, Operand operand) {
  bool const known = std::any_of(out.begin(), out.end(),
                                 [&](auto const& each) { return each.text == operand.text; });
  if (!known && out.size() < operands_max) out.push_back(std::move(operand));
}

}  // namespace

std::vector<Needed> conjuncts_of(Policy const& policy) {
  std::vector<Needed> out;
  for (auto const& condition : policy.conditions)
    flatten(condition.body, condition.unless, condition.unless ? Part::unless : Part::when, out);
  return out;
}

std::string scope_text(std::string const& variable, EntityScope const& scope,
                       EntityUid const* slot) {
  using Scope = EntityScope::Kind;
  auto const* target = scope.entity ? &*scope.entity : slot;
  auto const uid = target ? to_string(*target) : "?" + variable;
  switch (scope.kind) {
    case Scope::any: return variable;
    case Scope::equal: return variable + " == " + uid;
    case Scope::in: return variable + " in " + uid;
    case Scope::is: return variable + " is " + scope.type;
    case Scope::is_in: return variable + " is " + scope.type + " in " + uid;
  }
  return variable;
}

std::string scope_text(ActionScope const& scope) {
  using Scope = ActionScope::Kind;
  if (scope.kind == Scope::any) return "action";
  if (scope.kind == Scope::equal) return "action == " + to_string(scope.entities[0]);
  if (scope.kind == Scope::in) return "action in " + to_string(scope.entities[0]);
  std::string out;
  for (auto const& uid : scope.entities) out += (out.empty() ? "" : ", ") + to_string(uid);
  return shortened("action in [" + out + "]", text_bytes_max);
}

bool is_path(Expr const& e) {
  if (e.op == Op::variable) return true;
  if (e.op == Op::get) return is_path(e.args[0]);
  return e.op == Op::get_tag && is_path(e.args[0]) && e.args[1].op == Op::literal;
}

Operand Look::operand(std::string text, Value const& value) const {
  Operand out{.text = std::move(text), .value = shortened(to_string(value), text_bytes_max)};
  if (auto const* uid = value.entity()) out.exists = entities.find(*uid) != nullptr;
  return out;
}

Judged Look::judge(Needed const& needed) const {
  Judged out{.conjunct = {.part = needed.part, .span = needed.expr->span, .text = text_of(needed)}};
  auto const value = evaluate(*needed.expr, request, entities);
  if (!value)
    out.conjunct.error = value.error().message();
  else if (auto const* yes = value->boolean())
    out.holds = *yes != needed.negated;
  else
    out.conjunct.error = "expected Bool, got " + std::string(name(value->kind()));
  collect(*needed.expr, out.conjunct.operands);
  return out;
}

bool Look::within(EntityScope const& scope, EntityUid const& uid, EntityUid const* slot) const {
  using Scope = EntityScope::Kind;
  if (!scope.type.empty() && uid.type != scope.type) return false;
  if (!scope.needs_entity()) return true;
  auto const* target = scope.entity ? &*scope.entity : slot;
  if (!target) return false;
  return scope.kind == Scope::equal ? uid == *target : is_within(uid, *target);
}

bool Look::within(ActionScope const& scope, EntityUid const& uid) const {
  if (scope.kind == ActionScope::Kind::any) return true;
  if (scope.kind == ActionScope::Kind::equal) return uid == scope.entities[0];
  return std::any_of(scope.entities.begin(), scope.entities.end(),
                     [&](auto const& each) { return is_within(uid, each); });
}

void Look::collect(Expr const& e, std::vector<Operand>& out) const {
  if (is_path(e)) return collect_path(e, out);
  if (e.op == Op::has || e.op == Op::has_tag) return collect_has(e, out);
  for (auto const& arg : e.args) collect(arg, out);
}

/// A path that leads nowhere is absent; what it would be part of is of no use to the reader.
void Look::collect_path(Expr const& e, std::vector<Operand>& out) const {
  auto const value = evaluate(e, request, entities);
  add(out, value ? operand(to_string(e), *value) : Operand{.text = to_string(e)});
}

/// `context has a.b` looks at `context.a.b`.
void Look::collect_has(Expr const& e, std::vector<Operand>& out) const {
  if (e.op == Op::has_tag) {
    collect_path(make_expr(Op::get_tag, e.args), out);
    return;
  }
  auto path = e.args[0];
  for (auto const& step : e.names()) path = make_expr_with(Op::get, step, {std::move(path)});
  collect_path(path, out);
}

}  // namespace reeve::cedar
