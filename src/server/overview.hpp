#pragma once

#include "base/json.hpp"
#include "base/result.hpp"

namespace reeve::sql {
class Database;
}

namespace reeve::server {

/// {map, findings, coverage, next}: what the first screen shows and `reeve up --output json`
/// prints.
Result<Json> overview(sql::Database& inventory);

}  // namespace reeve::server
