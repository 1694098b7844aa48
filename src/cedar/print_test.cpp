#include "cedar/print.hpp"

#include <doctest/doctest.h>

#include "cedar/parser.hpp"
#include "cedar/policy_json.hpp"

namespace reeve::cedar {
namespace {

TEST_CASE("print: parentheses stand where the grammar needs them, and only there") {
  struct Case {
    std::string_view text;
    std::string_view want;  ///< Empty: the same.
  };
  Case const cases[] = {
      {"1 + 2 * 3 - 4", ""},
      {"(1 + 2) * 3", ""},
      {"1 - (2 - 3)", ""},
      {"(1 - 2) - 3", "1 - 2 - 3"},
      {"(true && false) && true || (false || true)", "true && false && true || (false || true)"},
      {"!(1 == 2) && !true && !(!true)", ""},
      {"-(5) == -5 && -(-5) == 5 && -context.a == 1 && (-5).a", ""},
      {"- - 5 == 5", "-(-5) == 5"},
      {"(if true then 1 else 2) + 3 == (if false then if true then 1 else 2 else 3)", ""},
      {"context.a[\"b c\"][\"if\"].d", ""},
      {"context[\"a\"]", "context.a"},
      {"context has a.b && context has \"a b\"", ""},
      {"principal is A::B in [principal, U::\"\\\"\"]", ""},
      {"(principal is U) == true", ""},
      {"{a: 1, \"b c\": [1, {}], \"if\": 2}", ""},
      {"\"a*\" like \"a\\**\\u{202e}\"", ""},
      {"ip(\"::1\").isInRange(ip(\"::/0\")) && [1].containsAll([]) && [].isEmpty()", ""},
      {"\"\\u{7f}\\0\\n\\r\\t\\\\é😀\" == \"\"", ""},
  };
  for (auto const& c : cases) {
    CAPTURE(c.text);
    auto const expr = parse_expression(c.text).value();
    CHECK(to_string(expr) == (c.want.empty() ? c.text : c.want));
    CHECK(parse_expression(to_string(expr)).value() == expr);
  }
}

TEST_CASE("print: a policy comes back from its text and from its JSON") {
  std::string_view const policies[] = {
      "@a @b(\"\\\"\") permit(principal is A::B in U::\"x\", action in [Action::\"a\", "
      "N::Action::\"b\"], resource == R::\"r\");",
      "forbid(principal == ?principal, action == Action::\"a\", resource is R in ?resource) when { "
      "1 == 1 } unless { -5 < 3 };",
      "permit(principal in ?principal, action in Action::\"a\", resource) when { context has a.b "
      "&& \"x\" like \"*\\**\" };",
      "permit(principal, action in [], resource) when { ip(\"1.1.1.1\").isIpv4() && "
      "[decimal(\"1.0\"), {\"a b\": 1}].isEmpty() };",
  };
  for (auto const& text : policies) {
    CAPTURE(text);
    auto const policy = parse_policy(text, "p").value();
    CHECK(parse_policy(to_string(policy), "p").value().same_as(policy));
    auto const json = to_policy_json(policy).value();
    CHECK(policy_from_json(parse_json(to_json(json), policy_json_limits).value(), "p")
              .value()
              .same_as(policy));
  }
}

TEST_CASE("policy json: the form the reference writes") {
  auto const policy = parse_policy(
      "@a permit(principal == ?principal, action in [Action::\"x\"], resource is R in ?resource)"
      "when { context has a.b && \"x\" like \"é*\" };",
      "p");
  CHECK(
      to_json(to_policy_json(policy.value()).value()) ==
      R"({"effect":"permit","principal":{"op":"==","slot":"?principal"},)"
      R"("action":{"op":"in","entities":[{"type":"Action","id":"x"}]},)"
      R"("resource":{"op":"is","entity_type":"R","in":{"slot":"?resource"}},)"
      R"("conditions":[{"kind":"when","body":{"&&":{"left":{"has":{"left":{"Var":"context"},"attr":["a","b"]}},)"
      R"("right":{"like":{"left":{"Value":"x"},"pattern":[{"Literal":"é"},"Wildcard"]}}}}}],"annotations":{"a":null}})");
}

TEST_CASE("policy json: sets with templates and links come back") {
  auto set = parse_policies(
                 "permit(principal, action, resource);"
                 "permit(principal == ?principal, action, resource in ?resource);")
                 .value();
  REQUIRE(set.link({"l", "policy1", EntityUid{"U", "u"}, EntityUid{"R", "r"}}).has_value());
  auto const json = to_policy_json(set).value();
  auto const again = policy_set_from_json(json).value();
  CHECK(again.links() == set.links());
  CHECK(to_policy_json(again).value() == json);
}

TEST_CASE("policy json: what is refused") {
  auto const policy = [](std::string_view body) {
    return R"({"effect":"permit","principal":{"op":"All"},"action":{"op":"All"},"resource":{"op":"All"},"conditions":[{"kind":"when","body":)" +
           std::string(body) + "}]}";
  };
  std::string const cases[] = {
      "{}",
      "[]",
      R"({"effect":"permit","principal":{"op":"All"},"action":{"op":"All"},"resource":{"op":"All"},"conditions":[],"x":1})",
      R"({"effect":"allow","principal":{"op":"All"},"action":{"op":"All"},"resource":{"op":"All"},"conditions":[]})",
      R"({"effect":"permit","principal":{"op":"=="},"action":{"op":"All"},"resource":{"op":"All"},"conditions":[]})",
      R"({"effect":"permit","principal":{"op":"==","slot":"?resource"},"action":{"op":"All"},"resource":{"op":"All"},"conditions":[]})",
      R"({"effect":"permit","principal":{"op":"All"},"action":{"op":"==","entity":{"type":"U","id":"x"}},"resource":{"op":"All"},"conditions":[]})",
      R"({"effect":"permit","principal":{"op":"is","entity_type":"if"},"action":{"op":"All"},"resource":{"op":"All"},"conditions":[]})",
      policy("{}"),
      policy(R"({"Value": null})"),
      policy(R"({"Value": 1.5})"),
      policy(R"({"Slot": "?principal"})"),
      policy(R"({"Var": "foo"})"),
      policy(R"({"foo": []})"),
      policy(R"({"!": {"arg": {"Value": 1}, "x": 1}})"),
      policy(R"({"==": {"left": {"Value": 1}}})"),
      policy(
          R"({"==": {"left": {"Value": 1}, "right": {"Value": 1}}, "!": {"arg": {"Value": 1}}})"),
      policy(R"({"has": {"left": {"Var": "context"}, "attr": []}})"),
      policy(R"({"like": {"left": {"Var": "context"}, "pattern": ["Wild"]}})"),
      policy(R"({"ip": {"left": {"Value": 1}}})"),
  };
  for (auto const& text : cases) {
    CAPTURE(text);
    CHECK_FALSE(policy_from_json(parse_json(text).value(), "p").has_value());
  }
}

TEST_CASE("policy json: ten thousand levels are an error both ways") {
  std::string deep = R"({"Value": true})";
  for (int i = 0; i < 10'000; ++i) deep = R"({"!":{"arg":)" + deep + "}}";
  CHECK_FALSE(parse_json(deep, policy_json_limits).has_value());
  std::string chain = "true";
  for (int i = 0; i < 10'000; ++i) chain += " && true";
  CHECK(to_policy_json(parse_expression(chain).value()).error().code() == Errc::unsupported);
  CHECK(to_string(parse_expression(chain).value()) == chain);
}

}  // namespace
}  // namespace reeve::cedar
