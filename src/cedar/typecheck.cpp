// Follows the reference's typechecker rule by rule (validator/typecheck.rs, 4.12), since verdicts
// have to agree. Two types of Bool hold one value each, so that what cannot be reached is not
// checked: `principal is User && principal.age > 3` is fine where the principal is no User.
//
// The reference goes on after a mistake to find more. Here the first one ends the check of the
// policy in this environment: after it the verdict is known, and what follows is often its echo.

#include "cedar/typecheck.hpp"

#include <algorithm>

#include "cedar/extension.hpp"
#include "cedar/levels.hpp"
#include "cedar/print.hpp"

namespace reeve::cedar {
namespace {

using K = Type::Kind;
using Answer = std::expected<Typed, TypeFault>;

std::unexpected<TypeFault> fault(Span span, std::string message) {
  return std::unexpected(TypeFault{span, std::move(message)});
}
Typed plain(K kind) {
  return {type_of(kind), {}};
}
Typed truth(bool yes) {
  return plain(yes ? K::yes : K::no);
}

Capabilities both(Capabilities a, Capabilities const& b) {
  a.insert(b.begin(), b.end());
  return a;
}
Capabilities common(Capabilities const& a, Capabilities const& b) {
  Capabilities out;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::inserter(out, out.end()));
  return out;
}

std::string attribute_key(Expr const& of, std::string const& attribute) {
  return "." + attribute + "\n" + to_string(of);
}
std::string tag_key(Expr const& of, Expr const& key) {
  return "[" + to_string(key) + "\n" + to_string(of);
}

bool orderable(Type const& type) {
  return type.kind == K::number ||
         (type.kind == K::extension &&
          (type.extension == Kind::datetime || type.extension == Kind::duration));
}

TypePtr result_of(Function function) {
  switch (function) {
    case Function::ip: return extension_type_of(Kind::ip);
    case Function::decimal: return extension_type_of(Kind::decimal);
    case Function::datetime:
    case Function::offset:
    case Function::to_date: return extension_type_of(Kind::datetime);
    case Function::duration:
    case Function::duration_since:
    case Function::to_time: return extension_type_of(Kind::duration);
    case Function::to_milliseconds:
    case Function::to_seconds:
    case Function::to_minutes:
    case Function::to_hours:
    case Function::to_days: return type_of(K::number);
    case Function::is_ipv4:
    case Function::is_ipv6:
    case Function::is_loopback:
    case Function::is_multicast:
    case Function::is_in_range:
    case Function::less_than:
    case Function::less_than_or_equal:
    case Function::greater_than:
    case Function::greater_than_or_equal: break;
  }
  return type_of(K::boolean);
}

TypePtr argument_of(Function function, std::size_t index) {
  auto const receiver = describe(function).receiver;
  if (receiver == Kind::text) return type_of(K::text);
  return extension_type_of(function == Function::offset && index == 1 ? Kind::duration : receiver);
}

}  // namespace

/// Names the value of an expression, or returns its fault. What is declared has no parentheses.
#define REEVE_CHECK(name, expr)                                      \
  auto name##_answer = (expr);                                       \
  if (!name##_answer) return std::unexpected(name##_answer.error()); \
  [[maybe_unused]] auto name = *std::move(name##_answer)  // NOLINT(bugprone-macro-parentheses)

Answer Typechecker::expect(Expr const& e, Capabilities const& prior, K wanted) {
  REEVE_CHECK(typed, check(e, prior));
  Type const target{.kind = wanted, .open = wanted == K::record};
  if (is_subtype(*typed.type, target, Mode::permissive)) return typed;
  return fault(e.span, "expected " + to_string(target) + ", found " + to_string(*typed.type));
}

Answer Typechecker::entity(Expr const& e, Capabilities const& prior) {
  return expect(e, prior, K::entity);
}

Answer Typechecker::check(Expr const& e, Capabilities const& prior) {
  auto answer = check_node(e, prior);
  if (record_ && answer) record_->types[&e] = answer->type;
  return answer;
}

Answer Typechecker::check_node(Expr const& e, Capabilities const& prior) {
  switch (e.op) {
    case Op::literal: return literal(e);
    case Op::slot:  // an entity the variable can be, or be in: its own type is one of those
    case Op::variable: return variable(e);
    case Op::if_then_else: return choice(e, prior);
    case Op::and_: return conjunction(e, prior);
    case Op::or_: return disjunction(e, prior);
    case Op::not_: {
      REEVE_CHECK(arg, expect(e.args[0], prior, K::boolean));
      return plain(arg.type->kind == K::yes  ? K::no
                   : arg.type->kind == K::no ? K::yes
                                             : K::boolean);
    }
    case Op::negate: {
      REEVE_CHECK(arg, expect(e.args[0], prior, K::number));
      return plain(K::number);
    }
    case Op::equal: return equality(e, prior);
    case Op::not_equal: {
      REEVE_CHECK(same, equality(e, prior));
      return plain(same.type->kind == K::yes  ? K::no
                   : same.type->kind == K::no ? K::yes
                                              : K::boolean);
    }
    case Op::less:
    case Op::less_equal:
    case Op::greater:
    case Op::greater_equal: return comparison(e, prior);
    case Op::in: return membership(e.args[0], e.args[1], e.span, prior);
    case Op::add:
    case Op::subtract:
    case Op::multiply: {
      REEVE_CHECK(left, expect(e.args[0], prior, K::number));
      REEVE_CHECK(right, expect(e.args[1], prior, K::number));
      return plain(K::number);
    }
    case Op::contains:
    case Op::contains_all:
    case Op::contains_any: return set_function(e, prior);
    case Op::is_empty: {
      REEVE_CHECK(arg, expect(e.args[0], prior, K::set));
      return plain(K::boolean);
    }
    case Op::get_tag:
    case Op::has_tag: return tag(e, prior);
    case Op::get: return get(e, prior);
    case Op::has: return has(e, prior);
    case Op::like: {
      REEVE_CHECK(arg, expect(e.args[0], prior, K::text));
      return plain(K::boolean);
    }
    case Op::is: return is(e.args[0], e.text(), prior);
    case Op::is_in: return is_in(e, prior);
    case Op::set: return set(e, prior);
    case Op::record: return record(e, prior);
    case Op::call: return call(e, prior);
  }
  return fault(e.span, "unknown operator");
}

Answer Typechecker::variable(Expr const& e) const {
  switch (std::get<Variable>(e.data)) {
    case Variable::principal: return Typed{entity_type_of(env_.principal), {}};
    case Variable::action: return Typed{entity_type_of(env_.action.type), {}};
    case Variable::resource: return Typed{entity_type_of(env_.resource), {}};
    case Variable::context: return Typed{env_.context, {}};
  }
  return fault(e.span, "unknown variable");
}

Answer Typechecker::literal(Expr const& e) const {
  auto const& value = e.value();
  if (auto const* yes = value.boolean()) return truth(*yes);
  if (value.number()) return plain(K::number);
  if (value.text()) return plain(K::text);
  auto const& uid = *value.entity();
  bool const known =
      is_action_type(uid.type) ? schema_.find(uid) != nullptr : schema_.find(uid.type) != nullptr;
  if (!known) return fault(e.span, "the schema does not know " + to_string(uid));
  return Typed{entity_type_of(uid.type), {}};
}

Answer Typechecker::choice(Expr const& e, Capabilities const& prior) {
  REEVE_CHECK(test, expect(e.args[0], prior, K::boolean));
  if (test.type->kind == K::no) return check(e.args[2], prior);
  REEVE_CHECK(yes, check(e.args[1], both(prior, test.known)));
  yes.known = both(std::move(yes.known), test.known);
  if (test.type->kind == K::yes) return yes;
  REEVE_CHECK(no, check(e.args[2], prior));
  auto type = least_upper_bound(yes.type, no.type, mode_);
  if (!type)
    return fault(e.span, "the branches have the types " + to_string(*yes.type) + " and " +
                             to_string(*no.type));
  return Typed{std::move(type), common(yes.known, no.known)};
}

Answer Typechecker::conjunction(Expr const& e, Capabilities const& prior) {
  REEVE_CHECK(left, expect(e.args[0], prior, K::boolean));
  for (std::size_t i = 1; i < e.args.size(); ++i) {
    if (left.type->kind == K::no) {
      left.known.clear();
      continue;
    }
    REEVE_CHECK(right, expect(e.args[i], both(prior, left.known), K::boolean));
    if (right.type->kind == K::no)
      left = plain(K::no);
    else if (right.type->kind == K::yes)
      left.known = both(std::move(left.known), right.known);
    else if (left.type->kind == K::yes)
      left = std::move(right);
    else
      left = {type_of(K::boolean), both(std::move(left.known), right.known)};
  }
  return left;
}

Answer Typechecker::disjunction(Expr const& e, Capabilities const& prior) {
  REEVE_CHECK(left, expect(e.args[0], prior, K::boolean));
  for (std::size_t i = 1; i < e.args.size() && left.type->kind != K::yes; ++i) {
    REEVE_CHECK(right, expect(e.args[i], prior, K::boolean));
    if (right.type->kind == K::yes || left.type->kind == K::no)
      left = std::move(right);
    else if (right.type->kind != K::no)
      left = {type_of(K::boolean), common(left.known, right.known)};
  }
  return left;
}

/// The uid an expression always has in this environment.
EntityUid const* Typechecker::known_uid(Expr const& e) const {
  if (e.op == Op::literal) return e.value().entity();
  bool const action = e.op == Op::variable && std::get<Variable>(e.data) == Variable::action;
  return action ? &env_.action : nullptr;
}

Answer Typechecker::equality(Expr const& e, Capabilities const& prior) {
  REEVE_CHECK(left, check(e.args[0], prior));
  REEVE_CHECK(right, check(e.args[1], prior));
  auto const &a = left.type->entities, &b = right.type->entities;
  bool const entities =
      left.type->kind == K::entity && right.type->kind == K::entity && !a.empty() && !b.empty();
  if (entities && std::none_of(a.begin(), a.end(), [&](auto& name) { return b.contains(name); }))
    return truth(false);
  auto const constant = [&](Expr const& side) -> std::optional<Value> {
    if (auto const* uid = known_uid(side)) return Value(*uid);
    if (side.op == Op::literal) return side.value();
    return {};
  };
  auto const x = constant(e.args[0]), y = constant(e.args[1]);
  if (x && y) return truth(*x == *y);
  if (mode_ == Mode::strict && !least_upper_bound(left.type, right.type, mode_))
    return fault(e.span, "the operands have the types " + to_string(*left.type) + " and " +
                             to_string(*right.type));
  return plain(K::boolean);
}

Answer Typechecker::comparison(Expr const& e, Capabilities const& prior) {
  REEVE_CHECK(left, check(e.args[0], prior));
  REEVE_CHECK(right, check(e.args[1], prior));
  bool const never = left.type->kind == K::never || right.type->kind == K::never;
  auto const& other = left.type->kind == K::never ? *right.type : *left.type;
  if (never ? orderable(other) : *left.type == *right.type && orderable(*left.type))
    return plain(K::boolean);
  return fault(e.span,
               "cannot compare " + to_string(*left.type) + " with " + to_string(*right.type));
}

/// Some entity of the types `a` can be in some entity of the types `b`.
bool Typechecker::may_be_within(Type const& a, Type const& b) const {
  for (auto const& low : a.entities)
    for (auto const& high : b.entities) {
      if (low == high) return true;
      auto const* info = schema_.find(low);
      if (info && info->ancestors.contains(high)) return true;
      for (auto const& [uid, action] : schema_.actions)
        if (uid.type == low && std::any_of(action.ancestors.begin(), action.ancestors.end(),
                                           [&](auto& up) { return up.type == high; }))
          return true;
    }
  return false;
}

Answer Typechecker::membership(Expr const& left, Expr const& right, Span span,
                               Capabilities const& prior) {
  REEVE_CHECK(low, entity(left, prior));
  REEVE_CHECK(high, check(right, prior));
  Type const any{.kind = K::entity};
  bool const set = high.type->kind == K::set && high.type->element &&
                   is_subtype(*high.type->element, any, Mode::permissive);
  if (!set && !is_subtype(*high.type, any, Mode::permissive))
    return fault(span, "expected an entity or a set of entities, found " + to_string(*high.type));
  auto const* uid = known_uid(left);
  if (uid && is_action_type(uid->type)) {
    std::vector<EntityUid const*> groups;
    bool constant = true;
    if (auto const* one = known_uid(right))
      groups.push_back(one);
    else if (right.op != Op::set)
      constant = false;
    else
      for (auto const& item : right.args)
        if (auto const* one_of = known_uid(item))
          groups.push_back(one_of);
        else
          constant = false;
    if (constant) {
      auto const* info = schema_.find(*uid);
      bool within = false;
      for (auto const* group : groups)
        within = within || *group == *uid || (info && info->ancestors.contains(*group));
      return truth(within);
    }
  }
  auto const& target = set ? *high.type->element : *high.type;
  bool const named =
      !low.type->entities.empty() && target.kind == K::entity && !target.entities.empty();
  if (named && !may_be_within(*low.type, target)) return truth(false);
  return plain(K::boolean);
}

Answer Typechecker::is(Expr const& of, std::string const& type, Capabilities const& prior) {
  REEVE_CHECK(arg, entity(of, prior));
  auto const& names = arg.type->entities;
  if (names.empty()) return plain(K::boolean);
  if (!names.contains(type)) return truth(false);
  return names.size() == 1 ? truth(true) : plain(K::boolean);
}

Answer Typechecker::is_in(Expr const& e, Capabilities const& prior) {
  REEVE_CHECK(left, is(e.args[0], e.text(), prior));
  if (left.type->kind == K::no) return left;
  REEVE_CHECK(right, membership(e.args[0], e.args[1], e.span, prior));
  if (right.type->kind == K::no || left.type->kind == K::yes) return right;
  return right.type->kind == K::yes ? left : plain(K::boolean);
}

Answer Typechecker::set_function(Expr const& e, Capabilities const& prior) {
  REEVE_CHECK(left, expect(e.args[0], prior, K::set));
  bool const one = e.op == Op::contains;
  REEVE_CHECK(right, one ? check(e.args[1], prior) : expect(e.args[1], prior, K::set));
  auto const& mine = one ? left.type->element : left.type;
  if (mode_ == Mode::strict && mine && !least_upper_bound(mine, right.type, mode_))
    return fault(e.span, "a set of type " + to_string(*left.type) + " cannot hold " +
                             to_string(*right.type));
  return plain(K::boolean);
}

std::vector<TypePtr> Typechecker::tags_of(Type const& type) const {
  std::vector<TypePtr> out;
  for (auto const& [name, info] : schema_.entities)
    if (info.tags && (type.entities.empty() || type.entities.contains(name)))
      out.push_back(info.tags);
  return out;
}

Answer Typechecker::tag(Expr const& e, Capabilities const& prior) {
  REEVE_CHECK(of, entity(e.args[0], prior));
  REEVE_CHECK(key, expect(e.args[1], prior, K::text));
  auto const types = tags_of(*of.type);
  auto const capability = tag_key(e.args[0], e.args[1]);
  bool const known = prior.contains(capability);
  if (e.op == Op::has_tag)
    return Typed{type_of(types.empty() ? K::no : known ? K::yes : K::boolean), {capability}};
  if (!known) return fault(e.span, "check with hasTag that the tag is there");
  if (types.empty())
    return fault(e.span, "entities of type " + to_string(*of.type) + " have no tags");
  auto bound = types[0];
  for (auto const& type : types)
    if (bound) bound = least_upper_bound(bound, type, mode_);
  if (!bound) return fault(e.span, "the tags have different types");
  return Typed{std::move(bound), {}};
}

/// Empty: none, or not of all the types it may be.
std::optional<TypeField> Typechecker::attribute_of(Type const& type,
                                                   std::string const& attribute) const {
  if (type.kind == K::record) {
    auto const it = type.fields.find(attribute);
    return it == type.fields.end() ? std::nullopt : std::optional(it->second);
  }
  std::optional<TypeField> out;
  for (auto const& name : type.entities) {
    auto const* info = schema_.find(name);
    if (!info) return {};
    auto const it = info->fields.find(attribute);
    if (it == info->fields.end()) return {};
    if (!out) {
      out = it->second;
      continue;
    }
    out->type = least_upper_bound(out->type, it->second.type, Mode::permissive);
    out->required = out->required && it->second.required;
    if (!out->type) return {};
  }
  return out;
}

bool Typechecker::may_have(Type const& type, std::string const& attribute) const {
  if (type.kind == K::never) return true;
  if (type.kind == K::record) return type.open || type.fields.contains(attribute);
  if (type.entities.empty()) return true;
  return std::any_of(type.entities.begin(), type.entities.end(), [&](auto const& name) {
    auto const* info = schema_.find(name);
    return info && info->fields.contains(attribute);
  });
}

Answer Typechecker::get(Expr const& e, Capabilities const& prior) {
  auto const& of = e.args[0];
  REEVE_CHECK(arg, check(of, prior));
  if (arg.type->kind != K::record && arg.type->kind != K::entity)
    return fault(e.span, "expected an entity or a record, found " + to_string(*arg.type));
  auto const field = attribute_of(*arg.type, e.text());
  if (!field) return fault(e.span, to_string(*arg.type) + " has no attribute " + quoted(e.text()));
  if (field->required || prior.contains(attribute_key(of, e.text()))) return Typed{field->type, {}};
  return fault(e.span, "check with `has` that the attribute " + quoted(e.text()) + " is there");
}

Answer Typechecker::has_one(Expr const& of, std::string const& attribute, Span span,
                            Capabilities const& prior) {
  REEVE_CHECK(arg, check(of, prior));
  if (arg.type->kind != K::record && arg.type->kind != K::entity && arg.type->kind != K::never)
    return fault(span, "expected an entity or a record, found " + to_string(*arg.type));
  auto const field = attribute_of(*arg.type, attribute);
  auto const capability = attribute_key(of, attribute);
  if (!field) return plain(may_have(*arg.type, attribute) ? K::boolean : K::no);
  bool const sure = prior.contains(capability) || (field->required && arg.type->kind == K::record);
  return Typed{type_of(sure ? K::yes : K::boolean), {capability}};
}

/// `x has a.b` is `x has a && x.a has b`.
Answer Typechecker::has(Expr const& e, Capabilities const& prior) {
  if (e.names().size() == 1) return has_one(e.args[0], e.names()[0], e.span, prior);
  std::vector<Expr> steps;
  auto of = e.args[0];
  for (auto const& step : e.names()) {
    steps.push_back(make_expr_with(Op::has, Names{step}, {of}, e.span));
    of = make_expr_with(Op::get, step, {of}, e.span);
  }
  auto chain = make_expr(Op::and_, std::move(steps), e.span);
  if (!record_) return conjunction(chain, prior);
  record_->made.push_back(std::move(chain));
  record_->stands_for[&e] = &record_->made.back();
  return check(record_->made.back(), prior);
}

Answer Typechecker::set(Expr const& e, Capabilities const& prior) {
  if (e.args.empty() && mode_ == Mode::strict)
    return fault(e.span, "the type of an empty set is unknown");
  auto element = type_of(K::never);
  for (auto const& arg : e.args) {
    REEVE_CHECK(item, check(arg, prior));
    auto bound = least_upper_bound(element, item.type, mode_);
    if (!bound)
      return fault(arg.span,
                   "a set of " + to_string(*element) + " cannot hold " + to_string(*item.type));
    element = std::move(bound);
  }
  return Typed{set_type_of(std::move(element)), {}};
}

Answer Typechecker::record(Expr const& e, Capabilities const& prior) {
  TypeFields fields;
  for (std::size_t i = 0; i < e.args.size(); ++i) {
    REEVE_CHECK(field, check(e.args[i], prior));
    fields[e.names()[i]] = {field.type, true};
  }
  return Typed{record_type_of(std::move(fields)), {}};
}

Answer Typechecker::call(Expr const& e, Capabilities const& prior) {
  auto const function = std::get<Function>(e.data);
  auto const info = describe(function);
  if (e.args.size() != info.arity)
    return fault(e.span,
                 std::string(info.name) + " takes " + std::to_string(info.arity) + " arguments");
  bool const constructor = info.receiver == Kind::text;
  bool const literal = e.args[0].op == Op::literal;
  if (constructor && literal && e.args[0].value().text())
    if (auto const made = call_function(function, std::span(&e.args[0].value(), 1)); !made)
      return fault(e.span, std::string(made.error().message()));
  if (constructor && !literal && mode_ == Mode::strict)
    return fault(e.span, std::string(info.name) + " takes a literal");
  for (std::size_t i = 0; i < e.args.size(); ++i) {
    REEVE_CHECK(arg, check(e.args[i], prior));
    auto const wanted = argument_of(function, i);
    if (!is_subtype(*arg.type, *wanted, Mode::permissive))
      return fault(e.args[i].span,
                   "expected " + to_string(*wanted) + ", found " + to_string(*arg.type));
  }
  return Typed{result_of(function), {}};
}

}  // namespace reeve::cedar
