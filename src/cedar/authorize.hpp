// The decision over all policies (cedar-spec, Cedar/Spec/Authorizer.lean): any satisfied forbid
// denies, else any satisfied permit allows, else deny. A policy that fails to evaluate decides
// nothing and is listed, so that its author learns of it.
#pragma once

#include <string>
#include <vector>

#include "cedar/entities.hpp"
#include "cedar/policy.hpp"

namespace reeve::cedar {

enum class Decision : std::uint8_t { deny, allow };
std::string_view name(Decision decision);

struct PolicyError {
  std::string policy;   ///< Its id.
  std::string message;  ///< May name attributes and entities, never their values.

  bool operator==(PolicyError const&) const = default;
};

struct Response {
  Decision decision = Decision::deny;
  /// Ids of the policies that decided, sorted: the satisfied forbids, or the satisfied permits.
  /// Empty on a deny because nothing permits.
  std::vector<std::string> reasons;
  std::vector<PolicyError> errors;  ///< Sorted by policy.
};

/// By the tree walk, over every policy. The compiled form (`snapshot.hpp`) answers the same, fast.
Response authorize(PolicySet const& policies, Request const& request, Entities const& entities);

}  // namespace reeve::cedar
