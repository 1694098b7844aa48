#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "posture/classify.hpp"

namespace reeve::sql {
class Database;
}

namespace reeve::posture {

/// What was seen of one identity, gathered from the inventory. Errors: not_found.
Result<Traces> traces_of(sql::Database& inventory, std::int64_t identity);

/// Classifies every identity and writes what changed into `profiles`. Risk and number of findings
/// stay as they are; see roll_up_risk.
Result<std::int64_t> classify_all(sql::Database& inventory);

/// Copies each identity's highest risk and number of open findings into its profile.
Result<> roll_up_risk(sql::Database& inventory);

}  // namespace reeve::posture
