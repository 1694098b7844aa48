#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"
#include "inventory/decisions.hpp"
#include "posture/rule.hpp"

namespace reeve::sql {
class Database;
}

namespace reeve::posture {

/// How far an evaluation is.
struct Step {
  std::string_view what;  ///< "people", "classify", "owners", "rule".
  std::string_view rule;  ///< Empty but for "rule".
};
using Watch = std::function<void(Step const&)>;

/// What was concluded, in numbers.
struct Summary {
  std::int64_t identities = 0;
  std::int64_t open = 0, opened = 0, resolved = 0, accepted = 0;
  std::int64_t unknown = 0;  ///< Verdicts that could not be reached.
};

/// Draws all conclusions from what readers see: class, owners, findings, risk. The same inventory,
/// decisions and `now` give the same rows, and a row that holds already is not written again. A
/// process killed in between leaves either the old or the new conclusion of each part; running
/// again completes them. Errors: those of the database and of rules (named).
Result<Summary> evaluate(sql::Database& inventory, inventory::Decisions const& decisions,
                         std::span<Rule const> rules, Instant now, Watch const& watch = {});

}  // namespace reeve::posture
