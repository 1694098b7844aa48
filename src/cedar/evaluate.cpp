#include "cedar/evaluate.hpp"

#include "cedar/extension.hpp"

namespace reeve::cedar {
namespace {

std::unexpected<Error> bad(std::string message) {
  return fail(Errc::invalid, std::move(message));
}

std::unexpected<Error> mistyped(Value const& value, std::string_view wanted) {
  return bad("expected " + std::string(wanted) + ", got " + std::string(name(value.kind())));
}

Result<std::int64_t> checked(Op op, std::int64_t a, std::int64_t b) {
  std::int64_t out = 0;
  bool const overflow = op == Op::add        ? __builtin_add_overflow(a, b, &out)
                        : op == Op::subtract ? __builtin_sub_overflow(a, b, &out)
                                             : __builtin_mul_overflow(a, b, &out);
  if (!overflow) return out;
  return bad(std::to_string(a) + " " + std::string(sign(op)) + " " + std::to_string(b) +
             " does not fit in 64 bits");
}

bool holds(Op op, std::strong_ordering order) {
  switch (op) {
    case Op::less: return order < 0;
    case Op::less_equal: return order <= 0;
    case Op::greater: return order > 0;
    default: return order >= 0;  // greater_equal
  }
}

class Walk {
 public:
  Walk(Request const& request, Entities const& entities) : request_(request), entities_(entities) {}

  Result<Value> run(Expr const& e) {
    switch (e.op) {
      case Op::literal: return e.value();
      case Op::variable: return variable(std::get<Variable>(e.data));
      case Op::slot: return bad("a slot has no value in a condition");
      case Op::if_then_else: return run(TRY(boolean(e.args[0])) ? e.args[1] : e.args[2]);
      case Op::and_: return chain(e, /*stop_at=*/false);
      case Op::or_: return chain(e, /*stop_at=*/true);
      case Op::not_: return Value(!TRY(boolean(e.args[0])));
      case Op::negate: {
        auto const number = TRY(this->number(e.args[0]));
        return Value(TRY(checked(Op::subtract, 0, number)));
      }
      case Op::equal:
      case Op::not_equal: return equality(e);
      case Op::less:
      case Op::less_equal:
      case Op::greater:
      case Op::greater_equal: return comparison(e);
      case Op::add:
      case Op::subtract:
      case Op::multiply: return arithmetic(e);
      case Op::in: return membership(TRY(run(e.args[0])), e.args[1]);
      case Op::contains:
      case Op::contains_all:
      case Op::contains_any:
      case Op::is_empty: return set_function(e);
      case Op::get_tag:
      case Op::has_tag: return tag(e);
      case Op::get: return attribute(TRY(run(e.args[0])), e.text());
      case Op::has: return has(TRY(run(e.args[0])), e.names());
      case Op::like: return Value(matches(std::get<Pattern>(e.data), TRY(text(e.args[0]))));
      case Op::is: {
        auto const value = TRY(run(e.args[0]));
        return Value(TRY(entity(value)).type == e.text());
      }
      case Op::is_in: return is_in(e);
      case Op::set: return Value(Set(TRY(all(e.args))));
      case Op::record: return record(e);
      case Op::call: return call_function(std::get<Function>(e.data), TRY(all(e.args)));
    }
    return bad("unknown operator");
  }

  bool within(EntityUid const& a, EntityUid const& b) const {
    return a == b || entities_.is_ancestor(b, a);
  }

 private:
  Value variable(Variable v) const {
    switch (v) {
      case Variable::principal: return request_.principal;
      case Variable::action: return request_.action;
      case Variable::resource: return request_.resource;
      case Variable::context: return request_.context;
    }
    return false;
  }

  // An Expr here is evaluated; a Value already was.
  Result<bool> boolean(Expr const& e) {
    auto const value = TRY(run(e));
    if (auto const* yes = value.boolean()) return *yes;
    return mistyped(value, "Bool");
  }
  Result<std::int64_t> number(Expr const& e) {
    auto const value = TRY(run(e));
    if (auto const* number = value.number()) return *number;
    return mistyped(value, "Long");
  }
  Result<std::string> text(Expr const& e) {
    auto const value = TRY(run(e));
    if (auto const* text = value.text()) return *text;
    return mistyped(value, "String");
  }
  static Result<EntityUid> entity(Value const& value) {
    if (auto const* uid = value.entity()) return *uid;
    return mistyped(value, "an entity");
  }
  Result<Values> all(std::vector<Expr> const& exprs) {
    Values values;
    for (auto const& e : exprs) values.push_back(TRY(run(e)));
    return values;
  }

  Result<Value> chain(Expr const& e, bool stop_at) {
    for (auto const& arg : e.args) {
      auto const yes = TRY(boolean(arg));
      if (yes == stop_at) return Value(stop_at);
    }
    return Value(!stop_at);
  }

  Result<Value> equality(Expr const& e) {
    auto const a = TRY(run(e.args[0]));
    auto const b = TRY(run(e.args[1]));
    return Value((a == b) == (e.op == Op::equal));
  }

  Result<Value> comparison(Expr const& e) {
    auto const a = TRY(run(e.args[0]));
    auto const b = TRY(run(e.args[1]));
    bool const ordered =
        a.kind() == Kind::number || a.kind() == Kind::datetime || a.kind() == Kind::duration;
    if (!ordered) return mistyped(a, "Long, datetime or duration");
    if (a.kind() != b.kind()) return mistyped(b, name(a.kind()));
    return Value(holds(e.op, a <=> b));
  }

  Result<Value> arithmetic(Expr const& e) {
    auto const a = TRY(run(e.args[0]));
    auto const b = TRY(run(e.args[1]));
    if (!a.number()) return mistyped(a, "Long");
    if (!b.number()) return mistyped(b, "Long");
    return Value(TRY(checked(e.op, *a.number(), *b.number())));
  }

  Result<Value> membership(Value const& left, Expr const& right) {
    auto const target = TRY(run(right));
    auto const uid = TRY(entity(left));
    if (auto const* one = target.entity()) return Value(within(uid, *one));
    if (!target.set()) return mistyped(target, "an entity or a set of entities");
    bool found = false;
    for (auto const& item : target.set()->items()) {
      auto const other = TRY(entity(item));
      found = found || within(uid, other);
    }
    return Value(found);
  }

  Result<Value> is_in(Expr const& e) {
    auto const left = TRY(run(e.args[0]));
    auto const uid = TRY(entity(left));
    if (uid.type != e.text()) return Value(false);
    return membership(left, e.args[1]);
  }

  Result<Value> set_function(Expr const& e) {
    auto const a = TRY(run(e.args[0]));
    if (e.op == Op::is_empty) {
      if (!a.set()) return mistyped(a, "Set");
      return Value(a.set()->items().empty());
    }
    auto const b = TRY(run(e.args[1]));
    if (!a.set()) return mistyped(a, "Set");
    if (e.op == Op::contains) return Value(a.set()->contains(b));
    if (!b.set()) return mistyped(b, "Set");
    std::size_t found = 0;
    for (auto const& item : b.set()->items()) found += a.set()->contains(item) ? 1u : 0u;
    return Value(e.op == Op::contains_any ? found > 0 : found == b.set()->items().size());
  }

  Result<Value> tag(Expr const& e) {
    auto const a = TRY(run(e.args[0]));
    auto const b = TRY(run(e.args[1]));
    auto const uid = TRY(entity(a));
    if (!b.text()) return mistyped(b, "String");
    auto const* found = entities_.find(uid);
    auto const* value = found ? found->tags.find(*b.text()) : nullptr;
    if (e.op == Op::has_tag) return Value(value != nullptr);
    if (value) return *value;
    return bad(
        (found ? "the tag " + quoted(*b.text()) + " is missing on " : "there is no entity ") +
        to_string(uid));
  }

  Result<Value> attribute(Value const& of, std::string const& attribute) {
    if (auto const* record = of.record()) {
      if (auto const* value = record->find(attribute)) return *value;
      return bad("the record has no attribute " + quoted(attribute));
    }
    auto const uid = TRY(entity(of));
    auto const* found = entities_.find(uid);
    if (!found) return bad("there is no entity " + to_string(uid));
    if (auto const* value = found->attributes.find(attribute)) return *value;
    return bad("the attribute " + quoted(attribute) + " is missing on " + to_string(uid));
  }

  Result<Value> has(Value of, Names const& path) {
    for (auto const& step : path) {
      Value const* next = nullptr;
      if (auto const* record = of.record()) {
        next = record->find(step);
      } else {
        auto const* found = entities_.find(TRY(entity(of)));
        next = found ? found->attributes.find(step) : nullptr;
      }
      if (!next) return Value(false);
      of = Value(*next);
    }
    return Value(true);
  }

  Result<Value> record(Expr const& e) {
    auto values = TRY(all(e.args));
    Fields fields;
    for (std::size_t i = 0; i < values.size(); ++i)
      fields.push_back({e.names()[i], std::move(values[i])});
    return Value(Record(std::move(fields)));
  }

  Request const& request_;
  Entities const& entities_;
};

bool in_scope(EntityScope const& scope, EntityUid const& uid, EntityUid const* slot,
              Walk const& walk) {
  using Kind = EntityScope::Kind;
  if ((scope.kind == Kind::is || scope.kind == Kind::is_in) && uid.type != scope.type) return false;
  if (!scope.needs_entity()) return true;
  auto const* target = scope.entity ? &*scope.entity : slot;
  if (!target) return false;  // a template that was never linked
  return scope.kind == Kind::equal ? uid == *target : walk.within(uid, *target);
}

bool in_scope(ActionScope const& scope, EntityUid const& uid, Walk const& walk) {
  using Kind = ActionScope::Kind;
  if (scope.kind == Kind::any) return true;
  if (scope.kind == Kind::equal) return uid == scope.entities[0];
  for (auto const& entity : scope.entities)
    if (walk.within(uid, entity)) return true;
  return false;
}

}  // namespace

Result<Value> evaluate(Expr const& expr, Request const& request, Entities const& entities) {
  return Walk(request, entities).run(expr);
}

Result<Verdict> evaluate(Active const& active, Request const& request, Entities const& entities) {
  Walk walk(request, entities);
  auto const& policy = *active.policy;
  if (!in_scope(policy.principal, request.principal, active.principal_slot, walk) ||
      !in_scope(policy.action, request.action, walk) ||
      !in_scope(policy.resource, request.resource, active.resource_slot, walk))
    return Verdict::unsatisfied;
  for (auto const& condition : policy.conditions) {
    auto const value = TRY(walk.run(condition.body));
    if (!value.boolean()) return mistyped(value, "Bool");
    if (*value.boolean() == condition.unless) return Verdict::unsatisfied;
  }
  return Verdict::satisfied;
}

}  // namespace reeve::cedar
