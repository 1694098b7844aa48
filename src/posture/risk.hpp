#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "posture/rule.hpp"

namespace reeve::posture {

/// What risk is made of. How far the identity could get in the end (reach over several hops) is
/// not computed, and `parts` says so.
struct Exposure {
  std::string seen;  ///< Widest reader of its secret: "owner", "group", "others"; or empty.
  bool from_network = false;  ///< It was used from, or listens on, another machine.
  std::string sensitivity;    ///< Highest of what it is granted directly; empty: not known.
};

struct Risk {
  std::int64_t value = 0;  ///< 0 to 1000.
  std::string parts;  ///< "severity high 60 × seen by others 1.5 × critical resource 2 = 180; …".
};

/// Severity × exposure × sensitivity. Pure.
Risk risk(Severity severity, Exposure const& exposure);

}  // namespace reeve::posture
