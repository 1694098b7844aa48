// A small policy domain for tests: records that users own or may see.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "cedar/entity_json.hpp"
#include "pdp/cedar_engine.hpp"

namespace reeve::pdp {

/// `policies` as Cedar, `entities` as Cedar's JSON; without a schema.
inline std::shared_ptr<Domain const> domain_of(std::string const& policies,
                                               std::string const& entities) {
  auto out = std::make_shared<Domain>();
  auto compiled = compile({{"test.cedar", policies}}, nullptr);
  REQUIRE_MESSAGE(compiled.has_value(), (compiled ? "" : compiled.error().to_string()));
  auto stored = cedar::parse_entities(entities);
  REQUIRE_MESSAGE(stored.has_value(), (stored ? "" : stored.error().to_string()));
  out->policies = *std::move(compiled);
  out->entities = *std::move(stored);
  out->version = "v1";
  return out;
}

/// Three users, five records; who owns a record may do all of it, all may view what is not secret,
/// and only after a second factor may one read the vault.
inline std::shared_ptr<Domain const> records() {
  std::string entities = "[";
  for (auto const* user : {"ann", "bob", "cyd"})
    entities +=
        R"({"uid":{"type":"user","id":")" + std::string(user) + R"("},"attrs":{},"parents":[]},)";
  for (auto const* action : {"view", "edit", "delete"})
    entities += R"({"uid":{"type":"Action","id":")" + std::string(action) +
                R"("},"attrs":{},"parents":[{"type":"Action","id":"all"}]},)";
  for (auto const* n : {"1", "2", "3", "4", "5"})
    entities += R"({"uid":{"type":"record","id":")" + std::string(n) + R"("},"attrs":{"owner":)" +
                R"({"__entity":{"type":"user","id":"ann"}}},"parents":[]},)";
  entities.back() = ']';
  return domain_of(R"(
@id("owner") permit (principal, action in Action::"all", resource)
  when { resource has owner && resource.owner == principal };
@id("view") permit (principal, action == Action::"view", resource is record)
  unless { resource has secret && resource.secret };
@id("archive") forbid (principal, action == Action::"edit", resource)
  when { resource has archived && resource.archived };
@id("soft") permit (principal == user::"bob", action == Action::"delete", resource)
  when { context.action has soft && context.action.soft };
@id("vault") @obligation("{\"type\": \"step-up\", \"properties\": {\"acr_value\": \"mfa\"}}")
permit (principal, action == Action::"view", resource == vault::"1");
)",
                   entities);
}

}  // namespace reeve::pdp
