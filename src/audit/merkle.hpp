// The hash tree of RFC 6962 §2.1 and its cut into tiles of 256 hashes (C2SP tlog-tiles).
//
// A tree of n leaves is a row of perfect trees whose sizes are the bits of n, the largest first,
// folded from the right. So a log that grows has to remember only the unfinished tile of each
// level: at most 255 hashes a level, and 8 levels hold 2^64 leaves.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "crypto/hash.hpp"

namespace reeve::audit {

using crypto::Digest;

constexpr unsigned tile_width = 256;

/// SHA-256 over 0x00 and the entry; over 0x01 and both children.
Digest leaf_hash(std::string_view entry);
Digest node_hash(Digest const& left, Digest const& right);

/// The root over hashes that are roots of perfect trees of one size; of nothing: SHA-256 of
/// nothing.
Digest root_of(std::span<Digest const> hashes);

/// What a tree of that size has at a level: `index` full tiles, then one of `width` hashes.
struct Edge {
  std::uint64_t index;
  unsigned width;
};
/// `level` 0 is that of the leaves; 8 and above are empty.
Edge edge_of(std::uint64_t size, int level);

/// A tree by its right edge.
class Tree {
 public:
  std::uint64_t size() const { return size_; }
  Digest root() const;
  /// Adds a leaf; returns how many levels got a hash (one, and one more for each tile it filled).
  int push(Digest const& leaf);
  /// The hashes of the unfinished tile of that level; may be empty.
  std::span<Digest const> edge(int level) const;
  /// The last hash a level got.
  Digest const& last(int level) const { return last_[std::size_t(level)]; }

  /// From the unfinished tiles of a tree of that size; each has the width that edge_of says.
  static Tree from_edges(std::uint64_t size, std::vector<std::vector<Digest>> edges);

 private:
  std::uint64_t size_ = 0;
  std::vector<std::vector<Digest>> edges_;
  std::vector<Digest> last_;
};

/// Whether `path` proves that `leaf` stands at `index` of the tree of that size and root
/// (RFC 9162 §2.1.3.2).
enum class Proven : std::uint8_t { yes, no };
Proven check_inclusion(Digest const& leaf, std::uint64_t index, std::uint64_t size,
                       std::span<Digest const> path, Digest const& root);

}  // namespace reeve::audit
