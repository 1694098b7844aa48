// Obligations: what whoever enforces a decision must do besides (AuthZEN obligations profile 1.0).
//
// A policy says them in an annotation with the AuthZEN object as JSON, or a list of them, which
// every decision that the policy makes carries, on permit and on deny:
//
//   @obligation("{\"id\": \"mfa\", \"type\": \"step-up\", \"properties\": {\"acr_value\":
//   \"mfa\"}}")
//
// All are mandatory and in no order. Whoever enforces and does not know one, or cannot do it, must
// deny; so a permit with an obligation is worth nothing to code that has not heard of obligations.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "cedar/policy.hpp"
#include "pdp/engine.hpp"

namespace reeve::pdp {

/// Of one policy; mostly none. Errors: invalid (no such object).
Result<std::vector<Obligation>> obligations_of(cedar::Policy const& policy);
/// `{id, type, properties?}`. Errors: invalid.
Result<Obligation> obligation_from_json(Json const& json);
Json to_json(Obligation const& obligation);

/// The decision as one can act on it who knows how to do `known` and nothing else: a permit with
/// another obligation becomes a denial of cause `failed`. The obligations stay: those of a denial
/// are to be done as well.
Decision enforceable(Decision decision, std::span<std::string_view const> known);

}  // namespace reeve::pdp
