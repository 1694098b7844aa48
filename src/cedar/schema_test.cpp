#include "cedar/schema.hpp"

#include <doctest/doctest.h>

#include "cedar/parser.hpp"
#include "cedar/types.hpp"
#include "cedar/validate.hpp"

namespace reeve::cedar {
namespace {

constexpr std::string_view world = R"(
  @doc("people") entity User in [Group] = { age: Long, name?: String, friend?: User, ips: Set<ipaddr> } tags Set<String>;
  entity Group in Group;
  entity Color enum ["red", "green"];
  namespace N { type T = { a: Bool, "b c"?: decimal }; entity File { t: T, owner: User };
    action read, "write it" in [all] appliesTo { principal: [User], resource: File, context: { when: datetime, t?: T } };
    action all; })";

Result<Schema> schema_of(std::string_view text) {
  return resolve(TRY(parse_schema(text)));
}

TEST_CASE("schema: both forms come back from each other") {
  auto const written = parse_schema(world).value();
  auto const json = to_schema_json(written);
  CHECK(to_schema_json(parse_schema(to_string(written)).value()) == json);
  CHECK(to_schema_json(schema_from_json(json).value()) == json);
  auto const schema = resolve(written).value();
  auto const from_json = resolve(schema_from_json(json).value()).value();
  CHECK(from_json.entities.size() == schema.entities.size());
  CHECK(schema.find(EntityUid{"N::Action", "write it"})->ancestors.contains({"N::Action", "all"}));
  CHECK(schema.find("N::File")->fields.at("t").type->fields.at("b c").required == false);
}

TEST_CASE("schema: what is refused") {
  std::string_view const cases[] = {
      "entity",
      "entity U",
      "entity U; entity U;",
      "entity U in [G];",
      "entity U { a: Nope };",
      "entity U { a: Long, a: Long };",
      "entity U { a: Set<Long };",
      "entity Action;",
      "entity U enum [];",
      "entity in;",
      "type Long = String;",
      "type T = T;",
      "type A = { b: B }; type B = Set<A>;",
      "type T = Long; entity U = T;",
      "entity U = {} tags Nope;",
      "namespace N { entity U; } namespace N { entity V; }",
      "entity U; namespace N { entity U; }",
      "action a in [b];",
      "action a in [b]; action b in [a];",
      "action a in a;",
      "action a; action a;",
      "entity U; action a appliesTo { principal: U };",
      "entity U; action a appliesTo { principal: [], resource: U };",
      "entity U; action a appliesTo { principal: U, principal: U, resource: U };",
      "entity U; action a appliesTo { principal: U, resource: U, context: Set<Long> };",
      "type T = Long; entity U; action a appliesTo { principal: U, resource: U, context: T };",
      "action a appliesTo { principal: V, resource: V };",
      "namespace __cedar { entity U; }",
      "@a @a entity U;",
      "entity U \x01;",
  };
  for (auto const& text : cases) {
    CAPTURE(text);
    CHECK_FALSE(schema_of(text).has_value());
  }
  std::string deep = "entity U { a: ";
  for (int i = 0; i < 10'000; ++i) deep += "Set<";
  CHECK_FALSE(schema_of(deep).has_value());
}

TEST_CASE("schema: JSON that is refused") {
  std::string_view const cases[] = {
      "[]",
      R"({"": {}})",
      R"({"": {"entityTypes": {}, "actions": {}, "x": 1}})",
      R"({"": {"entityTypes": {"U": {"shape": {"type": "Set", "element": {"type": "Long"}}}}, "actions": {}}})",
      R"({"": {"entityTypes": {"U": {"shape": {"type": "Record"}}}, "actions": {}}})",
      R"({"": {"entityTypes": {"U": {"shape": {"type": "Record", "attributes": {"a": {"type": "Nope"}}}}}, "actions": {}}})",
      R"({"": {"entityTypes": {"U": {"memberOfTypes": ["V"]}}, "actions": {}}})",
      R"({"": {"entityTypes": {"U": {"enum": []}}, "actions": {}}})",
      R"({"": {"entityTypes": {"if": {}}, "actions": {}}})",
      R"({"": {"entityTypes": {}, "actions": {"a": {"appliesTo": {"principalTypes": []}}}}})",
      R"({"": {"entityTypes": {}, "actions": {"a": {"memberOf": [{"id": "b"}]}}}})",
      R"({"a b": {"entityTypes": {}, "actions": {}}})",
  };
  for (auto const& text : cases) {
    CAPTURE(text);
    auto const written = schema_from_json(parse_json(text).value());
    CHECK_FALSE((written && resolve(*written)));
  }
}

std::string code_of(std::string_view policy, ValidateOptions const& options = {}) {
  static auto const schema = schema_of(world).value();
  auto const findings = validate(parse_policies(policy).value(), schema, options);
  return findings.empty() ? "" : findings[0].code;
}

TEST_CASE("validate: strict and permissive") {
  struct Case {
    std::string_view condition;
    std::string_view strict, permissive;
  };
  Case const cases[] = {
      {"true", "", ""},
      {"principal.age > 3 && resource.owner == principal", "", ""},
      {"principal.age > context.when", "type", "type"},
      {"principal.nope", "type", "type"},
      {"principal.name == \"x\"", "type", "type"},
      {"principal has name && principal.name == \"x\"", "", ""},
      {"principal has name || principal.name == \"x\"", "type", "type"},
      {"principal has friend.name && principal.friend.name like \"a*\"", "", ""},
      {"if principal has name then principal.name == \"x\" else false", "", ""},
      {"principal is User && principal.age == 1", "", ""},
      {"principal is Group && principal.nope", "impossible_policy", "impossible_policy"},
      {"[].isEmpty()", "type", ""},
      {"[1, \"a\"].isEmpty()", "type", "type"},
      {"[principal, resource].contains(principal)", "type", ""},
      {"1 == \"a\"", "impossible_policy", "impossible_policy"},
      {"principal.age == \"a\"", "type", ""},
      {"principal == resource", "impossible_policy", "impossible_policy"},
      {"principal.hasTag(\"a\") && principal.getTag(\"a\").contains(\"x\")", "", ""},
      {"principal.getTag(\"a\").contains(\"x\")", "type", "type"},
      {"resource.hasTag(\"a\")", "impossible_policy", "impossible_policy"},
      {"principal.ips.contains(ip(\"::1\"))", "", ""},
      {"principal.ips.contains(ip(\"x\"))", "type", "type"},
      {"ip(principal.name).isIpv4()", "type", "type"},
      {"principal has name && ip(principal.name).isIpv4()", "type", ""},
      {"context has t && context.t.a", "", ""},
      {"principal == Nope::\"x\"", "unknown_type", "unknown_type"},
      {"principal is Nope", "unknown_type", "unknown_type"},
      {"Color::\"blue\" == Color::\"red\"", "unknown_choice", "unknown_choice"},
      {"action in N::Action::\"nope\"", "unknown_action", "unknown_action"},
      {"action in N::Action::\"all\"", "", ""},
  };
  for (auto const& c : cases) {
    CAPTURE(c.condition);
    auto const policy =
        "permit(principal, action, resource) when { " + std::string(c.condition) + " };";
    CHECK(code_of(policy) == c.strict);
    CHECK(code_of(policy, {.mode = Mode::permissive}) == c.permissive);
  }
}

TEST_CASE("validate: levels count the entities looked into") {
  struct Case {
    std::string_view condition;
    unsigned level;  ///< The lowest it passes at; 99: none.
  };
  Case const cases[] = {
      {"context.when > datetime(\"2024-01-01\") && principal is User", 0},
      {"context has t && context.t.a", 0},
      {"principal == User::\"x\"", 0},
      {"principal.age > 5", 1},
      {"principal has friend", 1},
      {"principal in Group::\"g\"", 1},
      {"principal.hasTag(\"a\") && principal.getTag(\"a\").contains(\"b\")", 1},
      {"resource.owner in Group::\"g\"", 2},
      {"resource.owner.age > 1", 2},
      {"principal has friend.name", 2},
      {"principal has friend && principal.friend.ips.isEmpty()", 2},
      {"{a: resource.owner, b: principal}.b.age == 1", 1},
      {"{a: resource.owner, b: principal}.a.age == 1", 2},
      {"(if principal.age == 1 then resource.owner else principal).age == 2", 2},
      {"User::\"x\".age == 1", 99},
      {"User::\"x\" in Group::\"g\"", 99},
      {"principal is Group && principal.nope", 0},
  };
  for (auto const& c : cases) {
    CAPTURE(c.condition);
    auto const policy =
        "permit(principal, action, resource) when { " + std::string(c.condition) + " };";
    auto const passes = [&](unsigned level) {
      return code_of(policy, {.level_max = level}) != "level";
    };
    CHECK(passes(c.level) == (c.level != 99));
    if (c.level > 0) CHECK_FALSE(passes(c.level == 99 ? 50 : c.level - 1));
  }
}

TEST_CASE("validate: scopes, templates and links") {
  CHECK(code_of("permit(principal == Group::\"g\", action, resource);") == "no_applicable_action");
  CHECK(
      code_of(
          "permit(principal in Group::\"g\", action == N::Action::\"read\", resource is N::File);")
          .empty());
  CHECK(code_of("permit(principal in ?principal, action, resource == ?resource);").empty());
  auto const schema = schema_of(world).value();
  auto set = parse_policies("permit(principal in ?principal, action, resource);").value();
  REQUIRE(set.link({.id = "good", .template_id = "policy0", .principal = EntityUid{"Group", "g"}})
              .has_value());
  REQUIRE(set.link({.id = "bad", .template_id = "policy0", .principal = EntityUid{"N::File", "f"}})
              .has_value());
  auto const findings = validate(set, schema);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].policy == "bad");
  ValidateOptions const newer{.no_applicable_action = Severity::warning};
  CHECK_FALSE(has_errors(validate(set, schema, newer)));
}

}  // namespace
}  // namespace reeve::cedar
