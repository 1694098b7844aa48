#include "audit/tiles.hpp"

#include <bit>

namespace reeve::audit {
namespace {

/// A file that is damaged or gone is something to report, not a failure of ours to look.
bool is_verdict(Error const& error) {
  return error.code() == Errc::not_found || error.code() == Errc::corrupt ||
         error.code() == Errc::invalid;
}

std::uint64_t largest_power_below(std::uint64_t number) {
  return std::bit_floor(number - 1);
}

}  // namespace

unsigned Tiles::width(int level, std::uint64_t index) const {
  auto const edge = edge_of(checkpoint_.size, std::max(level, 0));
  return index < edge.index ? tile_width : index == edge.index ? edge.width : 0;
}

Result<std::optional<Tiles::Bad>> Tiles::load_edges() {
  std::vector<std::vector<Digest>> edges(levels_max);
  for (int level = 0; level < levels_max; ++level) {
    auto const [index, width] = edge_of(checkpoint_.size, level);
    if (width == 0) continue;
    auto const file = read_tile(folder_, level, index, width);
    if (!file && !is_verdict(file.error())) return std::unexpected(file.error());
    auto hashes = file ? first_hashes(*file, width) : std::unexpected(file.error());
    if (!hashes) return Bad{level, index, std::string(hashes.error().message())};
    edges[std::size_t(level)] = *std::move(hashes);
  }
  std::ranges::copy(edges, edges_.begin());
  if (Tree::from_edges(checkpoint_.size, std::move(edges)).root() == checkpoint_.root)
    return std::nullopt;
  return Bad{0, edge_of(checkpoint_.size, 0).index,
             "the unfinished tiles do not give the root of the checkpoint"};
}

Result<std::span<Digest const>> Tiles::refuse(int level, std::uint64_t index, std::string why) {
  bad_ = {level, index, std::move(why)};
  return std::span<Digest const>();
}

Result<std::span<Digest const>> Tiles::hashes(int level, std::uint64_t index) {
  auto const at = static_cast<std::size_t>(level);
  if (width(level, index) != tile_width) return std::span<Digest const>(edges_[at]);
  auto& kept = kept_[at];
  if (kept.index == index) return std::span<Digest const>(kept.hashes);
  auto const above = TRY(hashes(level + 1, index / tile_width));
  if (above.empty()) return above;
  auto const wanted = above[index % tile_width];
  auto const file = read_tile(folder_, level, index, tile_width);
  if (!file && !is_verdict(file.error())) return std::unexpected(file.error());
  auto hashes = file ? first_hashes(*file, tile_width) : std::unexpected(file.error());
  if (!hashes) return refuse(level, index, std::string(hashes.error().message()));
  if (root_of(*hashes) != wanted || file->size() != tile_width * sizeof(Digest))
    return refuse(level, index, "it was changed: it has not the hash that the tile above it says");
  kept = {index, *std::move(hashes)};
  return std::span<Digest const>(kept.hashes);
}

Result<Digest> Tiles::perfect_root(std::uint64_t begin, std::uint64_t end) {
  int const height = std::countr_zero(end - begin);
  int const level = height / 8;
  auto const first = begin >> (8 * level);
  auto const tile = TRY(hashes(level, first / tile_width));
  if (tile.empty())
    return fail(Errc::corrupt, tile_path(bad_.level, bad_.index, tile_width) + ": " + bad_.why);
  return root_of(tile.subspan(first % tile_width, std::size_t(1) << (height % 8)));
}

Result<Digest> Tiles::root_between(std::uint64_t begin, std::uint64_t end) {
  auto const size = end - begin;
  if (size == 0) return root_of({});
  if (std::has_single_bit(size)) return perfect_root(begin, end);
  auto const middle = begin + largest_power_below(size);
  auto const left = TRY(root_between(begin, middle));
  auto const right = TRY(root_between(middle, end));
  return node_hash(left, right);
}

Result<std::vector<Digest>> Tiles::path(std::uint64_t index) {
  std::vector<Digest> out;
  for (std::uint64_t begin = 0, end = checkpoint_.size; end - begin > 1;) {
    auto const middle = begin + largest_power_below(end - begin);
    bool const in_left = index < middle;
    out.push_back(TRY(in_left ? root_between(middle, end) : root_between(begin, middle)));
    (in_left ? end : begin) = middle;
  }
  return std::vector<Digest>(out.rbegin(), out.rend());
}

}  // namespace reeve::audit
