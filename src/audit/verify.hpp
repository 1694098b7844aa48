// Proving a log offline: from its folder or an export, and a key that came another way.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "audit/note.hpp"
#include "base/result.hpp"

namespace reeve::audit {

/// Entries from `begin` to before `end`.
struct Range {
  std::uint64_t begin = 0;
  std::uint64_t end = UINT64_MAX;  ///< Cut to the size of the log.
};

/// What is wrong.
struct Fault {
  std::optional<std::uint64_t> entry;  ///< The first one that cannot be trusted; empty: none of
                                       ///< them can, or it cannot be told which.
  std::string file;                    ///< In the folder.
  std::string what;                    ///< For people.
};

struct Verdict {
  Checkpoint checkpoint;
  std::uint64_t checked = 0;   ///< Entries that are proven.
  std::optional<Fault> fault;  ///< Empty: all that was asked for is there and unchanged.
};

struct Wanted {
  Range range;
  /// A checkpoint of this log seen before: proves that the log still holds what it said. Without
  /// one nobody can tell a whole folder from an older copy of itself.
  std::string known;
};

/// Reads beside a running writer too. A log that was tampered with is a verdict. Errors: not_found
/// (no checkpoint), invalid (the range is empty or ends beyond the log, `known` is not of this
/// key), those of the disk.
Result<Verdict> verify(std::string const& folder, VerifierKey const& key,
                       Wanted const& wanted = {});

/// What proves one entry (RFC 6962 §2.1.1), to hand to somebody who has the checkpoint.
struct Proof {
  std::string entry;
  std::uint64_t index = 0;
  std::vector<Digest> path;
  std::string checkpoint;  ///< The signed note.
};
/// Errors: not_found, corrupt (the entry is not provable).
Result<Proof> prove(std::string const& folder, VerifierKey const& key, std::uint64_t index);
/// Errors: corrupt.
Result<> check(Proof const& proof, VerifierKey const& key);

/// The JSON of those entries, proven. Errors: corrupt, not_found.
Result<std::vector<std::string>> read_entries(std::string const& folder, VerifierKey const& key,
                                              Range range);

/// Copies what proves the range into `target`, which must be empty or not there: the checkpoint,
/// the bundles, the tiles over them. Errors: conflict, corrupt, not_found, those of the disk.
Result<> export_range(std::string const& folder, VerifierKey const& key, Range range,
                      std::string const& target);

/// The verdict as the lines that `reeve audit verify` prints.
std::string to_text(Verdict const& verdict);

}  // namespace reeve::audit
