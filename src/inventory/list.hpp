// Pages of a table: filtered, sorted, at any size in the same time.
//
// A page starts behind the last row of the one before (its sort key and id), never at an offset, so
// page one thousand costs what page one costs, and rows that come or go meanwhile shift nothing.
// Every sort has an index that serves it; a test asks the database for its plan.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"

namespace reeve::sql {
class Database;
}

namespace reeve::inventory {

struct ListQuery {
  std::string table;                           ///< "identities".
  std::map<std::string, std::string> filters;  ///< {"kind", "role"}: equal. See list_filters.
  std::string sort;    ///< "name", "risk"; empty: the table's own. "-risk" is the usual risk order.
  std::string cursor;  ///< Of the page before; empty: the first.
  std::int64_t limit = 100;  ///< 1 to 1000.
};

struct ListPage {
  Json::Array rows;
  std::string next;  ///< Cursor of the next page; empty: this was the last.
};

/// Errors: not_found (the table), invalid (a filter, sort or cursor that is not of this list; the
/// message has the choices).
Result<ListPage> list(sql::Database& database, ListQuery const& query);

/// One row by its id ("nhi_42"). Errors: invalid, not_found.
Result<Json> get(sql::Database& database, std::string_view table, std::string_view id);

/// What a table can be filtered and sorted by, for help and API docs.
std::vector<std::string_view> list_filters(std::string_view table);
std::vector<std::string_view> list_sorts(std::string_view table);

/// The statement of a page with its parameters named, for the test that reads its plan. `gathered`:
/// the filter whose rows are so few that they are gathered and sorted; empty: the sort is walked.
Result<std::string> list_sql(ListQuery const& query, std::string_view gathered = {});

}  // namespace reeve::inventory
