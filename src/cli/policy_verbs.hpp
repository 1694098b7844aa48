#pragma once

#include <functional>

#include "cli/verbs.hpp"

namespace CLI {
class App;
}

namespace reeve::cli {

using Work = std::function<Result<Exit>(Context const&)>;

/// Puts the verbs of `reeve policy` below `policy`. The one that is on the command line is handed
/// to `chosen` while the line is parsed.
void add_policy_verbs(CLI::App& policy, std::function<void(Work)> chosen);

}  // namespace reeve::cli
