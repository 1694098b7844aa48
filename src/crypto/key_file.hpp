#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace reeve::crypto {

class Random;

inline constexpr std::size_t key_bytes = 32;

/// The 32-byte key kept in the file at `path`: one line, "reeve-key-1 PURPOSE BASE64". `purpose`
/// is a word of ours ("fingerprint", "audit-checkpoint"): a file made for another purpose is
/// refused, so that a mixed-up path does not use one key for two things.
///
/// The file must be a regular one, not a link, owned by us or by root, and closed to everyone
/// else (mode 0600 or less). Errors: not_found; denied (not readable by us, or open to others: the
/// message names the chmod that helps); corrupt (not a key file, another purpose).
Result<Secret> load_key(std::string const& path, std::string_view purpose);

/// The same; a missing file is made first, mode 0600, in a folder that exists, synced before it
/// gets its name. Two processes that start at once end up with one key: the loser of the race
/// reads the winner's.
Result<Secret> load_or_create_key(std::string const& path, std::string_view purpose,
                                  Random& random);

}  // namespace reeve::crypto
