// Obligations in policies: an annotation with the AuthZEN object as JSON, which every decision
// that the policy makes carries.
//
//   @obligation("{\"id\": \"mfa\", \"type\": \"step-up\", \"properties\": {\"acr_value\":
//   \"mfa\"}}")
#pragma once

#include <vector>

#include "base/result.hpp"
#include "cedar/policy.hpp"
#include "pdp/engine.hpp"

namespace reeve::pdp {

/// Of one policy; mostly none. Errors: invalid (no such object).
Result<std::vector<Obligation>> obligations_of(cedar::Policy const& policy);

}  // namespace reeve::pdp
