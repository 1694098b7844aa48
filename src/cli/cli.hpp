#pragma once

#include "cli/verbs.hpp"

namespace reeve::cli {

/// Parses the command line and does what it says; the result is the exit code. Errors are printed,
/// with what to do next.
int run(int argc, char const* const* argv, discover::Kinds kinds);

}  // namespace reeve::cli
