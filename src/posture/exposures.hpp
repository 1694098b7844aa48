#pragma once

#include <cstdint>
#include <vector>

#include "base/result.hpp"
#include "model/coverage.hpp"
#include "posture/risk.hpp"

namespace reeve::sql {
class Database;
}

namespace reeve::posture {

/// How exposed everything is, gathered at once: who can read its secrets, whether it was used over
/// the network, what it is granted. A byte or two for each object.
class Exposures {
 public:
  static Result<Exposures> load(sql::Database& inventory);
  /// Of the subject of a finding, and of the identity it belongs to (0: nobody's).
  Exposure of(ObjectClass subject_class, std::int64_t subject, std::int64_t identity) const;

 private:
  /// By id; ids are small and sequential. 0: nothing is known.
  using Bytes = std::vector<std::uint8_t>;
  static void raise(Bytes& bytes, std::int64_t id, std::int64_t to);
  static std::uint8_t at(Bytes const& bytes, std::int64_t id);

  Bytes identities_seen_, credentials_seen_, sightings_seen_;  ///< 1 owner, 2 group, 3 others.
  Bytes sensitivity_;                                          ///< 1 normal, 2 high, 3 critical.
  Bytes network_;
};

}  // namespace reeve::posture
