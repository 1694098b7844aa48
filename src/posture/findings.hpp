#pragma once

#include <cstdint>
#include <span>

#include "base/result.hpp"
#include "base/time.hpp"
#include "inventory/decisions.hpp"
#include "posture/rule.hpp"

namespace reeve::sql {
class Database;
}

namespace reeve::posture {

class Exposures;

/// Judges one rule and keeps its findings: a subject that fails opens one or keeps it open; only a
/// pass, or a subject that is gone, resolves it; "unknown" leaves it open and marks it stale. The
/// key (rule, subject) and with it the id stay over runs. One transaction.
Result<> judge(sql::Database& inventory, Rule const& rule, Exposures const& exposures, Instant now);

/// Sets the state of findings from exceptions: accepted until their end, open again after it.
Result<> apply_exceptions(sql::Database& inventory,
                          std::span<inventory::Exception const> exceptions, Instant now);

/// Findings of rules that are not there any more are resolved.
Result<> retire_rules(sql::Database& inventory, std::span<Rule const> rules, Instant now);

}  // namespace reeve::posture
