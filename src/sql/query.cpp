#include "sql/query.hpp"

#include "sql/pq_text.hpp"

namespace reeve::sql {
namespace {

constexpr std::size_t sql_bytes_max = 64 << 10;

/// On PostgreSQL rows nobody wants would still come over the wire, so the server cuts; it keeps the
/// order of a subquery. SQLite makes rows as they are asked for, and may drop such an order.
Result<std::string> bounded(Database const& db, std::string_view sql, std::int64_t rows) {
  while (!sql.empty() && (sql.back() == ';' || sql.back() == ' ' || sql.back() == '\n'))
    sql.remove_suffix(1);
  if (db.kind() == Kind::sqlite) return std::string(sql);
  TRY(refuse_unless_query(sql));  // before it is wrapped into one
  // On a line of its own: a comment may end the query.
  return "select * from (" + std::string(sql) + "\n) as asked limit " + std::to_string(rows);
}

std::vector<std::string> names(Row const& row) {
  std::vector<std::string> out;
  out.reserve(std::size_t(row.columns()));
  for (int i = 0; i < row.columns(); ++i) out.emplace_back(row.name(i));
  return out;
}

}  // namespace

Result<Answered> ask(Database& db, std::string_view sql, AskLimits limits,
                     std::function<Result<>(std::vector<std::string> const&)> const& columns,
                     std::function<Result<>(Row const&)> const& row) {
  if (sql.size() > sql_bytes_max) return fail(Errc::invalid, "the query is longer than 64 KiB");
  auto const transaction = TRY(Transaction::begin(db, Access::read, limits.time));
  auto const query = TRY(bounded(db, sql, limits.rows + 1));
  auto const statement = TRY(db.prepare(query));
  for (std::int64_t seen = 0;; ++seen) {
    auto const step = TRY(statement->step());
    if (seen == 0) TRY(columns(names(*statement)));
    if (step == Step::done) return Answered::all;
    if (seen == limits.rows) return Answered::cut;
    TRY(row(*statement));
  }
}

Result<std::vector<std::string>> plan(Database& db, std::string_view sql, Params params) {
  bool const sqlite = db.kind() == Kind::sqlite;
  std::vector<std::string> out;
  std::vector<std::pair<std::int64_t, std::size_t>> depths{{0, 0}};  // step → its depth
  auto const read = [&](Row const& row) -> Result<> {
    if (!sqlite) {
      out.push_back(row.text(0));
      return {};
    }
    // id, parent, not used, detail
    std::size_t depth = 0;
    for (auto const& [id, its] : depths)
      if (id == row.integer(1)) depth = its;
    depths.emplace_back(row.integer(0), depth + 2);
    out.push_back(std::string(depth, ' ') + row.text(3));
    return {};
  };
  TRY(each(db, (sqlite ? "explain query plan " : "explain ") + std::string(sql), params, read));
  return out;
}

std::vector<std::string> scans(std::vector<std::string> const& plan) {
  std::vector<std::string> out;
  for (auto const& line : plan) {
    auto const at = line.find_first_not_of(" ->");
    auto const step = std::string_view(line).substr(at == std::string::npos ? 0 : at);
    bool const sqlite = step.starts_with("SCAN ") && !step.starts_with("SCAN CONSTANT ROW") &&
                        !step.starts_with("SCAN (subquery");
    if (sqlite || step.starts_with("Seq Scan")) out.emplace_back(step);
  }
  return out;
}

}  // namespace reeve::sql
