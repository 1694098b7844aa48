#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/database.hpp"

namespace reeve::sql {

struct AskLimits {
  Limit time{30'000};
  std::int64_t rows = 10'000;
};
enum class Answered : std::uint8_t { all, cut };  ///< `cut`: there are more rows than asked for.

/// SQL that a user typed: one query, in a read transaction of its own. `row` gets the rows;
/// `columns` the names first, also when there are no rows. Best on a connection opened with
/// Access::read, and in PostgreSQL with a role that may do no more than read.
///
/// Errors: denied (no query, or a function that is not portable), timeout, invalid.
Result<Answered> ask(Database& database, std::string_view sql, AskLimits limits,
                     std::function<Result<>(std::vector<std::string> const&)> const& columns,
                     std::function<Result<>(Row const&)> const& row);

/// How the database would find the rows, a line for each step, indented as the steps nest. For
/// tests that assert a page query does not scan. Not under Access::read.
Result<std::vector<std::string>> plan(Database& database, std::string_view sql, Params params);

/// The lines of a plan that read a whole table or index: "SCAN t", "Seq Scan on t".
std::vector<std::string> scans(std::vector<std::string> const& plan);

}  // namespace reeve::sql
