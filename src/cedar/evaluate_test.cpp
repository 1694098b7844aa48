#include "cedar/evaluate.hpp"

#include <doctest/doctest.h>

#include "cedar/authorize.hpp"
#include "cedar/entity_json.hpp"
#include "cedar/parser.hpp"

namespace reeve::cedar {
namespace {

constexpr std::string_view world = R"([
  {"uid": {"type": "User", "id": "a"}, "parents": [{"type": "Group", "id": "g"}],
   "attrs": {"age": 5, "r": {"x": {"y": 1}}, "friend": {"__entity": {"type": "User", "id": "b"}}},
   "tags": {"color": "red"}},
  {"uid": {"type": "Group", "id": "g"}, "parents": [{"type": "Group", "id": "gone"}], "attrs": {}}])";

Result<Value> value_of(std::string_view text) {
  static auto const entities = parse_entities(world).value();
  static Request const request{{"User", "a"}, {"Action", "x"}, {"File", "f"}, {}};
  return evaluate(TRY(parse_expression(text)), request, entities);
}

TEST_CASE("evaluate: what is true") {
  std::string_view const cases[] = {
      "1 == 1",
      "!(1 == \"1\")",
      "false && 1 || true",
      "true || false && 1",
      "\"a*b\" like \"a\\*b\"",
      "!(\"aXb\" like \"a\\*b\")",
      "\"abcabc\" like \"a*bc\"",
      "\"\" like \"*\"",
      "!(\"ab\" like \"ab*b\")",
      "[1, 2, 2] == [2, 1]",
      "{a: 1, b: 2} == {b: 2, a: 1}",
      "[].containsAll([])",
      "![].containsAny([])",
      "[].isEmpty()",
      "[[1], {a: 2}].contains({a: 2})",
      "[1, \"a\"].containsAny([\"a\"])",
      "-(3) == 0 - 3",
      "principal in principal",
      "principal in Group::\"g\"",
      "principal in Group::\"gone\"",
      "principal in [Group::\"no\", Group::\"g\"]",
      "!(principal in [])",
      "!(Group::\"gone\" in Group::\"g\")",
      "principal is User",
      "!(principal is Group in 1)",
      "principal is User in Group::\"g\"",
      "principal has age",
      "!(principal has x)",
      "principal has r.x.y",
      "!(principal has r.z.y)",
      "!(User::\"no\" has age)",
      "principal.hasTag(\"color\")",
      "principal.getTag(\"color\") == \"red\"",
      "!User::\"no\".hasTag(\"color\")",
      "principal.friend == User::\"b\"",
      "!(principal.friend has age)",
      "ip(\"10.0.0.1\") == ip(\"10.0.0.1/32\")",
      "ip(\"::1\").isIpv6() && !ip(\"::1\").isIpv4()",
      "decimal(\"1.0\") == decimal(\"1.0000\")",
      "decimal(\"1.0\").lessThan(decimal(\"1.1\"))",
      "datetime(\"2024-01-01\") < datetime(\"2024-01-02\")",
      "duration(\"1h\") == duration(\"60m\")",
      "duration(\"-90m\").toHours() == -1",
      "datetime(\"1969-12-31T23:00:00Z\").toTime() == duration(\"23h\")",
      "datetime(\"2024-01-02\").durationSince(datetime(\"2024-01-01\")).toDays() == 1",
      "datetime(\"2024-01-01\").offset(duration(\"1d\")).toDate() == datetime(\"2024-01-02\")",
      "if true then true else 1",
      "9223372036854775806 + 1 == 9223372036854775807",
      "2 * 3 - 1 > 4 && 1 >= 1",
      "[ip(\"1.1.1.1\")].contains(ip(\"1.1.1.1/32\"))",
      "context == {}",
      "1 != 2",
  };
  for (auto const& text : cases) {
    CAPTURE(text);
    auto const value = value_of(text);
    if (!value) MESSAGE(value.error().to_string());
    CHECK((value && *value == Value(true)));
  }
}

TEST_CASE("evaluate: what is an error") {
  std::string_view const cases[] = {
      "true && 1",
      "1 && true",
      "false || 1",
      "1 || true",
      "!1",
      "-true",
      "-(-9223372036854775808)",
      "9223372036854775807 + 1",
      "0 - 9223372036854775807 - 2",
      "9223372036854775807 * 2",
      "1 + \"a\"",
      "\"a\" < \"b\"",
      "decimal(\"1.0\") < decimal(\"2.0\")",
      "1 < duration(\"1s\")",
      "{a: 1} has a.b",
      "1 has a",
      "context.a",
      "context.a.b",
      "User::\"no\".a",
      "principal.nope",
      "1 in principal",
      "principal in 1",
      "principal in [principal, 1]",
      "1.contains(1)",
      "[1].containsAll(1)",
      "1.isEmpty()",
      "principal.getTag(\"nope\")",
      "User::\"no\".getTag(\"a\")",
      "principal.hasTag(1)",
      "context.hasTag(\"a\")",
      "1 like \"a\"",
      "1 is User",
      "ip(\"\")",
      "ip(1)",
      "ip()",
      "ip(\"::1\", \"::1\")",
      "decimal(\"1\")",
      "duration(\"\")",
      "duration(\"2h1d\")",
      "ip(\"::1\").lessThan(ip(\"::1\"))",
      "ip(\"::1\").isInRange(1)",
      "if 1 then true else true",
      "datetime(\"1970-01-01\").offset(duration(\"-9223372036854775808ms\")).toDate()",
      "datetime(\"1970-01-01\").offset(1)",
  };
  for (auto const& text : cases) {
    CAPTURE(text);
    CHECK(parse_expression(text).has_value());
    CHECK_FALSE(value_of(text).has_value());
  }
}

TEST_CASE("authorize: forbid beats permit, errors decide nothing, both lists are ids") {
  struct Case {
    std::string_view policies;
    Decision decision;
    std::vector<std::string> reasons, errors;
  };
  Case const cases[] = {
      {"", Decision::deny, {}, {}},
      {"permit(principal, action, resource);", Decision::allow, {"policy0"}, {}},
      {"permit(principal, action, resource); forbid(principal, action, resource);",
       Decision::deny,
       {"policy1"},
       {}},
      {"permit(principal, action, resource); forbid(principal, action, resource) when { 1 };",
       Decision::allow,
       {"policy0"},
       {"policy1"}},
      {"permit(principal, action, resource) unless { context.a };",
       Decision::deny,
       {},
       {"policy0"}},
      {"permit(principal in Group::\"g\", action == Action::\"x\", resource is File);",
       Decision::allow,
       {"policy0"},
       {}},
      {"permit(principal is User in Group::\"gone\", action in [Action::\"y\", Action::\"x\"], "
       "resource);",
       Decision::allow,
       {"policy0"},
       {}},
      {"permit(principal == ?principal, action, resource);", Decision::deny, {}, {}},
  };
  auto const entities = parse_entities(world).value();
  Request const request{{"User", "a"}, {"Action", "x"}, {"File", "f"}, {}};
  for (auto const& c : cases) {
    CAPTURE(c.policies);
    auto const response = authorize(parse_policies(c.policies).value(), request, entities);
    CHECK(response.decision == c.decision);
    CHECK(response.reasons == c.reasons);
    std::vector<std::string> errors;
    for (auto const& e : response.errors) errors.push_back(e.policy);
    CHECK(errors == c.errors);
  }
}

TEST_CASE("authorize: a link decides under its own id") {
  auto set =
      parse_policies("permit(principal in ?principal, action, resource == ?resource);").value();
  REQUIRE(set.link({"l1", "policy0", EntityUid{"Group", "g"}, EntityUid{"File", "f"}}).has_value());
  REQUIRE(set.link({"l2", "policy0", EntityUid{"Group", "h"}, EntityUid{"File", "f"}}).has_value());
  Request const request{{"User", "a"}, {"Action", "x"}, {"File", "f"}, {}};
  auto const response = authorize(set, request, parse_entities(world).value());
  CHECK(response.reasons == std::vector<std::string>{"l1"});
}

TEST_CASE("entity json: what is refused") {
  std::string_view const cases[] = {
      "{}",
      "[{}]",
      R"([{"uid": "User::\"a\"", "attrs": {}, "parents": []}])",
      R"([{"uid": {"type": "User"}, "attrs": {}, "parents": []}])",
      R"([{"uid": {"type": "Us er", "id": "a"}, "attrs": {}, "parents": []}])",
      R"([{"uid": {"type": "A::__cedar", "id": "a"}, "attrs": {}, "parents": []}])",
      R"([{"uid": {"type": "User", "id": "a"}, "parents": []}])",
      R"([{"uid": {"type": "User", "id": "a"}, "attrs": {}}])",
      R"([{"uid": {"type": "User", "id": "a"}, "attrs": {"x": null}, "parents": []}])",
      R"([{"uid": {"type": "User", "id": "a"}, "attrs": {"x": 1.5}, "parents": []}])",
      R"([{"uid": {"type": "User", "id": "a"}, "attrs": {"x": 9223372036854775808}, "parents": []}])",
      R"([{"uid": {"type": "User", "id": "a"}, "attrs": {"x": 1, "x": 1}, "parents": []}])",
      R"([{"uid": {"type": "User", "id": "a"}, "attrs": {"x": {"__extn": {"fn": "ip", "arg": "?"}}}, "parents": []}])",
      R"([{"uid": {"type": "User", "id": "a"}, "attrs": {"x": {"__extn": {"fn": "no", "arg": "?"}}}, "parents": []}])",
      R"([{"uid": {"type": "User", "id": "a"}, "attrs": {"x": {"__expr": "1"}}, "parents": []}])",
      R"([{"uid": {"type": "User", "id": "a"}, "attrs": {"x": "\ud800"}, "parents": []}])",
      R"([{"uid": {"type": "User", "id": "a"}, "attrs": {}, "parents": [{"type": "User", "id": "a"}]}])",
      R"([{"uid": {"type": "U", "id": "a"}, "attrs": {}, "parents": [{"type": "U", "id": "b"}]},
          {"uid": {"type": "U", "id": "b"}, "attrs": {}, "parents": [{"type": "U", "id": "a"}]}])",
      R"([{"uid": {"type": "U", "id": "a"}, "attrs": {}, "parents": []},
          {"uid": {"type": "U", "id": "a"}, "attrs": {"x": 1}, "parents": []}])",
  };
  for (auto const& text : cases) {
    CAPTURE(text);
    CHECK_FALSE(parse_entities(text).has_value());
  }
  CHECK_FALSE(parse_entities(std::string(10'000, '[')).has_value());
}

TEST_CASE("entity json: what is read, and written back") {
  auto const json = parse_json(R"([
    {"uid": {"__entity": {"type": "U", "id": ""}}, "attrs": {
       "i": -9223372036854775808, "e": {"__entity": {"type": "N::U", "id": "x"}}, "s": [2, 1, [true]],
       "ip": {"__extn": {"fn": "ip", "arg": "10.0.0.0/8"}}, "d": {"__extn": {"fn": "decimal", "arg": "1.50"}},
       "t": {"__extn": {"fn": "offset", "args": [{"__extn": {"fn": "datetime", "arg": "2024-01-01"}},
                                                {"__extn": {"fn": "duration", "arg": "1h"}}]}},
       "r": {"fn": "ip", "arg": "x"}}, "parents": [{"type": "U", "id": "p"}], "tags": {"k": {"a": []}}, "other": null},
    {"uid": {"type": "U", "id": "twin"}, "attrs": {}, "parents": []},
    {"uid": {"type": "U", "id": "twin"}, "attrs": {}, "parents": []}])");
  auto const entities = entities_from_json(json.value());
  if (!entities) MESSAGE(entities.error().to_string());
  REQUIRE(entities.has_value());
  CHECK(entities->all().size() == 2);
  auto const* entity = entities->find({"U", ""});
  REQUIRE(entity);
  CHECK(entity->attributes.find("i")->number()[0] == INT64_MIN);
  CHECK(entity->attributes.find("t")->datetime()->ms == 1'704'070'800'000);
  CHECK(entity->attributes.find("r")->record() != nullptr);
  auto const again = entities_from_json(to_json_value(*entities)).value();
  CHECK(again.all() == entities->all());
}

TEST_CASE("entities: a long chain of parents is closed") {
  std::vector<Entity> chain;
  for (int i = 0; i < 400; ++i)
    chain.push_back({{"U", std::to_string(i)}, {}, {{"U", std::to_string(i + 1)}}, {}});
  auto const entities = Entities::make(std::move(chain)).value();
  CHECK(entities.is_ancestor({"U", "400"}, {"U", "0"}));
  CHECK_FALSE(entities.is_ancestor({"U", "0"}, {"U", "400"}));
}

}  // namespace
}  // namespace reeve::cedar
