// Policies against a schema (cedar-spec, Cedar/Validation; the reference's validator 4.12): each
// policy is checked in every request environment, that is each (principal type, action, resource
// type) that the schema allows. A policy that passes in strict mode cannot fail to evaluate on a
// request and entities that conform, except by overflow, by missing entities and by extension
// arithmetic out of range.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cedar/policy.hpp"
#include "cedar/types.hpp"

namespace reeve::cedar {

enum class Severity : std::uint8_t { error, warning };

struct Finding {
  Severity severity = Severity::error;
  std::string policy;  ///< Its id.
  std::string
      code;  ///< "type", "unknown_type", "no_applicable_action", "impossible_policy", "level", …
  std::string message;
  Span span;

  bool operator==(Finding const&) const = default;
};

struct ValidateOptions {
  Mode mode = Mode::strict;
  /// Cedar 4.12 rejects a policy that no action of the schema can match, 4.13 warns of it.
  Severity no_applicable_action = Severity::error;
  std::optional<unsigned> level_max = {};  ///< See levels.hpp. Empty: any.
};

/// The first mistake of each policy and environment; what is found in several is given once.
std::vector<Finding> validate(PolicySet const& policies, Schema const& schema,
                              ValidateOptions const& options = {});

bool has_errors(std::vector<Finding> const& findings);

}  // namespace reeve::cedar
