#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "connectors/host/logins.hpp"

namespace reeve::host {

/// At most `size` bytes of the file from `offset`; fewer at its end.
using ReadAt = std::function<Result<std::string>(std::uint64_t offset, std::size_t size)>;

/// What one file of systemd's journal tells of logins by ssh and of sudo, as auth.log would.
struct Journal {
  std::vector<AuthLogEvent> events;  ///< In the order of the file; the last 200,000 of each kind.
  std::optional<Instant> oldest;     ///< Of any entry, whatever it tells.
  std::size_t unread = 0;            ///< Entries that could not be read: compressed or damaged.
};

/// Looks entries up in the file's own index, so the size of the file hardly matters. Only entries
/// whose trusted fields name the program count: sshd as root, sudo by its path.
/// Errors: invalid: no journal, or its index makes no sense; unsupported: of a format before
/// systemd 246 or after 257; those of `read`.
Result<Journal> read_journal(ReadAt const& read);

}  // namespace reeve::host
