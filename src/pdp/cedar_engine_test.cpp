#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

#include "pdp/actions.hpp"
#include "pdp/context.hpp"
#include "pdp/engine_fake.hpp"

namespace reeve::pdp {
namespace {

constexpr Instant noon = from_micros(1'772'366'400'000'000);  // 2026-03-01T12:00:00Z

Request ask(std::string_view role, std::string_view action) {
  Request out{.subject = {"Token", "tok_1"}, .action = std::string(action)};
  if (!role.empty()) out.subject.parents.push_back({"Role", std::string(role)});
  out.resource = {"Estate", "all"};
  out.context =
      make_context({.peer = "10.0.0.1", .chain = {{"credential", "token:tok_1"}}}, {}, noon);
  return out;
}

struct Grant {
  std::string_view role;
  std::vector<Group> groups;
};

TEST_CASE("policies: each role may what the shipped policies say, and nothing else") {
  using enum Group;
  Grant const grants[] = {{"reader", {read}},
                          {"auditor", {read, audit}},
                          {"operator", {read, audit, operate}},
                          {"owner", {read, audit, operate, administer, Group::ask}},
                          {"enforcer", {Group::ask}},
                          {"agent", {}}};
  REQUIRE(std::size(grants) == std::size(roles));
  auto const engine = engine_of(shipped_policies());
  for (auto const& grant : grants)
    for (auto const& action : actions) {
      CAPTURE(grant.role);
      CAPTURE(action.name);
      auto const decision = engine->decide(pdp::ask(grant.role, action.name));
      CAPTURE(decision.text);
      CHECK(decision.permit ==
            (std::ranges::find(grant.groups, action.group) != grant.groups.end()));
      CHECK(decision.cause == (decision.permit ? Cause::permitted : Cause::not_permitted));
      CHECK(decision.errors.empty());
    }
}

TEST_CASE("policies: with one taken away, exactly what it permitted is denied") {
  auto const all = engine_of(shipped_policies());
  for (auto const& file : shipped_policies()) {
    CAPTURE(file.name);
    auto const less = engine_of(overlaid(shipped_policies(), {{file.name, ""}}));
    for (auto const& role : roles)
      for (auto const& action : actions) {
        CAPTURE(role.name);
        CAPTURE(action.name);
        auto const request = ask(role.name, action.name);
        auto const before = all->decide(request);
        auto const after = less->decide(request);
        bool const its = before.permit && before.reasons[0] + ".cedar" == file.name;
        CHECK(after.permit == (before.permit && !its));
        if (!its) continue;
        auto const allowed = require(after, request);
        REQUIRE_FALSE(allowed.has_value());
        CHECK(allowed.error().code() == Errc::denied);
        CHECK(allowed.error().message().starts_with(std::string(action.name) + " is denied"));
      }
  }
}

TEST_CASE("policies: each action can be taken away alone, and the denial names it") {
  for (auto const& action : actions) {
    auto const engine = engine_without({std::string(action.name)});
    for (auto const& other : actions) {
      if (other.group == Group::use) continue;
      auto const request = ask("owner", other.name);
      auto const decision = engine->decide(request);
      CHECK(decision.permit == (&other != &action));
      if (&other != &action) continue;
      CHECK(decision.cause == Cause::forbidden);
      auto const allowed = require(decision, request);
      REQUIRE_FALSE(allowed.has_value());
      CHECK(allowed.error().message().starts_with(action.name));
    }
  }
}

TEST_CASE("policies: an agent administers nothing, whatever permits it") {
  auto const engine = engine_of(
      overlaid(shipped_policies(), {{"all.cedar", "permit (principal, action, resource);"}}));
  auto request = ask("agent", "token.create");
  request.subject.type = "Agent";
  auto const decision = engine->decide(request);
  CHECK_FALSE(decision.permit);
  CHECK(decision.reasons == std::vector<std::string>{"agent-never-administers"});
  request.action = "tool.call";
  CHECK(engine->decide(request).permit);
}

TEST_CASE("engine: what cannot be decided is denied, with the reason") {
  auto const engine = engine_of(shipped_policies());
  struct Case {
    std::string name, says;
    std::function<void(Request&)> change;
  };
  Case const cases[] = {
      {"nobody asks", "nobody is asking", [](Request& r) { r.subject.id = ""; }},
      {"nothing is asked", "nothing is asked", [](Request& r) { r.action = ""; }},
      {"an action that is not", "no action", [](Request& r) { r.action = "estate.delete"; }},
      {"a group is no action", "", [](Request& r) { r.action = "read"; }},
      {"a type that is not", "no type", [](Request& r) { r.subject.type = "Root"; }},
      {"a type that is Cedar text", "no type", [](Request& r) { r.subject.type = "Token::\"a"; }},
      {"a role that is not", "no \"root\"", [](Request& r) { r.subject.parents[0].id = "root"; }},
      {"a parent of the wrong type", "cannot be in",
       [](Request& r) { r.subject.parents[0] = {"Source", "x"}; }},
      {"a resource the action has not", "not valid",
       [](Request& r) { r.resource = {"Token", "tok_2"}; }},
      {"a property of the wrong type", "name",
       [](Request& r) { r.subject.properties.add("name", 7); }},
      {"no context", "missing", [](Request& r) { r.context = Json(Json::Object{}); }},
      {"a context of the wrong type", "source",
       [](Request& r) { std::get<Json::Object>(r.context.value)[0].value = Json(7); }},
      {"an address that is none", "ip",
       [](Request& r) {
         std::get<Json::Object>(r.context.value)[0].value = Json().add("ip", "10.0.0.256");
       }},
  };
  REQUIRE(engine->decide(ask("owner", "finding.read")).permit);
  for (auto const& c : cases) {
    CAPTURE(c.name);
    auto request = ask("owner", "finding.read");
    c.change(request);
    auto const decision = engine->decide(request);
    CAPTURE(decision.text);
    CHECK_FALSE(decision.permit);
    CHECK(decision.cause == Cause::failed);
    CHECK(decision.text.contains(c.says));
    CHECK_FALSE(decision.errors.empty());
  }
}

TEST_CASE("engine: a forbid that cannot be evaluated denies, a permit that cannot does not") {
  auto const with = [](std::string const& policy) {
    return engine_of(overlaid(shipped_policies(), {{"odd.cedar", policy}}));
  };
  auto const overflow = std::string("(principal, action, resource) when { ") +
                        "context.time.dow * 9223372036854775807 + 9223372036854775807 > 0 };";
  auto const forbidden = with("forbid " + overflow)->decide(ask("owner", "finding.read"));
  CHECK_FALSE(forbidden.permit);
  CHECK(forbidden.cause == Cause::failed);
  REQUIRE(forbidden.errors.size() == 1);
  CHECK(forbidden.errors[0].policy == "odd");
  CHECK(forbidden.text.contains("odd"));
  auto const permitted = with("permit " + overflow)->decide(ask("owner", "finding.read"));
  CHECK(permitted.permit);
  CHECK(permitted.errors.size() == 1);
}

TEST_CASE("engine: an obligation nobody here knows makes a permit a denial") {
  auto const policy =
      "@obligation(\"{\\\"type\\\": \\\"step-up\\\", \\\"properties\\\": {\\\"acr_value\\\": "
      "\\\"mfa\\\"}}\")\npermit (principal, action == Action::\"tool.call\", resource);";
  auto const engine = engine_of(overlaid(shipped_policies(), {{"tools.cedar", policy}}));
  auto const request = ask("reader", "tool.call");
  auto const decision = engine->decide(request);
  CHECK(decision.permit);
  REQUIRE(decision.obligations.size() == 1);
  CHECK(decision.obligations[0].type == "step-up");
  CHECK(decision.obligations[0].properties.text_at("acr_value") == "mfa");
  CHECK(require(decision, request).error().message().contains("step-up"));
}

TEST_CASE("bundle: what is wrong is told with its file and line, and nothing of it is used") {
  auto const schema = product_schema();
  REQUIRE(schema.has_value());
  struct Case {
    std::string name, text, says;
  };
  Case const cases[] = {
      {"no policy", "permit (principal", "a.cedar:1:18: syntax"},
      {"an action that is not", "\npermit (principal, action == Action::\"sing\", resource);",
       "a.cedar:2:"},
      {"an attribute that is not",
       "permit (principal, action, resource) when { context.wether == 1 };", "wether"},
      {"a role that is not", "permit (principal in Role::\"raeder\", action, resource);", "raeder"},
      {"an optional one unguarded",
       "permit (principal, action, resource) when { context.source.ip.isLoopback() };", "source"},
      {"an id twice", "@id(\"reader\") permit (principal, action, resource);", "repeated_id"},
      {"a template", "permit (principal == ?principal, action, resource);", "template"},
      {"an obligation that is none", "@obligation(\"{}\") permit (principal, action, resource);",
       "obligation"},
  };
  for (auto const& c : cases) {
    CAPTURE(c.name);
    auto const checked = check(overlaid(shipped_policies(), {{"a.cedar", c.text}}), schema->get());
    CHECK_FALSE(checked.good());
    CHECK(checked.policies.policies().empty());
    REQUIRE_FALSE(checked.notices.empty());
    CAPTURE(to_string(checked.notices[0]));
    CHECK(to_string(checked.notices[0]).contains(c.says));
  }
  for (auto const& notice : check(shipped_policies(), schema->get()).notices)
    FAIL_CHECK(to_string(notice));
}

}  // namespace
}  // namespace reeve::pdp
