// The journal of plans: the rows that are on disk before and after each change of the world.
//
// Functions here take a connection inside a transaction of the caller (sql::Store::commit gives
// one) and begin none. Whoever works on a plan holds it: a row that is written names the holder, so
// one that lost the plan to another (it slept, it was thought dead) cannot go on writing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "connect/action.hpp"
#include "model/id.hpp"

namespace reeve::sql {
class Database;
}

namespace reeve::remedy {

enum class PlanState : std::uint8_t {
  planned,
  started,  ///< Steps are being taken, or were when the process died.
  done,
  undoing,
  undone,
  failed,  ///< Stopped; `note` says why, the steps say how far it came.
};
inline constexpr std::string_view plan_state_names[] = {"planned", "started", "done",
                                                        "undoing", "undone",  "failed"};
constexpr std::string_view name(PlanState state) {
  return plan_state_names[std::size_t(state)];
}

enum class StepState : std::uint8_t {
  planned,
  started,   ///< The world may have changed.
  done,      ///< The source said so.
  verified,  ///< We looked, and it is so.
  undoing,   ///< The world may have been changed back.
  undone,
  failed,   ///< Nothing was changed.
  unknown,  ///< Sent, and the world cannot be seen.
};
inline constexpr std::string_view step_state_names[] = {"planned", "started", "done",   "verified",
                                                        "undoing", "undone",  "failed", "unknown"};
constexpr std::string_view name(StepState state) {
  return step_state_names[std::size_t(state)];
}

struct PlannedStep {
  connect::Step step;
  StepState state = StepState::planned;
  std::string detail;  ///< What was said or seen last.
  Instant changed{};
};

struct Plan {
  PlanId id;
  FindingId finding;  ///< 0: none.
  std::string rule, kind;
  std::string source, source_kind;
  std::string subject;  ///< What no other plan may change meanwhile.
  std::string title;
  Json about;  ///< What the preview told (propose.hpp).
  PlanState state = PlanState::planned;
  std::string note;
  std::string created_by, changed_by;
  Instant created{}, changed{};
  std::string holder;
  Instant held_until{};
  std::vector<PlannedStep> steps;
};

/// Brings the tables to what this program knows. Not inside a transaction. Errors: unsupported.
Result<> create_plans(sql::Database& state);

/// Writes a new plan and gives it its id; earlier previews of the same finding go. Errors: invalid
/// (no steps).
Result<> add(sql::Database& state, Plan& plan);

/// Errors: not_found, corrupt.
Result<Plan> plan(sql::Database& state, PlanId id);
/// Newest first, without steps; `state` empty: all.
Result<std::vector<Plan>> plans(sql::Database& state, std::string_view in_state = {},
                                std::int64_t limit = 1000);
/// The newest preview of a finding; 0: there is none.
Result<PlanId> planned_for(sql::Database& state, FindingId finding);

/// Who works on a plan, and until when nobody else may.
struct Hold {
  std::string holder, by;
  Instant now{}, until{};
};

/// Takes a plan that is in one of `from` into `to`. Errors: conflict (in another state, held by
/// another, or another plan on the same subject is under way).
Result<> take(sql::Database& state, PlanId id, std::vector<PlanState> const& from, PlanState to,
              Hold const& hold);
/// Takes over the plan of a process that is gone, as it is: `was` must still hold it. Errors:
/// conflict.
Result<> take_over(sql::Database& state, PlanId id, std::string const& was, Hold const& hold);

/// Errors of both: conflict (the plan is not held by hold.holder any more).
Result<> set_step(sql::Database& state, PlanId id, std::size_t n, StepState to,
                  std::string const& detail, Hold const& hold);
Result<> finish(sql::Database& state, PlanId id, PlanState to, std::string const& note,
                Hold const& hold);

}  // namespace reeve::remedy
