// Policies and entities made ready to decide: an immutable whole that many threads read.
//
//   auto const snapshot = TRY(Snapshot::make(policies, entities));
//   Scratch scratch;                                     // one a thread, kept
//   auto const answer = snapshot->decide({"User", "alice", "Action", "read", "File", "f",
//   &context}, scratch);
//
// A change of policies or entities makes a new snapshot; whoever holds the old one finishes with
// it. A decision allocates nothing once the scratch has grown to its size.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "cedar/authorize.hpp"
#include "cedar/index.hpp"
#include "cedar/vm.hpp"

namespace reeve::cedar {

struct Question {
  std::string_view principal_type, principal_id;
  std::string_view action_type, action_id;
  std::string_view resource_type, resource_id;
  Record const* context = nullptr;  ///< Null: empty.
};

/// Policies by number (`Snapshot::policy_id`); valid until the scratch is used again.
struct Answer {
  Decision decision = Decision::deny;
  std::span<std::uint32_t const> reasons;  ///< No order.
  std::span<std::uint32_t const> errors;
  std::span<Failure const> failures;  ///< Beside errors.
};

class Snapshot {
 public:
  /// Takes nothing from its arguments but copies. Errors: unsupported (a policy too large).
  static Result<std::unique_ptr<Snapshot const>> make(PolicySet const& policies,
                                                      Entities const& entities);

  Answer decide(Question const& question, Scratch& scratch) const;
  /// The same with ids as text, sorted.
  Response authorize(Request const& request, Scratch& scratch) const;

  std::string_view policy_id(std::uint32_t number) const { return ids_[number]; }
  std::size_t size() const { return rules_.size(); }

 private:
  Snapshot() = default;
  Result<> load(PolicySet const& policies, Entities const& entities);
  bool matches(RuleScope const& scope, std::uint32_t uid, Scratch const& scratch) const;

  Tables tables_;
  Graph graph_;
  Image image_;
  std::vector<Rule> rules_;
  std::vector<std::string_view> ids_;
  RuleIndex index_;
  Record const no_context_;
};

}  // namespace reeve::cedar
