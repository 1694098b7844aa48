#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "inventory/decisions.hpp"

namespace reeve::sql {
class Database;
}

namespace reeve::posture {

/// Somebody who may answer for an identity, and why we think so.
struct Proposal {
  std::int64_t person = 0;
  std::string basis;  ///< "owner: ada in its comment".
  int score = 0;      ///< 0 to 100.
};

/// Proposes owners for every identity from comments, descriptions, names, key comments, and puts
/// people's decisions above them: accepted, declined, assigned. Writes what changed into `owners`.
Result<> propose_owners(sql::Database& inventory,
                        std::span<inventory::OwnerDecision const> decisions);

}  // namespace reeve::posture
