#include "cedar/explain.hpp"

#include <doctest/doctest.h>

#include "cedar/entity_json.hpp"
#include "cedar/parser.hpp"

namespace reeve::cedar {
namespace {

constexpr std::string_view world = R"([
  {"uid": {"type": "Agent", "id": "ann"}, "parents": [{"type": "Team", "id": "web"}],
   "attrs": {"level": 1}, "tags": {}},
  {"uid": {"type": "Team", "id": "web"}, "parents": [], "attrs": {}},
  {"uid": {"type": "Tool", "id": "db"}, "parents": [], "attrs": {"owner": "ops"}}])";

Entities const& entities() {
  static auto const all = parse_entities(world).value();
  return all;
}

Explanation ask(std::string_view text, std::string_view context = "{}",
                ExplainOptions const& options = {}) {
  auto const policies = parse_policies(text).value();
  auto const record = record_from_json(parse_json(context).value()).value();
  Request const request{{"Agent", "ann"}, {"Action", "call"}, {"Tool", "db"}, record};
  return explain(policies, request, entities(), options);
}

TEST_CASE("explain: one line says why and with which value") {
  struct Case {
    std::string_view policies, context, want;
  };
  Case const cases[] = {
      {"permit(principal, action, resource);", "{}", "permitted by policy0"},
      {"", "{}", "not permitted: there is no permit"},
      {"permit(principal, action, resource); forbid(principal, action, resource);", "{}",
       "forbidden by policy1"},
      {"forbid(principal, action, resource) when { context.risk > 5 };", R"({"risk": 7})",
       "forbidden by policy0: `context.risk > 5`, as context.risk is 7"},
      {"forbid(principal, action, resource) unless { context.mfa };", R"({"mfa": false})",
       "forbidden by policy0: `!(context.mfa)`, as context.mfa is false"},
      {"permit(principal, action, resource) when { context.level >= 2 };", R"({"level": 1})",
       "not permitted: policy0 needs `context.level >= 2`, but context.level is 1"},
      {"permit(principal, action, resource) unless { context.blocked };", R"({"blocked": true})",
       "not permitted: policy0 needs `!(context.blocked)`, but context.blocked is true"},
      {"permit(principal, action, resource) when { context.level >= 2 };", "{}",
       "not permitted: policy0 needs `context.level >= 2`, which has no answer: the record has no "
       "attribute \"level\""},
      {"permit(principal, action, resource) when { context has ip && context.ip.isLoopback() };",
       "{}", "not permitted: policy0 needs `context has ip`, but context.ip is absent"},
      {"permit(principal in Team::\"ops\", action, resource);", "{}",
       "not permitted: policy0 needs `principal in Team::\"ops\"`, but principal is "
       "Agent::\"ann\""},
      {"permit(principal, action, resource == Tool::\"mail\") when { principal.level > 1 };", "{}",
       "not permitted: policy0 needs `resource == Tool::\"mail\"`, but resource is Tool::\"db\"; "
       "and `principal.level > 1`, but principal.level is 1"},
      {"permit(principal, action in [Action::\"a\", Action::\"b\"], resource);", "{}",
       "not permitted: policy0 needs `action in [Action::\"a\", Action::\"b\"]`, but action is "
       "Action::\"call\""},
      {"permit(principal, action, resource) when { 1 };", "{}",
       "not permitted: policy0 needs `1`, which has no answer: expected Bool, got Long"},
      {"permit(principal, action, resource) when { context.who in Team::\"web\" };",
       R"({"who": {"__entity": {"type": "Agent", "id": "gone"}}})",
       "not permitted: policy0 needs `context.who in Team::\"web\"`, but context.who is "
       "Agent::\"gone\" (no such entity)"},
      {"permit(principal, action, resource) when { context.name like \"a\\n*\" };",
       R"({"name": "x\ny"})",
       "not permitted: policy0 needs `context.name like \"a\\n*\"`, but context.name is \"x\\ny\""},
  };
  for (auto const& each : cases) CHECK(summary(ask(each.policies, each.context)) == each.want);
}

TEST_CASE("explain: joined conditions come apart, and only what does not hold is named") {
  auto const why =
      ask("permit(principal, action, resource)\n"
          "when { principal.level == 1 && (context.a == 1 && resource.owner == \"web\") }\n"
          "unless { context.b == 2 || !(context.a == 3) };",
          R"({"a": 4, "b": 2})");
  REQUIRE(why.near_misses.size() == 1);
  std::vector<std::string> texts;
  for (auto const& each : why.near_misses[0].failing) texts.push_back(each.text);
  CHECK(texts == std::vector<std::string>{"context.a == 1", "resource.owner == \"web\"",
                                          "!(context.b == 2)", "context.a == 3"});
  CHECK(why.near_misses[0].holding == 1);
  CHECK(why.near_misses[0].failing[1].span.begin == 86);
}

TEST_CASE("explain: the nearest permit comes first, and no more are kept than asked for") {
  std::string const policies =
      "permit(principal, action == Action::\"other\", resource);"             // 8
      "permit(principal is Person, action, resource);"                        // 4
      "permit(principal in Team::\"ops\", action, resource);"                 // 2
      "permit(principal, action, resource) when { context.a && context.b };"  // 2
      "permit(principal, action, resource is Tool) when { context.a };"       // 1, one holds
      "permit(principal, action, resource) when { context.a };"               // 1
      "permit(principal, action, resource) when { context has c.d };"         // 1
      "@id(\"x\") forbid(principal, action, resource) when { context.a };";
  std::string const context = R"({"a": false, "b": false})";
  std::vector<std::string> order;
  for (auto const& each : ask(policies, context, {.near_misses_max = 9}).near_misses)
    order.push_back(each.policy);
  CHECK(order == std::vector<std::string>{"policy4", "policy5", "policy6", "policy2", "policy3",
                                          "policy1", "policy0"});
  auto const few = ask(policies, context, {.near_misses_max = 2});
  REQUIRE(few.near_misses.size() == 2);
  CHECK(few.near_misses[1].policy == "policy5");
  CHECK(few.permits == 7);
  CHECK(ask(policies, context, {.near_misses_max = 0}).near_misses.empty());
}

TEST_CASE("explain: a link is named by its id and by its template, with its slot filled") {
  auto policies = parse_policies("permit(principal == ?principal, action, resource);").value();
  REQUIRE(policies.link({"link", "policy0", EntityUid{"Agent", "bob"}, {}}).has_value());
  Request const request{{"Agent", "ann"}, {"Action", "call"}, {"Tool", "db"}, {}};
  auto const why = explain(policies, request, entities());
  REQUIRE(why.near_misses.size() == 1);
  CHECK(why.near_misses[0].policy == "link");
  CHECK(why.near_misses[0].source == "policy0");
  CHECK(why.near_misses[0].failing[0].text == "principal == Agent::\"bob\"");
}

TEST_CASE("explain: a forbid that holds leaves no near misses, and shows what it saw") {
  auto const why =
      ask("permit(principal, action, resource) when { context.a };"
          "forbid(principal, action, resource) when { context.risk > 5 };",
          R"({"a": false, "risk": 9})");
  CHECK(name(why.outcome) == "forbidden");
  CHECK(why.near_misses.empty());
  REQUIRE(why.deciders.size() == 1);
  CHECK(why.deciders[0].conditions[0].operands == std::vector<Operand>{{"context.risk", "9"}});
}

TEST_CASE("explain: as JSON, with places when somebody knows them") {
  auto const why =
      ask("permit(principal, action, resource)\nwhen { context.level >= 2 };", R"({"level": 1})");
  auto const json = to_json(to_json_value(
      why, [](auto const& id, Span span) { return id + "@" + std::to_string(span.begin); }));
  CHECK(json ==
        R"({"decision":"deny","outcome":"not_permitted","summary":"not permitted: policy0 needs )"
        R"(`context.level >= 2`, but context.level is 1","reasons":[],"errors":[],"deciders":[],)"
        R"("near_misses":[{"policy":"policy0","source":"policy0","distance":1,"at":"policy0@0",)"
        R"("holding":0,"failing":[{"part":"when","text":"context.level >= 2","at":"policy0@43",)"
        R"("operands":[{"text":"context.level","value":"1"}]}]}]})");
}

TEST_CASE("explain: a long value is cut between two characters") {
  std::string long_text;
  for (int i = 0; i < 300; ++i) long_text += "é";
  auto const why = ask("permit(principal, action, resource) when { context.a == 1 };",
                       "{\"a\": \"" + long_text + "\"}");
  auto const& value = why.near_misses[0].failing[0].operands[0].value;
  CHECK(value.size() < 210);
  CHECK(is_utf8(value));
  CHECK(value.ends_with("…"));
}

}  // namespace
}  // namespace reeve::cedar
