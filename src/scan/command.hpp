// Secrets on a command line: of a process, a unit's ExecStart=, a cron entry, an MCP server.
//
// Everybody on the host can read a command line, so a password there is worse than one in a file.
// Flags say by their name what follows (`--token X`, `--token=X`); for the short ones one has to
// know the program (`mysql -pX`, `curl -u user:X`, `redis-cli -a X`).
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scan/judge.hpp"

namespace reeve::scan {

struct ArgumentMatch {
  std::size_t argument = 0;  ///< Index into argv; `match.at` counts within that argument.
  Match match;
};

/// In the order of the arguments.
std::vector<ArgumentMatch> judge_command(std::span<std::string const> argv);

/// The arguments with the secrets among `matches` replaced by "‹kind›".
std::vector<std::string> redacted_command(std::span<std::string const> argv,
                                          std::span<ArgumentMatch const> matches);

/// A line cut into words as a POSIX shell would, without expanding anything. What stands open at
/// the end (a quote) is closed there.
std::vector<std::string> split_command(std::string_view line);

}  // namespace reeve::scan
