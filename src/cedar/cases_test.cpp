#include "cedar/cases.hpp"

#include <doctest/doctest.h>

#include "cedar/entity_json.hpp"
#include "cedar/parser.hpp"

namespace reeve::cedar {
namespace {

constexpr std::string_view head =
    "policies: [p.cedar]\n"
    "entities:\n"
    "  - {uid: {type: Agent, id: ann}, attrs: {level: 2}, parents: [{type: Team, id: web}]}\n"
    "defaults:\n"
    "  principal: Agent::\"ann\"\n"
    "  action: Action::\"call\"\n"
    "  resource: Tool::\"db\"\n"
    "  context: {a: {b: 1, c: yes}, n: \"5\"}\n"
    "cases:\n";

/// What the first case did not get, as "code: message".
std::string run(std::string_view policies, std::string const& one) {
  auto const file = parse_cases(std::string(head) + one);
  if (!file) return std::string(file.error().message());
  auto const entities = entities_from_json(file->entities).value();
  std::string out;
  for (auto const& each :
       run_case(file->cases[0], parse_policies(policies).value(), {}, file->entities, entities))
    out += each.code + ": " + each.message;
  return out;
}

TEST_CASE("cases: what is expected passes, and what is not is told with its reason") {
  struct Row {
    std::string_view policies;
    std::string one;
    std::string_view want;
  };
  auto const any = "permit(principal, action, resource);";
  auto const level = "permit(principal, action, resource) when { context.a.b == 1 };";
  auto const never = "forbid(principal, action, resource);";
  Row const rows[] = {
      {any, "- {expect: allow}", ""},
      {any, "- {expect: allow, reasons: [policy0]}", ""},
      {any, "- {expect: allow, reasons: policy0, errors: []}", ""},
      {any, "- {expect: deny}", "decision: expected deny, got allow: permitted by policy0"},
      {any, "- {expect: allow, reasons: []}", "reasons: expected decided by none, got policy0"},
      {never, "- {expect: forbidden}", ""},
      {never, "- {expect: deny}", ""},
      {never, "- {expect: not_permitted}",
       "outcome: expected not_permitted, got forbidden: forbidden by policy0"},
      {level, "- {expect: allow}", ""},
      {level, "- {expect: allow, context: {a: {b: 2}}}",
       "decision: expected allow, got deny: not permitted: policy0 needs `context.a.b == 1`, but "
       "context.a.b is 2"},
      {"permit(principal, action, resource) when { context.a.c == \"yes\" && context.n == \"5\" };",
       "- {expect: allow, context: {a: {b: 2}}}", ""},
      {level, "- {expect: allow, context: '{a: {b: 1}}'}", ""},
      {level, "- {expect: deny, context: '[1]'}", "request: `context` is no record [invalid]"},
      {"permit(principal in Team::\"web\", action, resource in Team::\"ops\");",
       "- {expect: allow, entities: [{uid: {type: Tool, id: db}, attrs: {}, parents: "
       "[{type: Team, id: ops}]}]}",
       ""},
      {"permit(principal, action, resource) when { context.gone };", "- {expect: deny}",
       "errors: expected not evaluable none, got policy0; policy0: the record has no attribute "
       "\"gone\""},
      {"permit(principal, action, resource) when { context.gone };",
       "- {expect: deny, errors: [policy0]}", ""},
      {any, "- {expect: allow, principal: nonsense}",
       "request: read `principal`: 1:9: syntax: expected `::`, found the end of the text\n"
       "  nonsense [invalid]"},
  };
  for (auto const& row : rows) {
    CAPTURE(row.one);
    CHECK(run(row.policies, row.one) == row.want);
  }
}

TEST_CASE("cases: a file with a mistake is refused with its line") {
  struct Row {
    std::string_view text, want;
  };
  Row const rows[] = {
      {"", "line 1: the file is empty"},
      {"cases: []", "line 1: `policies` names the files to test"},
      {"policies: a\n", "line 1: `cases` is a list of at least one case"},
      {"policies: a\ncases: [{expect: deny, principal: x, action: x}]",
       "line 2: a case has `principal`, `action` and `resource`, its own or by `defaults`"},
      {"policies: a\ncases: [{}]", "line 2: a case says what it expects: `expect: allow`"},
      {"policies: a\ncases:\n- {expect: yes}",
       "line 3: `expect: yes` is unknown; one of: allow, deny, forbidden, not_permitted"},
      {"policies: a\ncases:\n- {expct: allow}",
       "line 3: unknown member `expct`; did you mean `expect`?"},
      {"policies: a\ndefaults: {reasons: []}\ncases: [{expect: deny}]",
       "line 2: unknown member `reasons`"},
      {"policies: a\ncases:\n- {expect: deny, reasons: {a: b}}",
       "line 3: `reasons` is a list of texts"},
      {"policies: a\ncases:\n- {expect: deny, entities: x}",
       "line 3: `entities` is a list of entities"},
      {"policies: {a: b}", "line 1: `policies` is a list of texts"},
      {"[1]", "line 1: expected members, as `name: value`"},
  };
  for (auto const& row : rows) {
    auto const found = parse_cases(row.text);
    REQUIRE_FALSE(found.has_value());
    CHECK(found.error().message() == row.want);
  }
}

}  // namespace
}  // namespace reeve::cedar
