// What two engines said to the same questions: how a change of policies, or of engines, is judged
// before it is enforced. Who asks them, and when, is the engine's that runs the second one.
#pragma once

#include <cstdint>
#include <vector>

#include "base/json.hpp"
#include "pdp/engine.hpp"

namespace reeve::pdp {

struct Comparison {
  struct Difference {
    Request request;
    Decision enforced, candidate;
  };
  static constexpr std::size_t first_max = 10;

  std::uint64_t agreements = 0, differences = 0;
  std::uint64_t failures = 0;     ///< Of the differences, those the candidate could not decide.
  std::uint64_t skipped = 0;      ///< Not compared: there was no room.
  std::vector<Difference> first;  ///< Up to `first_max`.

  /// Callers take turns: it does not lock.
  void add(Request const& request, Decision const& enforced, Decision const& candidate);
};

/// `{agreements, differences, failures, skipped, first: [{request, enforced, candidate}]}`.
Json to_json(Comparison const& comparison);
/// `{decision, cause, reasons, errors, version, text}`.
Json to_json(Decision const& decision);

}  // namespace reeve::pdp
