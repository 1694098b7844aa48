#include "cedar/parser.hpp"

#include <doctest/doctest.h>

namespace reeve::cedar {
namespace {

/// A policy with this condition.
std::string when(std::string_view condition) {
  return "permit(principal, action, resource) when { " + std::string(condition) + " };";
}

TEST_CASE("parser: what is a policy") {
  std::string_view const good[] = {
      "",
      "// only a comment",
      "permit(principal, action, resource);",
      "permit(principal, action, resource,);",
      ("permit(principal == User::\"a\", action in [Action::\"x\", NS::Action::\"y\",], resource "
       "in "
       "R::\"\");"),
      "permit(principal is A::B in User :: \"a\", action, resource is R);",
      "@a @b(\"x\") @if(\"\") forbid(principal, action, resource);",
      "permit(principal == ?principal, action, resource is T in ?resource);",
      "permit(principal == ((U::\"a\")), action in [(Action::\"a\")], resource in (?resource));",
      "permit(principal, action in [], resource);",
      "permit(principal, action, resource) when { true } unless { false } when { 1 == 1 };",
      "permit(principal, action, resource) when { context.permit && context.principal };",
      "permit(principal, action, resource) when { context.when };",
  };
  for (auto const& text : good) {
    CAPTURE(text);
    auto const set = parse_policies(text);
    if (!set) MESSAGE(set.error().to_string());
    CHECK(set.has_value());
  }
}

TEST_CASE("parser: what is none, and where the mistake is") {
  struct Case {
    std::string_view text;
    std::string_view want;  ///< Start of the first message.
  };
  Case const cases[] = {
      {"permt(principal, action, resource);",
       "1:1: syntax: expected `permit` or `forbid`, found `permt`; did you mean `permit`?"},
      {"permit(principal, action, resource)", "1:36: syntax: expected `;`"},
      {"permit(action, principal, resource);", "1:8: syntax: the scope is"},
      {"permit(principal, action);", "1:25: syntax: expected `,`"},
      {"permit(principal, action, resource, context);", "1:37: syntax: expected `)`"},
      {"permit(principal = U::\"a\", action, resource);",
       "1:18: syntax: `=` cannot stand in the scope"},
      {"permit(principal is U == U::\"a\", action, resource);",
       "1:23: syntax: `is` cannot be combined"},
      {"permit(principal, action is A, resource);", "1:26: syntax: `is` cannot stand"},
      {"permit(principal in [U::\"a\"], action, resource);", "1:21: syntax: only the action"},
      {"permit(principal, action == U::\"a\", resource);", "1:29: action_type"},
      {"permit(principal, action == ?action, resource);",
       "1:29: syntax: an action cannot be a slot"},
      {"permit(principal == ?resource, action, resource);", "1:21: slot: only ?principal"},
      {"@a @a permit(principal, action, resource);", "1:5: duplicate_annotation"},
      {"permit(principal, action, resource) when {};", "1:43: syntax: the condition is empty"},
      {"permit(principal, action, resource) whenn { true };", "1:37: syntax: expected `when`"},
      {"permit(principal == if::\"a\", action, resource);", "1:21: reserved"},
      {"permit(principal == __cedar::U::\"a\", action, resource);", "1:21: reserved"},
      {"permit(principal, action, resource);\n\"x", "2:1: syntax: the string that starts here"},
      {"permit(principal, action, resource); #", "1:38: syntax: the character \"#\""},
  };
  for (auto const& c : cases) {
    CAPTURE(c.text);
    auto const set = parse_policies(c.text);
    REQUIRE_FALSE(set.has_value());
    CHECK(set.error().message().substr(0, c.want.size()) == c.want);
  }
}

TEST_CASE("parser: expressions that are none") {
  std::string_view const bad[] = {
      "1 < 2 < 3",
      "1 == 2 == 3",
      "a",
      "principle",
      "9223372036854775808",
      "-9223372036854775809",
      "context.if",
      "context has if",
      "context has like",
      "{if: 1}",
      "{a: 1, a: 2}",
      "{\"a\": 1, a: 2}",
      "context.__cedar",
      "!!!!!true",
      "-----1",
      "!-1",
      "-!true",
      "1 / 2",
      "1 % 2",
      "1 = 1",
      "1 |= 2",
      "true && if true then true else true",
      "if true then true",
      "foo(1)",
      "contains([1], 1)",
      "isIpv4(ip(\"\"))",
      "principal(1)",
      "context.contains()",
      "[1].contains(1, 2)",
      "context.foo()",
      "\"a\".ip()",
      "context like 1",
      "context like \"a\" like \"b\"",
      "\"\\*\"",
      "\"\\q\"",
      "\"\\x80\"",
      "\"\\u{D800}\"",
      "\"\\u{110000}\"",
      "\"\\u{}\"",
      "\"\r\"",
      "\"\\u{_1}\"",
      "\"a\" like \"\r\"",
      "context[1]",
      "context[\"a\" + \"b\"]",
      "?principal",
      "A::B",
      "A::b(1)",
      "U::{a: 1}",
      "context has A::b",
      "context has 1",
      "context has a.\"b\"",
      "context is U::\"a\"",
      "(1",
      "[1",
      "{a: 1",
      "1 1",
      "ip(\"a\")(1)",
      "()",
      ";",
      "principal::action",
  };
  for (auto const& text : bad) {
    CAPTURE(text);
    CHECK_FALSE(parse_policies(when(text)).has_value());
    CHECK_FALSE(parse_expression(text).has_value());
  }
}

TEST_CASE("parser: expressions that are") {
  std::string_view const good[] = {
      "-9223372036854775808",
      "-(-9223372036854775808)",
      "- - - - 1",
      "!!!!true",
      "[1, 2,]",
      "{a: 1,}",
      "{\"if\": 1, principal: 2}",
      "context.a.b[\"if\"].c",
      "context has a.b.c",
      "context has \"a b\"",
      "\"\\u{1F600}\\x7f\\0\\'\\\"\\\\\"",
      "\"line\nbreak\"",
      "\"a\" like \"a\\**\"",
      "principal is A::B in [principal]",
      "ip(\"1.2.3.4\").isInRange(ip(\"1.0.0.0/8\"))",
      "ip()",
      "ip(1, 2)",
      "principal.hasTag(\"a\" + \"b\")",
      "permit::\"x\" == when::\"y\"",
      "if true then 1 else if false then 2 else 3",
      "(if true then 1 else 2) + 3",
      "principal has principal",
      "1 in [2]",
      "U :: \"a\" == U::\"a\"",
      "5.a",
      "\"x\".a",
      "-5.a",
  };
  for (auto const& text : good) {
    CAPTURE(text);
    auto const expr = parse_expression(text);
    if (!expr) MESSAGE(expr.error().to_string());
    CHECK(expr.has_value());
  }
}

TEST_CASE("parser: a file shows the errors of all its policies") {
  auto const parsed = parse_policies_with_errors(
      "permit(principal, action, resource) when { contxt.a };\n"
      "permit(principal, action resource);\n"
      "permit(principal, action, resource);\n"
      "permit(principal, action, resource) when { ip(\"a\").isLopback() && decimla(\"1.0\") };\n");
  REQUIRE(parsed.errors.size() == 4);
  CHECK(parsed.errors[0].message == "there is no variable `contxt`; did you mean `context`?");
  CHECK(parsed.errors[1].code == "syntax");
  CHECK(parsed.errors[2].message == "there is no method `isLopback`; did you mean `isLoopback`?");
  CHECK(parsed.errors[3].message == "there is no function `decimla`; did you mean `decimal`?");
  CHECK(parsed.policies.size() == 4);
}

TEST_CASE("parser: ten thousand levels are an error, not a crash") {
  auto const repeat = [](std::string_view s) {
    std::string out;
    for (int i = 0; i < 10'000; ++i) out += s;
    return out;
  };
  std::string const texts[] = {
      repeat("("),
      repeat("["),
      repeat("{a:"),
      repeat("!("),
      repeat("-("),
      repeat("if "),
      repeat("ip("),
      "context" + repeat(".a"),
      "1" + repeat(" + 1"),
      "true" + repeat(" && (true"),
      "context has a" + repeat(".a"),
  };
  for (auto const& text : texts) {
    CAPTURE(text.substr(0, 20));
    CHECK_FALSE(parse_expression(text).has_value());
    CHECK_FALSE(parse_policies(when(text)).has_value());
  }
}

TEST_CASE("parser: a chain of ten thousand alternatives is one flat node") {
  std::string text = "true";
  for (int i = 0; i < 10'000; ++i) text += " || false";
  auto const expr = parse_expression(text);
  REQUIRE(expr.has_value());
  CHECK(expr->args.size() == 10'001);
  CHECK(expr->depth == 2);
  CHECK(parse_expression("(true && false) && true").value() ==
        parse_expression("true && false && true").value());
  CHECK_FALSE(parse_expression("true && (false && true)").value() ==
              parse_expression("true && false && true").value());
}

TEST_CASE("parser: a text of 100 MB is refused by its length") {
  auto const set = parse_policies(std::string(100'000'000, ' '));
  REQUIRE_FALSE(set.has_value());
  CHECK(set.error().message().contains("too_long"));
}

TEST_CASE("parser: what is not UTF-8 is refused, NUL has no meaning") {
  CHECK_FALSE(parse_policies("// \xED\xA0\x80").has_value());
  CHECK_FALSE(parse_policies(std::string_view("\0", 1)).has_value());
  CHECK(parse_entity_uid("U::\"\\0\"")->id == std::string(1, '\0'));
}

TEST_CASE("policy set: ids are unique over policies, templates and links") {
  auto set = parse_policies(
                 "permit(principal, action, resource);"
                 "permit(principal == ?principal, action, resource);")
                 .value();
  EntityUid const user{"User", "a"};
  CHECK(set.link({.id = "link", .template_id = "policy1", .principal = user}).has_value());
  CHECK(set.link({.id = "link", .template_id = "policy1", .principal = user}).error().code() ==
        Errc::conflict);
  CHECK(set.link({.id = "x", .template_id = "policy1"}).error().code() == Errc::invalid);
  CHECK(set.link({.id = "x", .template_id = "policy1", .principal = user, .resource = user})
            .error()
            .code() == Errc::invalid);
  CHECK(set.link({.id = "x", .template_id = "policy0", .principal = user}).error().code() ==
        Errc::not_found);
  CHECK(set.link({.id = "policy0", .template_id = "policy1", .principal = user}).error().code() ==
        Errc::conflict);
  CHECK(set.active().size() == 2);
  CHECK(set.remove("policy1").error().code() == Errc::conflict);
  CHECK(set.remove("link").has_value());
  CHECK(set.remove("policy0").has_value());
  CHECK(set.find("policy1") != nullptr);
  CHECK(set.active().empty());
}

}  // namespace
}  // namespace reeve::cedar
