// The meaning of expressions, by walking the tree (cedar-spec, Cedar/Spec/Evaluator.lean,
// definition by definition). Slow and obvious: the compiled form is tested against it, and
// `explain` uses it.
#pragma once

#include "base/result.hpp"
#include "cedar/entities.hpp"
#include "cedar/policy.hpp"

namespace reeve::cedar {

/// Errors: invalid, with what went wrong ("attribute `x` is missing on User::\"a\"").
Result<Value> evaluate(Expr const& expr, Request const& request, Entities const& entities);

enum class Verdict : std::uint8_t { unsatisfied, satisfied };
/// Scope and conditions of one policy. Errors: as above.
Result<Verdict> evaluate(Active const& active, Request const& request, Entities const& entities);

}  // namespace reeve::cedar
