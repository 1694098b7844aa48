// Takes the steps of plans, takes them back, and takes over what a killed process left.
//
// Every change of the world stands between two rows that are on disk: "started" before, what became
// of it after. So there are three things to find after kill -9, and the world tells them apart:
//
//     step      the world            what is done
//     planned   as before            it is taken
//     started   as before or after   verify: after -> verified; before -> it is taken; cannot be
//                                    seen -> unknown, and looked at again with the next recovery
//     done      as after             verify
//
// A call that was sent and not answered is never sent again to find out: verify settles it.
//
// Each deed is told to Tools::note before it is begun and when it is settled, so that the record of
// who did what does not depend on this journal. What cannot be noted is not begun. A kill between
// the two leaves a deed that was begun: the next start settles it by looking, and tells so, once
// more when the kill came before the journal had it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "remedy/journal.hpp"

namespace reeve::sql {
class Store;
}

namespace reeve::remedy {

/// What is done to the world, for the record.
struct Deed {
  enum class What : std::uint8_t { begun, done, failed, unknown };
  Plan const& plan;       ///< `changed_by`: who wants it.
  std::string_view verb;  ///< "apply", "undo", "give-up".
  std::size_t step = 0;   ///< From 1; 0: the plan as a whole, which is over.
  What what{};
  std::string detail;      ///< What was seen or said; empty when it begins.
  bool recovered = false;  ///< Not by the process that was asked to.
};

/// The world outside, passed in.
struct Tools {
  /// What changes the source of a plan. Errors: not_found (how to configure the source).
  std::function<Result<std::unique_ptr<connect::Changer>>(Plan const& plan)> open;
  std::function<Instant()> now;
  /// Puts a deed on record, safely, before it returns. Empty: there is no record.
  std::function<Result<>(Deed const& deed)> note = {};
  /// How long a step may take before another machine may think us dead.
  Duration hold = std::chrono::minutes(5);
};

/// Takes the steps of a plan that is planned or failed, in order, until one fails. What was planned
/// on another world than there is now fails, and changes nothing. The plan as it ended: done, or
/// failed with a note; a plan whose outcome cannot be seen stays started.
/// Errors: not_found, conflict (state, another plan at work), those of `open` and the store; then
/// no step was begun.
Result<Plan> apply(sql::Store& state, Tools const& tools, PlanId id, std::string const& by);

/// Takes back, last first, what a done or failed plan changed; what cannot be taken back stays, as
/// its step says. Errors: as apply.
Result<Plan> undo(sql::Store& state, Tools const& tools, PlanId id, std::string const& by);

/// Goes on with the plans that processes left which are gone. To be called at start. One that
/// cannot go on stays as it is and says why in its note.
Result<std::vector<Plan>> recover(sql::Store& state, Tools const& tools);

/// A started plan whose world cannot be seen any more (its source is gone) is over: failed. Its
/// steps keep what is known of them. Errors: not_found, conflict (not started, or held by a process
/// that lives).
Result<Plan> give_up(sql::Store& state, Tools const& tools, PlanId id, std::string const& by);

}  // namespace reeve::remedy
