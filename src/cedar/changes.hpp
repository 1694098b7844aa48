// Which policies two sets differ in, by id.
#pragma once

#include <string>
#include <vector>

#include "cedar/policy.hpp"

namespace reeve::cedar {

struct PolicyChange {
  enum class Kind : std::uint8_t { added, removed, changed } kind = Kind::added;
  std::string id;
  bool link = false;
  std::string before, after;  ///< One line of Cedar text; of a link, what fills its slots.
};
std::string_view name(PolicyChange::Kind kind);

/// Sorted by id. Order and layout of the texts mean nothing; annotations do.
std::vector<PolicyChange> changes(PolicySet const& before, PolicySet const& after);

}  // namespace reeve::cedar
