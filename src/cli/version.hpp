#pragma once

#include <string_view>

namespace reeve::cli {

inline constexpr std::string_view version = "reeve 0.1.0";

}  // namespace reeve::cli
