#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "audit/folder.hpp"
#include "audit/note.hpp"
#include "base/result.hpp"

namespace reeve::audit {

/// The tiles of a log as one checkpoint proves them: a tile counts when its root is the hash that
/// the tile above it, itself proven, has for it; the unfinished tiles count when together they give
/// the root of the checkpoint. One thread at a time.
class Tiles {
 public:
  Tiles(std::string folder, Checkpoint checkpoint)
      : folder_(std::move(folder)), checkpoint_(std::move(checkpoint)) {}

  /// A tile that does not count.
  struct Bad {
    int level = 0;
    std::uint64_t index = 0;
    std::string why;
  };

  /// Reads the unfinished tiles; first of all calls. Gives what is wrong, or nothing.
  Result<std::optional<Bad>> load_edges();
  /// The proven hashes of a tile, all it has at the checkpoint; empty when it is bad, and `bad()`
  /// says which one it was. Valid until the next call.
  Result<std::span<Digest const>> hashes(int level, std::uint64_t index);
  Bad const& bad() const { return bad_; }

  /// The root of the entries from `begin` to before `end`. Errors: corrupt (a bad tile).
  Result<Digest> root_between(std::uint64_t begin, std::uint64_t end);
  /// The sibling hashes from the leaf up. Errors: corrupt.
  Result<std::vector<Digest>> path(std::uint64_t index);

  Checkpoint const& checkpoint() const { return checkpoint_; }
  std::string const& folder() const { return folder_; }
  unsigned width(int level, std::uint64_t index) const;

 private:
  struct Kept {
    std::uint64_t index = UINT64_MAX;
    std::vector<Digest> hashes;
  };
  Result<std::span<Digest const>> refuse(int level, std::uint64_t index, std::string why);
  Result<Digest> perfect_root(std::uint64_t begin, std::uint64_t end);

  std::string folder_;
  Checkpoint checkpoint_;
  std::array<std::vector<Digest>, levels_max> edges_;
  std::array<Kept, levels_max> kept_;  ///< The last proven full tile of each level.
  Bad bad_;
};

}  // namespace reeve::audit
