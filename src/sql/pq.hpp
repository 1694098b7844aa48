#pragma once

#include <memory>
#include <string_view>

#include "sql/database.hpp"

namespace reeve::sql {

/// "postgres://…" (sql/pq_url.hpp). Connects, makes the schema and whole_days() where they are
/// absent (unless access is read), and connects again when a transaction begins after the
/// connection was lost.
Result<std::unique_ptr<Database>> open_postgres(std::string_view url, Durability durability,
                                                Access access);

}  // namespace reeve::sql
