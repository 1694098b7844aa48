#include "audit/merkle.hpp"

#include <bit>
#include <utility>

namespace reeve::audit {
namespace {

constexpr int levels_max = 8;

/// The roots of the perfect trees in a row of equal ones, the largest first.
void append_peaks(std::span<Digest const> hashes, std::vector<Digest>& out) {
  while (!hashes.empty()) {
    auto const size = std::bit_floor(hashes.size());
    out.push_back(root_of(hashes.first(size)));
    hashes = hashes.subspan(size);
  }
}

Digest fold(std::span<Digest const> peaks) {
  if (peaks.empty()) return crypto::sha256("");
  auto out = peaks.back();
  for (auto i = peaks.size() - 1; i-- > 0;) out = node_hash(peaks[i], out);
  return out;
}

}  // namespace

Digest leaf_hash(std::string_view entry) {
  return crypto::Sha256().add(std::string_view("\0", 1)).add(entry).digest();
}

Digest node_hash(Digest const& left, Digest const& right) {
  char bytes[1 + 2 * sizeof(Digest)];
  bytes[0] = 1;
  std::ranges::copy(left, bytes + 1);
  std::ranges::copy(right, bytes + 1 + sizeof(Digest));
  return crypto::sha256({bytes, sizeof bytes});
}

Digest root_of(std::span<Digest const> hashes) {
  if (hashes.empty()) return crypto::sha256("");
  if (hashes.size() == 1) return hashes.front();
  auto const left = std::bit_floor(hashes.size() - 1);
  return node_hash(root_of(hashes.first(left)), root_of(hashes.subspan(left)));
}

Edge edge_of(std::uint64_t size, int level) {
  if (level >= levels_max) return {0, 0};
  auto const hashes = size >> (8 * level);
  return {hashes / tile_width, static_cast<unsigned>(hashes % tile_width)};
}

Digest Tree::root() const {
  std::vector<Digest> peaks;
  for (auto level = edges_.size(); level-- > 0;) append_peaks(edges_[level], peaks);
  return fold(peaks);
}

int Tree::push(Digest const& leaf) {
  auto hash = leaf;
  for (std::size_t level = 0;; ++level) {
    if (edges_.size() <= level) edges_.resize(level + 1);
    if (last_.size() <= level) last_.resize(level + 1);
    auto& edge = edges_[level];
    edge.push_back(hash);
    last_[level] = hash;
    if (edge.size() < tile_width) {
      ++size_;
      return static_cast<int>(level) + 1;
    }
    hash = root_of(edge);
    edge.clear();
  }
}

std::span<Digest const> Tree::edge(int level) const {
  auto const at = static_cast<std::size_t>(level);
  return at < edges_.size() ? std::span<Digest const>(edges_[at]) : std::span<Digest const>();
}

Tree Tree::from_edges(std::uint64_t size, std::vector<std::vector<Digest>> edges) {
  Tree out;
  out.size_ = size;
  out.edges_ = std::move(edges);
  return out;
}

Proven check_inclusion(Digest const& leaf, std::uint64_t index, std::uint64_t size,
                       std::span<Digest const> path, Digest const& root) {
  if (index >= size) return Proven::no;
  auto at = index, last = size - 1;
  auto hash = leaf;
  for (auto const& sibling : path) {
    if (last == 0) return Proven::no;
    if (at % 2 == 1 || at == last) {
      hash = node_hash(sibling, hash);
      while (at % 2 == 0 && at != 0) at /= 2, last /= 2;
    } else {
      hash = node_hash(hash, sibling);
    }
    at /= 2, last /= 2;
  }
  return last == 0 && hash == root ? Proven::yes : Proven::no;
}

}  // namespace reeve::audit
