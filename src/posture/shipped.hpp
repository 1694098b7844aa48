#pragma once

#include <span>
#include <string_view>

namespace reeve::posture {

/// A rule file as it was when the program was built.
struct ShippedRule {
  std::string_view name;  ///< "N1-04.yaml".
  std::string_view text;
};

/// The folder rules/, by file name; made by the build.
extern std::span<ShippedRule const> const shipped_rules;

}  // namespace reeve::posture
