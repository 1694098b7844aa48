// Policies as JSON, both ways (cedar-docs "JSON policy format"; EST in the reference).
//
// Unknown members are errors, as are repeated ones. A chain `a && b && c` is a comb in JSON.
#pragma once

#include <string>

#include "base/json.hpp"
#include "cedar/policy.hpp"

namespace reeve::cedar {

/// JSON policies nest two or three levels for one of the language.
inline constexpr JsonLimits policy_json_limits = {.bytes_max = 64u << 20, .depth_max = 2000};

/// Errors: unsupported (a chain too long for a comb of 2,000 levels).
Result<Json> to_policy_json(Expr const& expr);
Result<Json> to_policy_json(Policy const& policy);
/// `staticPolicies`, `templates`, `templateLinks`.
Result<Json> to_policy_json(PolicySet const& set);

/// Errors: invalid, with the way to the place.
Result<Expr> expr_from_json(Json const& json);
Result<Policy> policy_from_json(Json const& json, std::string id);
Result<PolicySet> policy_set_from_json(Json const& json);

}  // namespace reeve::cedar
