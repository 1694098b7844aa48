#pragma once

#include <string>

#include "cli/verbs.hpp"

namespace reeve::cli {

struct PutOptions {
  std::string folder;
  std::string note;
  std::string mode = "enforce";  ///< Or "shadow", "check".
};
/// A folder of policies to the server, or the service in this process. What is wrong or odd about
/// them is told as FILE:LINE:COLUMN: code: text; 1 when a check finds mistakes.
Result<Exit> policy_put(Context const& context, PutOptions const& options);

}  // namespace reeve::cli
