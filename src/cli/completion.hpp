#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace CLI {
class App;
}

namespace reeve::cli {

/// Completion of verbs and options, made from the parser itself. Errors: invalid (another shell).
Result<std::string> completion(CLI::App const& app, std::string_view shell);

/// The manual page, section 1, in roff.
std::string manual(CLI::App const& app);

}  // namespace reeve::cli
