#pragma once

#include <functional>
#include <string>

#include "base/json.hpp"
#include "base/result.hpp"

namespace reeve::sql {
class Database;
}

namespace reeve::remedy {

/// What is about to change.
struct Target {
  std::int64_t source_id = 0, identity_id = 0;
  std::string credential;   ///< native_id; empty: all that the identity does.
  std::string fingerprint;  ///< Of the credential or sighting; empty: not known.
  std::string consumer;     ///< native_id, of a sighting; empty: not known.
};

/// Whether an observed use from `network` (empty: local) would have gone on.
using GoesOn = std::function<bool(std::string const& network)>;

/// Consumers of the identity, and the places where the same secret lies: [{what, name, detail}].
Result<Json> uses_now(sql::Database& inventory, Target const& target);

/// See propose.hpp.
Result<Json> would_have_failed(sql::Database& inventory, Target const& target,
                               GoesOn const& goes_on);

/// Where the credential was used from; "": locally. Each once.
Result<std::vector<std::string>> networks_seen(sql::Database& inventory, Target const& target);

}  // namespace reeve::remedy
