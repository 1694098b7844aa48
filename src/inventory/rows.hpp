// Rows of the views as JSON, the one shape of an object outside: in the export, the API and the
// command line.
//
// A fact that is not reported is absent, one that is none is null. Ids are text with their prefix,
// times RFC 3339 in UTC. Texts are as the source gave them (clean_utf8): whoever prints them
// escapes for its medium.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "model/schema.hpp"

namespace reeve::sql {
class Database;
class Row;
}  // namespace reeve::sql

namespace reeve::inventory {

/// A column of a list: what to select and how to show it.
struct Column {
  std::string name;    ///< In the JSON.
  std::string select;  ///< SQL: "i.name". With `known`, a column of that name and "_is" is there.
  enum class Type : std::uint8_t { text, boolean, integer, instant, list, id, lines } type{};
  bool known = false;
  bool nullable = false;    ///< Null until conclusions were drawn.
  std::string_view prefix;  ///< Of an id; an id of 0 is null.
};

/// A named table of the outside world.
struct Table {
  std::string name;    ///< "identities".
  std::string prefix;  ///< Of its ids: "nhi_"; empty: rows have none.
  std::string from;    ///< SQL behind "from".
  std::string order;   ///< SQL behind "order by"; unique.
  std::vector<Column> columns;
};

/// All tables of the export, in its order: runs, sources, coverage, persons, resources, identities,
/// credentials, sightings, consumers, usage, grants, owners, findings.
std::vector<Table> const& tables();
/// Errors: not_found, with the choices.
Result<Table const*> table(std::string_view name);

/// "select …" of the columns, without "from".
std::string select_list(Table const& table);
/// The object on which a row of `select_list` stands; `at` is its first column.
Json object(Table const& table, sql::Row const& row, int at = 0);

}  // namespace reeve::inventory
