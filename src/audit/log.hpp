// The audit log: append-only, hashed as a tree, signed, provable offline.
//
// One thread commits. A commit takes all entries that wait (so callers who wait together share the
// syncs), and writes in this order, each step synced before the next:
//
//   intent      a note, signed, of the size and root there will be; no checkpoint (its origin is
//               "<origin>/intent")
//   tiles       entries first, then the hashes of each level
//   checkpoint  replaced in one step; from here on the entries exist
//
// So after a kill there is one of: nothing new; an intent and part of its data, which are cut off
// again; an intent and all of its data, which then get their checkpoint. Data that no signed intent
// announced cannot come from a kill: somebody put an old checkpoint back, and we do not start.
// Nobody else may write: a lock on the folder sees to it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "audit/entry.hpp"
#include "audit/note.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "crypto/ed25519.hpp"

namespace reeve::audit {

/// When an entry is safe.
enum class Class : std::uint8_t {
  sync,   ///< On disk and under a signed checkpoint before append returns: acts and denials.
  async,  ///< Within `async_delay`: allowed reads. What was appended since may be lost by a kill.
};
constexpr auto async_delay = std::chrono::milliseconds(100);

using Clock = std::function<Instant()>;

/// Any thread.
class Log {
 public:
  /// Makes an empty log when the folder has none. `clock` stamps the entries, from any thread.
  /// Errors: conflict (another process writes here), corrupt (what is there is not what the
  /// checkpoint says, or the key is another), those of the disk.
  static Result<std::unique_ptr<Log>> open(std::string const& folder, crypto::Ed25519Key key,
                                           Clock clock, std::string_view origin = default_origin);
  /// Commits what waits.
  ~Log();
  Log(Log const&) = delete;
  Log& operator=(Log const&) = delete;

  /// The index the entry has, or for async will have. Sync blocks the thread for the syncs of the
  /// disk. Errors: unavailable, denied (the disk; the entry may or may not be in the log, as after
  /// any lost answer). An async entry that is lost so is counted in `lost`.
  Result<std::uint64_t> append(Entry entry, Class safety);
  /// Waits until everything appended so far is under a checkpoint. Errors: those of append.
  Result<> flush();

  /// As the file has it: the signed note.
  std::string checkpoint() const;
  std::uint64_t size() const;  ///< Of that checkpoint.
  std::uint64_t lost() const;  ///< Async entries that a full or broken disk cost.
  VerifierKey verifier() const;
  std::string const& folder() const;

 private:
  class Impl;
  explicit Log(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace reeve::audit
