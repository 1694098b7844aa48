#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "sql/database.hpp"

namespace reeve::inventory {

/// Adds rows to `table`, all with the same columns in the same order, which the names of their
/// parameters tell. Nothing is written when one of them cannot be, but for what SQLite had written
/// before it: the caller's transaction is over then. Errors: those of the database.
Result<> insert(sql::Database& database, std::string_view table,
                std::span<std::vector<sql::Param> const> rows);

/// The elements as PostgreSQL reads an array (manual 8.15.6): numbers bare, texts quoted.
std::string array_text(std::span<sql::Value const> elements);

}  // namespace reeve::inventory
