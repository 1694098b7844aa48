#pragma once

#include <functional>
#include <memory>

#include "sql/database.hpp"

namespace reeve::sql {

/// One driver, as the suite sees it.
struct DriverUnderTest {
  /// A connection to an empty database, a new one for each call.
  std::function<std::unique_ptr<Database>()> fresh;
  /// One more connection to the database of the last fresh().
  std::function<std::unique_ptr<Database>()> another;
};

/// What every driver must do, as doctest checks in the running test case. Links
/// reeve_sql_testing.
void check_driver(DriverUnderTest const& driver);

}  // namespace reeve::sql
