#pragma once

#include <functional>
#include <string_view>

#include "base/json.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace reeve::sql {
class Database;
}

namespace reeve::inventory {

/// Takes the next piece of an output.
using Sink = std::function<Result<>(std::string_view)>;

/// Writes the whole estate as one JSON object, piece by piece: `generated_at`, then one array per
/// table of rows.hpp, each sorted by id. All of it is one snapshot. An unchanged estate gives the
/// same bytes but for `generated_at`.
Result<> export_json(sql::Database& database, Instant generated_at, Sink const& sink);

/// JSON Schema (2020-12) of it.
Json export_schema();

}  // namespace reeve::inventory
