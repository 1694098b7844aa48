// Policy text in the one layout (80 columns, two blanks of indent), comments kept.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace reeve::cedar {

/// What it gives parses to the same policies; formatting it again changes nothing. Errors: invalid
/// (the text does not parse).
Result<std::string> format_policies(std::string_view text);

}  // namespace reeve::cedar
