// Forward-only migrations. Each step takes the write lock first and looks at the version then, so
// of two programs that start together one finds the work done.

#include "sql/migrate.hpp"

#include <string>

#include "base/crash.hpp"

namespace reeve::sql {
namespace {

constexpr std::string_view table =
    "create table if not exists schema_version (module text not null, version bigint not null,"
    " name text not null, primary key (module, version))";

/// 1, or 0 in a database nobody has migrated.
Result<std::int64_t> tables(Database& db) {
  constexpr std::string_view sqlite =
      "select count(*) from sqlite_schema where type = 'table' and name = 'schema_version'";
  constexpr std::string_view postgres =
      "select count(*) from information_schema.tables"
      " where table_schema = current_schema() and table_name = 'schema_version'";
  return integer(db, db.kind() == Kind::sqlite ? sqlite : postgres, {});
}

/// Applied steps must be ours: same numbers, same names, none beyond.
Result<std::int64_t> applied(Database& db, std::string_view module,
                             std::span<Migration const> steps) {
  std::int64_t last = 0;
  std::string const which(module);
  auto const read = [&](Row const& row) -> Result<> {
    last = row.integer(0);
    auto const version = which + " " + std::to_string(last) + " (" + row.text(1) + ")";
    if (last > std::int64_t(steps.size()))
      return fail(Errc::unsupported,
                  "the database holds schema " + version + ", this reeve knows " + which +
                      " up to " + std::to_string(steps.size()) +
                      ": a newer reeve has written it, run that one or name another database");
    auto const& ours = steps[std::size_t(last - 1)].name;
    if (row.text(1) != ours)
      return fail(Errc::conflict, "the database holds schema " + version + ", which is \"" +
                                      std::string(ours) + "\" here: it is not of this program");
    return {};
  };
  TRY(each(db,
           "select version, name from schema_version where module = :module"
           " order by version nulls last",
           {{":module", module}}, read));
  return last;
}

/// The next step, if there is one. How many are left.
Result<std::size_t> take_step(Database& db, std::string_view module,
                              std::span<Migration const> steps) {
  auto transaction = TRY(Transaction::begin(db));
  auto const last = TRY(applied(db, module, steps));
  if (last == std::int64_t(steps.size())) return 0;
  auto const& step = steps[std::size_t(last)];
  TRY_DURING(db.execute(step.script), "migrate " + std::string(module) + " to " +
                                          std::to_string(last + 1) + " (" + std::string(step.name) +
                                          ")");
  TRY(run(db,
          "insert into schema_version (module, version, name) values (:module, :version, :name)",
          {{":module", module}, {":version", last + 1}, {":name", step.name}}));
  crash_point("migrate:" + std::to_string(last + 1));
  TRY(transaction.commit());
  return steps.size() - std::size_t(last + 1);
}

}  // namespace

Result<> migrate(Database& db, std::string_view module, std::span<Migration const> steps) {
  if (TRY(tables(db)) == 0) {
    auto transaction = TRY(Transaction::begin(db));
    TRY(db.execute(table));
    TRY(transaction.commit());
  }
  // A start that has nothing to do takes no lock.
  if (TRY(applied(db, module, steps)) == std::int64_t(steps.size())) return {};
  while (TRY(take_step(db, module, steps)) > 0) {
  }
  return {};
}

Result<std::int64_t> schema_version(Database& db, std::string_view module) {
  if (TRY(tables(db)) == 0) return 0;
  return integer(db, "select coalesce(max(version), 0) from schema_version where module = :module",
                 {{":module", module}});
}

}  // namespace reeve::sql
