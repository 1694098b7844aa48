#include "cedar/policy_json.hpp"

#include <algorithm>
#include <initializer_list>

#include "cedar/entity_json.hpp"
#include "cedar/print.hpp"

namespace reeve::cedar {
namespace {

constexpr std::uint16_t tree_depth_max = 1000;
constexpr std::size_t json_depth_max = 1900;

// ── to JSON ──

Json object(std::string key, Json value) {
  Json out;
  out.add(std::move(key), std::move(value));
  return out;
}

class Writer {
 public:
  Result<Json> expr(Expr const& e) {
    // A comb is as deep as it has teeth.
    auto const levels = (e.op == Op::and_ || e.op == Op::or_ ? e.args.size() : 1) * 2 + 1;
    if (depth_ + levels > json_depth_max)
      return fail(Errc::unsupported, "the policy nests too deeply for its JSON form");
    depth_ += levels;
    auto out = node(e);
    depth_ -= levels;
    return out;
  }

 private:
  Result<Json> node(Expr const& e) {
    auto const key = std::string(sign(e.op));
    switch (e.op) {
      case Op::literal: return object("Value", to_json_value(e.value()));
      case Op::variable: return object("Var", name(std::get<Variable>(e.data)));
      case Op::slot: return object("Slot", "?" + std::string(name(std::get<Variable>(e.data))));
      case Op::if_then_else: {
        Json out;
        out.add("if", TRY(expr(e.args[0]))).add("then", TRY(expr(e.args[1])));
        return object(key, out.add("else", TRY(expr(e.args[2]))));
      }
      case Op::and_:
      case Op::or_: return comb(e);
      case Op::not_:
      case Op::negate:
      case Op::is_empty: return object(key, object("arg", TRY(expr(e.args[0]))));
      case Op::equal:
      case Op::not_equal:
      case Op::less:
      case Op::less_equal:
      case Op::greater:
      case Op::greater_equal:
      case Op::in:
      case Op::add:
      case Op::subtract:
      case Op::multiply:
      case Op::contains:
      case Op::contains_all:
      case Op::contains_any:
      case Op::get_tag:
      case Op::has_tag: {
        auto left = object("left", TRY(expr(e.args[0])));
        return object(key, left.add("right", TRY(expr(e.args[1]))));
      }
      case Op::get: {
        auto left = object("left", TRY(expr(e.args[0])));
        return object(key, left.add("attr", e.text()));
      }
      case Op::has: {
        auto left = object("left", TRY(expr(e.args[0])));
        Json path = e.names()[0];
        if (e.names().size() > 1) path = Json::Array(e.names().begin(), e.names().end());
        return object(key, left.add("attr", std::move(path)));
      }
      case Op::like: {
        auto left = object("left", TRY(expr(e.args[0])));
        return object(key, left.add("pattern", pattern(std::get<Pattern>(e.data))));
      }
      case Op::is:
      case Op::is_in: {
        auto left = object("left", TRY(expr(e.args[0])));
        left.add("entity_type", e.text());
        if (e.op == Op::is_in) left.add("in", TRY(expr(e.args[1])));
        return object(key, std::move(left));
      }
      case Op::set: return object(key, TRY(all(e.args)));
      case Op::record: {
        Json fields{Json::Object{}};
        for (std::size_t i = 0; i < e.args.size(); ++i)
          fields.add(e.names()[i], TRY(expr(e.args[i])));
        return object(key, std::move(fields));
      }
      case Op::call:
        return object(std::string(describe(std::get<Function>(e.data)).name), TRY(all(e.args)));
    }
    return fail(Errc::internal, "unknown operator");
  }

  Result<Json> comb(Expr const& e) {
    auto out = TRY(expr(e.args[0]));
    for (std::size_t i = 1; i < e.args.size(); ++i) {
      auto sides = object("left", std::move(out));
      sides.add("right", TRY(expr(e.args[i])));
      out = object(std::string(sign(e.op)), std::move(sides));
    }
    return out;
  }

  Result<Json> all(std::vector<Expr> const& exprs) {
    Json::Array items;
    for (auto const& e : exprs) items.push_back(TRY(expr(e)));
    return Json(std::move(items));
  }

  /// One element a character, as the reference writes it.
  static Json pattern(Pattern const& p) {
    Json::Array out;
    for (std::size_t i = 0; i < p.pieces.size(); ++i) {
      if (i > 0) out.push_back("Wildcard");
      for (std::string_view rest = p.pieces[i]; !rest.empty();) {
        auto const size = first_scalar(rest).second;
        out.push_back(object("Literal", rest.substr(0, size)));
        rest.remove_prefix(size);
      }
    }
    return out;
  }

  std::size_t depth_ = 0;
};

Json scope_json(std::string_view variable, EntityScope const& s) {
  using Kind = EntityScope::Kind;
  Json target = s.entity ? object("entity", to_json_value(*s.entity))
                         : object("slot", "?" + std::string(variable));
  switch (s.kind) {
    case Kind::any: return object("op", "All");
    case Kind::equal:
    case Kind::in: {
      auto out = object("op", s.kind == Kind::equal ? "==" : "in");
      for (auto const& [key, value] : *target.object()) out.add(key, value);
      return out;
    }
    case Kind::is:
    case Kind::is_in: break;
  }
  auto out = object("op", "is");
  out.add("entity_type", s.type);
  if (s.kind == Kind::is_in) out.add("in", std::move(target));
  return out;
}

Json scope_json(ActionScope const& s) {
  using Kind = ActionScope::Kind;
  if (s.kind == Kind::any) return object("op", "All");
  auto out = object("op", s.kind == Kind::equal ? "==" : "in");
  if (s.kind != Kind::in_set) return out.add("entity", to_json_value(s.entities[0]));
  Json::Array list;
  for (auto const& uid : s.entities) list.push_back(to_json_value(uid));
  return out.add("entities", std::move(list));
}

// ── from JSON ──

std::unexpected<Error> bad(std::string message) {
  return fail(Errc::invalid, std::move(message));
}

/// The object has exactly the members of `wanted`, and of `optional` those it likes.
Result<> check_members(Json const& json, std::initializer_list<std::string_view> wanted,
                       std::initializer_list<std::string_view> optional = {}) {
  if (!json.object()) return bad("expected an object");
  for (auto const key : wanted)
    if (!json.find(key)) return bad("the member " + quoted(key) + " is missing");
  auto const in = [](auto const& list, std::string_view key) {
    return std::find(list.begin(), list.end(), key) != list.end();
  };
  for (auto const& [key, value] : *json.object())
    if (!in(wanted, key) && !in(optional, key))
      return bad("the member " + quoted(key) + " is unknown");
  return {};
}

Result<std::string> text_member(Json const& json, std::string_view key) {
  auto const* text = json.find(key)->text();
  if (!text) return bad("the member " + quoted(key) + " must be text");
  return *text;
}

Result<std::string> type_member(Json const& json) {
  auto type = TRY(text_member(json, "entity_type"));
  if (!is_name(type)) return bad(quoted(type) + " is no name of an entity type");
  return type;
}

Result<Expr> build(Op op, std::vector<Expr> args) {
  auto out = make_expr(op, std::move(args));
  if (out.depth > tree_depth_max) return bad("nested too deeply");
  return out;
}

template <class Data>
Result<Expr> build_with(Op op, Data data, std::vector<Expr> args) {
  auto out = TRY(build(op, std::move(args)));
  out.data = std::move(data);
  return out;
}

Result<std::vector<Expr>> members(Json const& json, std::initializer_list<std::string_view> keys) {
  std::vector<Expr> out;
  for (auto const key : keys)
    out.push_back(TRY_DURING(expr_from_json(*json.find(key)), "read `" + std::string(key) + "`"));
  return out;
}

Result<std::vector<Expr>> items(Json const& json) {
  std::vector<Expr> out;
  if (!json.array()) return bad("expected an array of expressions");
  for (auto const& item : *json.array()) out.push_back(TRY(expr_from_json(item)));
  return out;
}

Result<Variable> variable_named(std::string_view text) {
  for (auto const v :
       {Variable::principal, Variable::action, Variable::resource, Variable::context})
    if (name(v) == text) return v;
  return bad("there is no variable " + quoted(text));
}

Result<Expr> has_from_json(Json const& json) {
  TRY(check_members(json, {"left", "attr"}));
  auto const* attr = json.find("attr");
  Names path;
  if (attr->text()) path.push_back(*attr->text());
  if (attr->array())
    for (auto const& step : *attr->array()) {
      if (!step.text()) return bad("a path of `has` is text");
      path.push_back(*step.text());
    }
  if (path.empty() || path.size() > depth_max) return bad("`has` takes an attribute or a path");
  return build_with(Op::has, std::move(path), TRY(members(json, {"left"})));
}

Result<Expr> like_from_json(Json const& json) {
  TRY(check_members(json, {"left", "pattern"}));
  auto const* list = json.find("pattern")->array();
  if (!list) return bad("`pattern` is an array");
  Pattern pattern;
  for (auto const& part : *list) {
    auto const* literal = part.find("Literal");
    if (part.text() && *part.text() == "Wildcard")
      pattern.pieces.emplace_back();
    else if (literal && literal->text() && part.object()->size() == 1)
      pattern.pieces.back() += *literal->text();
    else
      return bad(R"(a part of a pattern is "Wildcard" or {"Literal": "…"})");
  }
  return build_with(Op::like, std::move(pattern), TRY(members(json, {"left"})));
}

Result<Expr> is_from_json(Json const& json) {
  TRY(check_members(json, {"left", "entity_type"}, {"in"}));
  auto type = TRY(type_member(json));
  if (json.find("in"))
    return build_with(Op::is_in, std::move(type), TRY(members(json, {"left", "in"})));
  return build_with(Op::is, std::move(type), TRY(members(json, {"left"})));
}

Result<Expr> record_from(Json const& json) {
  if (!json.object()) return bad("`Record` holds an object");
  Names names;
  std::vector<Expr> args;
  for (auto const& [key, value] : *json.object()) {
    names.push_back(key);
    args.push_back(TRY(expr_from_json(value)));
  }
  return build_with(Op::record, std::move(names), std::move(args));
}

/// A literal value. Sets, records and extension values become the expressions that make them.
Result<Expr> value_from(Json const& json) {
  auto const value = TRY(value_from_json(json));
  return to_expr(value);
}

Result<Expr> plain(Op op, Json const& json) {
  switch (op) {
    case Op::not_:
    case Op::negate:
    case Op::is_empty:
      TRY(check_members(json, {"arg"}));
      return build(op, TRY(members(json, {"arg"})));
    default: break;  // all others here have two sides
  }
  TRY(check_members(json, {"left", "right"}));
  return build(op, TRY(members(json, {"left", "right"})));
}

Result<EntityUid> uid_member(Json const& json, std::string_view key) {
  return TRY_DURING(entity_uid_from_json(*json.find(key)), "read `" + std::string(key) + "`");
}

/// The `entity` or the slot of the variable, into `out`.
Result<> target(Json const& json, std::string_view variable, EntityScope& out) {
  auto const* slot = json.find("slot");
  if (!slot) {
    out.entity = TRY(uid_member(json, "entity"));
    return {};
  }
  if (slot->text() && *slot->text() == "?" + std::string(variable)) return {};
  return bad("only ?" + std::string(variable) + " can stand here");
}

Result<EntityScope> entity_scope(Json const& json, std::string_view variable) {
  using Kind = EntityScope::Kind;
  EntityScope out;
  auto const op = json.text_at("op");
  auto const which = json.find("slot") ? "slot" : "entity";
  if (op == "All" || op == "all") {
    TRY(check_members(json, {"op"}));
  } else if (op == "==" || op == "in") {
    TRY(check_members(json, {"op", which}));
    out.kind = op == "==" ? Kind::equal : Kind::in;
    TRY(target(json, variable, out));
  } else if (op == "is") {
    TRY(check_members(json, {"op", "entity_type"}, {"in"}));
    out.type = TRY(type_member(json));
    auto const* in = json.find("in");
    out.kind = in ? Kind::is_in : Kind::is;
    if (in) {
      TRY(check_members(*in, {in->find("slot") ? "slot" : "entity"}));
      TRY(target(*in, variable, out));
    }
  } else {
    return bad("`op` is one of All, ==, in, is");
  }
  return out;
}

Result<EntityUid> action_uid(Json const& json) {
  auto uid = TRY(entity_uid_from_json(json));
  if (uid.type == "Action" || uid.type.ends_with("::Action")) return uid;
  return bad("the type of an action ends in `Action`, not " + quoted(uid.type));
}

Result<ActionScope> action_scope(Json const& json) {
  using Kind = ActionScope::Kind;
  ActionScope out;
  auto const op = json.text_at("op");
  if (op == "All" || op == "all") {
    TRY(check_members(json, {"op"}));
  } else if (op == "in" && json.find("entities")) {
    TRY(check_members(json, {"op", "entities"}));
    out.kind = Kind::in_set;
    auto const* list = json.find("entities")->array();
    if (!list) return bad("`entities` is an array");
    for (auto const& item : *list) out.entities.push_back(TRY(action_uid(item)));
  } else if (op == "==" || op == "in") {
    TRY(check_members(json, {"op", "entity"}));
    out.kind = op == "==" ? Kind::equal : Kind::in;
    out.entities.push_back(TRY(action_uid(*json.find("entity"))));
  } else {
    return bad("`op` of an action is one of All, ==, in");
  }
  return out;
}

Result<std::vector<Annotation>> annotations(Json const* json) {
  std::vector<Annotation> out;
  if (!json) return out;
  if (!json->object()) return bad("`annotations` is an object");
  for (auto const& [key, value] : *json->object()) {
    if (!is_identifier(key)) return bad(quoted(key) + " cannot be the key of an annotation");
    if (!value.is_null() && !value.text()) return bad("an annotation is text or null");
    out.push_back({key, value.text() ? std::optional(*value.text()) : std::nullopt});
  }
  return out;
}

Result<std::vector<Condition>> conditions(Json const& json) {
  std::vector<Condition> out;
  if (!json.array()) return bad("`conditions` is an array");
  for (auto const& item : *json.array()) {
    TRY(check_members(item, {"kind", "body"}));
    auto const kind = item.text_at("kind");
    if (kind != "when" && kind != "unless") return bad("`kind` is when or unless");
    auto body = TRY_DURING(expr_from_json(*item.find("body")), "read a condition");
    out.push_back({kind == "unless", std::move(body)});
  }
  return out;
}

}  // namespace

Result<Json> to_policy_json(Expr const& expr) {
  return Writer().expr(expr);
}

Result<Json> to_policy_json(Policy const& policy) {
  Json out;
  out.add("effect", name(policy.effect));
  out.add("principal", scope_json("principal", policy.principal));
  out.add("action", scope_json(policy.action));
  out.add("resource", scope_json("resource", policy.resource));
  Json::Array conditions;
  for (auto const& condition : policy.conditions) {
    auto one = object("kind", condition.unless ? "unless" : "when");
    conditions.push_back(one.add("body", TRY(to_policy_json(condition.body))));
  }
  out.add("conditions", std::move(conditions));
  if (policy.annotations.empty()) return out;
  Json notes;
  for (auto const& a : policy.annotations) notes.add(a.key, a.value ? Json(*a.value) : Json());
  return out.add("annotations", std::move(notes));
}

Result<Json> to_policy_json(PolicySet const& set) {
  Json statics{Json::Object{}}, templates{Json::Object{}};
  for (auto const& policy : set.policies())
    (policy->is_template() ? templates : statics).add(policy->id, TRY(to_policy_json(*policy)));
  Json::Array links;
  for (auto const& link : set.links()) {
    Json values{Json::Object{}};
    if (link.principal) values.add("?principal", to_json_value(*link.principal));
    if (link.resource) values.add("?resource", to_json_value(*link.resource));
    Json one;
    one.add("templateId", link.template_id).add("newId", link.id).add("values", std::move(values));
    links.push_back(std::move(one));
  }
  Json out;
  out.add("staticPolicies", std::move(statics)).add("templates", std::move(templates));
  return out.add("templateLinks", std::move(links));
}

Result<Expr> expr_from_json(Json const& json) {
  if (!json.object() || json.object()->size() != 1)
    return bad("an expression is an object with one member");
  auto const& [key, value] = json.object()->front();
  if (key == "Value") return value_from(value);
  if (key == "Var") return make_variable(TRY(variable_named(value.text() ? *value.text() : "")));
  if (key == "Slot") return bad("a slot can stand in the scope alone");
  if (key == "Set") return build(Op::set, TRY(items(value)));
  if (key == "Record") return record_from(value);
  if (key == "has") return has_from_json(value);
  if (key == "like") return like_from_json(value);
  if (key == "is") return is_from_json(value);
  if (key == ".") {
    TRY(check_members(value, {"left", "attr"}));
    auto attribute = TRY(text_member(value, "attr"));
    return build_with(Op::get, std::move(attribute), TRY(members(value, {"left"})));
  }
  if (key == "if-then-else") {
    TRY(check_members(value, {"if", "then", "else"}));
    return build(Op::if_then_else, TRY(members(value, {"if", "then", "else"})));
  }
  for (auto op = static_cast<int>(Op::and_); op <= static_cast<int>(Op::has_tag); ++op)
    if (sign(static_cast<Op>(op)) == key) return plain(static_cast<Op>(op), value);
  if (auto const* function = find_function(key))
    return build_with(Op::call, *function, TRY(items(value)));
  return bad("there is no operator or function " + quoted(key));
}

Result<Policy> policy_from_json(Json const& json, std::string id) {
  Policy out{.id = std::move(id)};
  TRY(check_members(json, {"effect", "principal", "action", "resource", "conditions"},
                    {"annotations"}));
  auto const effect = json.text_at("effect");
  if (effect != "permit" && effect != "forbid") return bad("`effect` is permit or forbid");
  out.effect = effect == "permit" ? Effect::permit : Effect::forbid;
  out.principal =
      TRY_DURING(entity_scope(*json.find("principal"), "principal"), "read `principal`");
  out.action = TRY_DURING(action_scope(*json.find("action")), "read `action`");
  out.resource = TRY_DURING(entity_scope(*json.find("resource"), "resource"), "read `resource`");
  out.conditions = TRY(conditions(*json.find("conditions")));
  out.annotations = TRY(annotations(json.find("annotations")));
  return out;
}

namespace {

Result<> add_policies(Json const* json, bool templates, PolicySet& out) {
  if (!json) return {};
  if (!json->object()) return bad("policies are an object from id to policy");
  for (auto const& [id, value] : *json->object()) {
    auto policy = TRY_DURING(policy_from_json(value, id), "read policy " + quoted(id));
    if (policy.is_template() != templates)
      return bad("policy " + quoted(id) + (templates ? " has no slot" : " has a slot"));
    TRY(out.add(std::move(policy)));
  }
  return {};
}

Result<> add_link(Json const& json, PolicySet& out) {
  TRY(check_members(json, {"templateId", "newId", "values"}));
  Link link;
  link.id = TRY(text_member(json, "newId"));
  link.template_id = TRY(text_member(json, "templateId"));
  auto const* values = json.find("values");
  TRY(check_members(*values, {}, {"?principal", "?resource"}));
  if (values->find("?principal")) link.principal = TRY(uid_member(*values, "?principal"));
  if (values->find("?resource")) link.resource = TRY(uid_member(*values, "?resource"));
  return out.link(std::move(link));
}

}  // namespace

Result<PolicySet> policy_set_from_json(Json const& json) {
  PolicySet out;
  TRY(check_members(json, {}, {"staticPolicies", "templates", "templateLinks"}));
  TRY(add_policies(json.find("staticPolicies"), /*templates=*/false, out));
  TRY(add_policies(json.find("templates"), /*templates=*/true, out));
  auto const* links = json.find("templateLinks");
  if (!links) return out;
  if (!links->array()) return bad("`templateLinks` is an array");
  for (auto const& link : *links->array()) TRY(add_link(link, out));
  return out;
}

}  // namespace reeve::cedar
