#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace reeve {

/// The whole of a regular file. Errors: not_found, denied, invalid (more than `bytes_max`, or no
/// regular file), unavailable.
Result<std::string> read_file(std::string const& path, std::size_t bytes_max);

/// Replaces `path` in one step that survives a power cut: a new file beside it, synced, renamed
/// over it, the folder synced. `mode` as for chmod. Errors: denied, unavailable (disk full).
Result<> write_file_atomically(std::string const& path, std::string_view bytes, unsigned mode);

/// Makes the folder and its parents, each readable by us alone. One that is there is left as it is.
Result<> make_private_folder(std::string const& path);

/// errno as an error: "open /etc/shadow: Permission denied".
std::unexpected<Error> system_error(int number, std::string const& what);

}  // namespace reeve
