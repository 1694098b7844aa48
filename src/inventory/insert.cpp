// SQLite takes rows one by one as fast as it takes them at all, by one prepared statement. For
// PostgreSQL each statement is work of its own, five times that of the row, so there a batch is one
// statement: a parameter for each column, which holds the column's values as an array.
//
//   insert into grants (id, via, until) select c0, c1, null
//     from unnest(cast(:c0 as bigint[]), cast(:c1 as text[])) as u (c0, c1)
//
// A column in which no row has a value stands as null, since nothing tells its type.

#include "inventory/insert.hpp"

#include <algorithm>

namespace reeve::inventory {
namespace {

using Row = std::vector<sql::Param>;

std::string names(Row const& row) {
  std::string out;
  for (auto const& [name, value] : row)
    out += (out.empty() ? "" : ", ") + std::string(name.substr(1));
  return out;
}

std::string one_row(std::string_view table, Row const& row) {
  std::string values;
  for (auto const& [name, value] : row) values += (values.empty() ? "" : ", ") + std::string(name);
  return "insert into " + std::string(table) + " (" + names(row) + ") values (" + values + ")";
}

Result<> one_by_one(sql::Database& db, std::string_view table, std::span<Row const> rows) {
  auto const text = one_row(table, rows.front());
  for (auto const& row : rows) TRY(sql::run(db, text, row));
  return {};
}

std::string_view array_type(std::span<sql::Value const> values) {
  for (auto const& value : values) {
    if (std::holds_alternative<std::int64_t>(value)) return "bigint[]";
    if (std::holds_alternative<std::string_view>(value)) return "text[]";
  }
  return "";
}

/// The statement and its parameters, column by column.
class Arrays {
 public:
  explicit Arrays(std::span<Row const> rows) {
    auto const width = rows.front().size();
    names_.reserve(width);
    arrays_.reserve(width);
    std::vector<sql::Value> column(rows.size());
    for (std::size_t at = 0; at < width; ++at) {
      std::ranges::transform(rows, column.begin(), [&](Row const& row) { return row[at].value; });
      add(column);
    }
  }
  std::string text(std::string_view table, Row const& first) const {
    return "insert into " + std::string(table) + " (" + inventory::names(first) + ") select " +
           select_ + " from unnest(" + from_ + ") as u (" + aliases_ + ")";
  }
  std::vector<sql::Param> params() const {
    std::vector<sql::Param> out;
    out.reserve(names_.size());
    for (std::size_t n = 0; n < names_.size(); ++n) out.push_back({names_[n], arrays_[n]});
    return out;
  }

 private:
  void add(std::span<sql::Value const> column) {
    auto const type = array_type(column);
    auto const comma = [](std::string const& list) { return list.empty() ? "" : ", "; };
    if (type.empty()) {
      select_ += comma(select_) + std::string("null");
      return;
    }
    auto const name = "c" + std::to_string(names_.size());
    select_ += comma(select_) + name;
    from_ += comma(from_) + ("cast(:" + name) + " as " + std::string(type) + ")";
    aliases_ += comma(aliases_) + name;
    names_.push_back(":" + name);
    arrays_.push_back(array_text(column));
  }

  std::string select_, from_, aliases_;
  std::vector<std::string> names_, arrays_;  ///< Reserved: parameters borrow them.
};

}  // namespace

std::string array_text(std::span<sql::Value const> elements) {
  std::string out = "{";
  for (auto const& element : elements) {
    if (out.size() > 1) out += ',';
    if (auto const* number = std::get_if<std::int64_t>(&element)) {
      out += std::to_string(*number);
    } else if (auto const* text = std::get_if<std::string_view>(&element)) {
      out += '"';
      for (char const c : *text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
      }
      out += '"';
    } else {
      out += "NULL";
    }
  }
  return out + "}";
}

Result<> insert(sql::Database& db, std::string_view table, std::span<Row const> rows) {
  if (rows.empty()) return {};
  if (db.kind() == sql::Kind::sqlite) return one_by_one(db, table, rows);
  Arrays const arrays(rows);
  return sql::run(db, arrays.text(table, rows.front()), arrays.params());
}

}  // namespace reeve::inventory
