// What a report tells, as values: read from the documented views in one snapshot, so that no two
// pictures of a page contradict each other.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "posture/rule.hpp"

namespace reeve::sql {
class Database;
}

namespace reeve::report {

constexpr std::size_t severities = std::size(posture::severity_names);
/// Open findings by severity, low first.
using BySeverity = std::array<std::int64_t, severities>;

/// A cell of the map of identities.
struct Quadrant {
  std::string name;  ///< "system_driven"; "unknown" for those not placed.
  std::int64_t identities = 0, highest_risk = 0;
  BySeverity findings{};
};

/// A bar of a histogram.
struct Bucket {
  std::string label;
  std::int64_t count = 0;
};

struct RuleCount {
  std::string rule, title;
  std::int64_t findings = 0;
};

struct Finding {
  std::string id, rule, title, severity, reason, subject, identity, source, risk_parts;
  std::int64_t risk = 0;
};

struct Source {
  std::string name, kind;
  std::string looked;  ///< End of its last complete run, RFC 3339; empty: there is none.
  std::string error;   ///< Why the last look failed; empty: it did not.
};

/// What one source shows of one class.
struct Coverage {
  std::string source, object_class, state, missing, reason, fix;
  std::int64_t verdicts = 0;  ///< How many wait for it.
};

struct Owner {
  std::string person;
  std::int64_t identities = 0;
  bool left = false;  ///< No longer active.
};
struct Owners {
  std::int64_t decided = 0, proposed = 0, nobody = 0;  ///< Identities.
  std::vector<Owner> most;                             ///< Those who answer for most.
};

struct Estate {
  std::array<Quadrant, 5> map;  ///< human_user, human_driven, multi_actor, system_driven, unknown.
  std::int64_t accepted = 0;    ///< Findings somebody accepted.
  std::vector<RuleCount> rules;
  std::vector<Bucket> age, expiry, last_use;  ///< Of credentials.
  std::vector<Finding> worst;                 ///< By risk, at most 20.
  std::vector<Source> sources;
  std::vector<Coverage> coverage;
  Owners owners;

  BySeverity by_severity() const;
  std::int64_t identities() const;
  std::int64_t open() const;
};

/// Ages count back from `now`. Errors: those of the database.
Result<Estate> read_estate(sql::Database& inventory, Instant now);

}  // namespace reeve::report
