#pragma once

#include <span>
#include <string_view>

#include "sql/database.hpp"

namespace reeve::sql {

/// One step of a schema, never edited once released: a change is a further step.
struct Migration {
  std::string_view name;    ///< What it does: "add grants.until". Kept in the database.
  std::string_view script;  ///< For both databases.
};

/// Brings the part `module` of a database to the last of `steps`, which are numbered from 1 in
/// order; each in a transaction of its own, so a kill leaves a whole step. Several programs may do
/// so at once. Table schema_version holds module, version, name.
///
/// Errors: unsupported (the database is newer than `steps`: an older reeve must not touch it),
/// conflict (a step there has another name: it is not our history).
Result<> migrate(Database& database, std::string_view module, std::span<Migration const> steps);

/// The version `module` stands at; 0: nothing yet. Writes nothing.
Result<std::int64_t> schema_version(Database& database, std::string_view module);

}  // namespace reeve::sql
