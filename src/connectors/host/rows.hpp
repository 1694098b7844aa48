#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "connect/connector.hpp"
#include "connectors/host/jobs.hpp"
#include "connectors/host/system.hpp"

namespace reeve::host {

/// What belongs together on one page: an account with its credentials and grants, one unit.
struct Row {
  std::string key;  ///< clean_utf8, at most 2 KiB, unique in its family: a cursor stops behind it.
  std::vector<Observation> observations;
  std::vector<Gap> gaps;
};

/// A chapter of a run. Pages go through the families in order and through the rows of each by key.
/// The same tree gives the same rows.
struct Family {
  std::string_view name;  ///< "accounts"; part of the cursor.
  /// Errors: what would make all of the family untrue; a part of it is a gap.
  std::function<Result<std::vector<Row>>()> rows;
};

/// Accounts with their passwords, keys, memberships and sudo rights. `now` decides what is expired.
std::vector<Row> account_rows(Tree& tree, System const& system, Instant now,
                              connect::Fingerprint const& verifier_fingerprint);
/// Units, timers, cron and at jobs, what runs.
std::vector<Row> consumer_rows(Tree& tree, System const& system);
/// Logins by hour; `accounts` names the credentials they were made with.
std::vector<Row> usage_rows(System const& system, std::vector<Row> const& accounts);

}  // namespace reeve::host
