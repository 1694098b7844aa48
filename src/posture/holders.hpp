#pragma once

#include "base/result.hpp"

namespace reeve::sql {
class Database;
}

namespace reeve::posture {

class People;

/// Finds whose own an account or a credential is: an account that bears a person's login and is
/// declared no service's, its credentials, keys whose label names a person, and keys of which the
/// same is known elsewhere. Writes what changed into `holders`. Holding is not owning: one holds
/// what one can use, and owns what one answers for.
Result<> find_holders(sql::Database& inventory, People const& people);

}  // namespace reeve::posture
