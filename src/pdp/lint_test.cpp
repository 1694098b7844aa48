#include "pdp/lint.hpp"

#include <doctest/doctest.h>

#include "pdp/bundle.hpp"

namespace reeve::pdp {
namespace {

TEST_CASE("lint: a permit that rests on the caller's word alone is warned of") {
  auto const schema = product_schema();
  REQUIRE(schema.has_value());
  struct Case {
    std::string name, scope, condition;
    bool warned;
  };
  std::string const anybody = "principal, action == Action::\"tool.call\", resource";
  std::string const purpose = "context has session.purpose && context.session.purpose == \"audit\"";
  Case const cases[] = {
      {"a purpose anybody can state", anybody, purpose, true},
      {"of any agent", "principal is Agent, action, resource", purpose, true},
      {"of one agent", "principal == Agent::\"bot\", action, resource", purpose, false},
      {"of one role", "principal in Role::\"operator\", action, resource", purpose, false},
      {"with an address", anybody,
       purpose + " && context has source.ip && context.source.ip.isLoopback()", false},
      {"with attestation", anybody, purpose + " && context.attest.level >= 2", false},
      {"or attestation is no better, but is seen", anybody,
       "(" + purpose + ") || context.attest.level >= 2", false},
      {"two words of the same caller", anybody,
       purpose + " && context has session.ticket && context.session.ticket like \"OPS-*\"", true},
      {"the resource counts", anybody, purpose + " && resource in Resource::\"db\"", false},
      {"a tool's own hint", anybody, "context has tool.read_only && context.tool.read_only", true},
      {"what was measured of it", anybody,
       "context has tool.schema_hash && context.tool.schema_hash == \"x\"", false},
      {"no condition at all", anybody, "true", false},
  };
  for (auto const& c : cases) {
    CAPTURE(c.name);
    Bundle const bundle{{"a.cedar", "permit (" + c.scope + ")\nwhen { " + c.condition + " };"}};
    auto const checked = check(bundle, schema->get());
    CHECK(checked.good());
    bool warned = false;
    for (auto const& notice : checked.notices) {
      CAPTURE(to_string(notice));
      CHECK(notice.severity == Notice::Severity::warning);
      warned = warned || notice.code == "callers_word";
    }
    CHECK(warned == c.warned);
  }
  Bundle const forbid{{"a.cedar", "forbid (" + anybody + ") when { " + purpose + " };"}};
  CHECK(check(forbid, schema->get()).notices.empty());
}

}  // namespace
}  // namespace reeve::pdp
