// Levels (RFC 76): how many entities deep a policy looks. At level 0 it reads ids, types and the
// context; each attribute, `has`, tag or `in` of an entity costs one more. Whoever loads entities
// for a decision needs to load only so far from the request. A uid written in the policy must not
// be looked into at all.
#pragma once

#include <deque>
#include <unordered_map>
#include <vector>

#include "cedar/typecheck.hpp"

namespace reeve::cedar {

/// What the typechecker saw of one policy in one environment: parts that cannot be reached have no
/// type.
struct TypeRecord {
  std::unordered_map<Expr const*, TypePtr> types;
  std::deque<Expr> made;  ///< What `has a.b` stands for.
  std::unordered_map<Expr const*, Expr const*>
      stands_for;  ///< A `has` with a path to one of `made`.
};

/// The places beyond `level_max`.
std::vector<TypeFault> check_levels(Expr const& e, TypeRecord const& record, Environment const& env,
                                    unsigned level_max);

}  // namespace reeve::cedar
