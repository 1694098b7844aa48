#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "model/coverage.hpp"

namespace reeve::sql {
class Database;
}

namespace reeve::posture {

/// What a departure touches.
struct Touched {
  ObjectClass object_class{};
  std::int64_t id = 0;
  std::string source, name;
  std::string why;        ///< "it runs as her account ada: 0 3 * * * as ada in …".
  std::string opens;      ///< Of a credential: the account; else empty.
  std::int64_t risk = 0;  ///< Of the identity it belongs to.
};

/// What follows when a person leaves, as far as it can be seen. Lists are in the order of work, the
/// riskiest first, and cut at `leave_items_max`.
struct Leave {
  std::int64_t person = 0;
  std::string name;
  std::vector<Touched> breaks;      ///< Consumers that stop when her accounts and keys are closed.
  std::vector<Touched> orphaned;    ///< Identities that nobody else answers for.
  std::vector<Touched> can_use;     ///< Accounts and credentials that still let her in.
  std::vector<Touched> could_read;  ///< Secrets at her places, or readable by all where she was.
  std::vector<std::string> first;   ///< What to do, in this order, a sentence each.
};
inline constexpr std::int64_t leave_items_max = 500;

/// The same person in several sources (one mail address) counts as one. What she knows by heart,
/// and systems that no source covers, are not in it. Errors: not_found.
Result<Leave> leave(sql::Database& inventory, std::int64_t person, Instant now);

}  // namespace reeve::posture
