#pragma once

#include <string>

#include "audit/merkle.hpp"
#include "audit/note.hpp"
#include "base/result.hpp"
#include "crypto/ed25519.hpp"

namespace reeve::audit {

/// The origin of the notes that announce what a commit is about to write.
std::string intent_origin(std::string_view origin);

/// Announces; in place, since a torn one announces nothing and nothing was written yet.
Result<> write_intent(std::string const& folder, Checkpoint const& next,
                      crypto::Ed25519Key const& key);
Result<> write_checkpoint(std::string const& folder, std::string const& note);

/// The tree of that size, from its unfinished tiles. Errors: corrupt (one is missing, or the last
/// entries are not what the tile says).
Result<Tree> load_tree(std::string const& folder, std::uint64_t size);

/// How many entries the names of files show, counted from the bundle that holds entry `size`.
Result<std::uint64_t> extent(std::string const& folder, std::uint64_t size);

/// What the signed intent allows to be on the disk; 0: there is none, or it is torn.
std::uint64_t announced(std::string const& folder, VerifierKey const& key);

/// Brings the folder to a checkpoint (log.hpp says how) and gives its tree; a new folder becomes an
/// empty log. For the one process that holds the lock. Errors: corrupt, those of the disk.
Result<Tree> recover(std::string const& folder, std::string_view origin,
                     crypto::Ed25519Key const& key);

constexpr std::size_t note_bytes_max = 64 << 10;

}  // namespace reeve::audit
