#pragma once

#include <string_view>

#include "base/json.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "model/id.hpp"

namespace reeve::sql {
class Database;
}

namespace reeve::inventory {

/// What one object ("nhi_42", "cred_7") was, oldest first: per version the source that said so, the
/// time of the run it came with, the run it went with (null: it holds), where it was read, and the
/// fields that differ from the version before. Errors: invalid (no such kind of id), not_found.
Result<Json::Array> history(sql::Database& database, std::string_view id);

/// All that is one credential with `id` ("cred_7" or "sgt_3"), itself among them: class, id,
/// source, native id, identity. Alone when it has no fingerprint. Errors: invalid, not_found.
Result<Json::Array> cluster(sql::Database& database, std::string_view id);

/// The newest run that had finished by `at`; 0: none.
Result<RunId> run_at(sql::Database& database, Instant at);

}  // namespace reeve::inventory
