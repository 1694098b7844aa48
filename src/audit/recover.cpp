#include "audit/recover.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <optional>

#include "audit/folder.hpp"
#include "base/descriptor.hpp"
#include "base/file.hpp"

namespace reeve::audit {
namespace {

constexpr unsigned private_mode = 0600;

std::string checkpoint_path(std::string const& folder) {
  return folder + "/checkpoint";
}
std::string intent_path(std::string const& folder) {
  return folder + "/intent";
}

std::optional<Checkpoint> read_intent(std::string const& folder, VerifierKey key) {
  key.name = intent_origin(key.name);
  auto const note = read_file(intent_path(folder), note_bytes_max);
  if (!note) return std::nullopt;
  auto out = open_checkpoint(*note, key);
  if (!out) return std::nullopt;
  return *std::move(out);
}

Result<> begin(std::string const& folder, std::string_view origin, crypto::Ed25519Key const& key) {
  std::error_code error;
  if (std::filesystem::exists(folder + "/tile", error))
    return fail(Errc::corrupt, folder + " holds entries and no checkpoint");
  if (error) return system_error(error.value(), "look for entries in " + folder);
  TRY(write_file_atomically(intent_path(folder), "", private_mode));
  Checkpoint const empty{.origin = std::string(origin), .root = Tree().root()};
  return write_checkpoint(folder, sign_checkpoint(empty, key));
}

Result<Tree> tree_of(std::string const& folder, Checkpoint const& checkpoint) {
  auto out = TRY(load_tree(folder, checkpoint.size));
  if (out.root() != checkpoint.root)
    return fail(Errc::corrupt, "the tiles have another root than the checkpoint of size " +
                                   std::to_string(checkpoint.size));
  return out;
}

Result<> check_full_tiles(std::string const& folder, std::uint64_t size) {
  for (int level = entries_level; level < levels_max; ++level) {
    auto const count = edge_of(size, std::max(level, 0)).index;
    for (std::uint64_t index = 0; index < count; ++index)
      if (TRY(width_on_disk(folder, level, index)) != tile_width)
        return fail(Errc::corrupt, tile_path(level, index, tile_width) + " is missing");
  }
  return {};
}

/// The announced commit, when all of its data is there.
std::optional<Checkpoint> finished(std::string const& folder, Checkpoint const& intent,
                                   std::string_view origin) {
  if (!tree_of(folder, intent)) return std::nullopt;
  return Checkpoint{std::string(origin), intent.size, intent.root};
}

}  // namespace

std::string intent_origin(std::string_view origin) {
  return std::string(origin) + "/intent";
}

Result<> write_intent(std::string const& folder, Checkpoint const& next,
                      crypto::Ed25519Key const& key) {
  auto const path = intent_path(folder);
  auto const note = sign_checkpoint({intent_origin(next.origin), next.size, next.root}, key);
  Descriptor const file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR));
  if (!file) return system_error(errno, "open " + path);
  TRY(write_all(file, note, path));
  if (::ftruncate(file.get(), static_cast<off_t>(note.size())) != 0 || ::fdatasync(file.get()) != 0)
    return system_error(errno, "write " + path);
  return {};
}

Result<> write_checkpoint(std::string const& folder, std::string const& note) {
  return write_file_atomically(checkpoint_path(folder), note, private_mode);
}

Result<Tree> load_tree(std::string const& folder, std::uint64_t size) {
  std::vector<std::vector<Digest>> edges(levels_max);
  for (int level = 0; level < levels_max; ++level) {
    auto const [index, width] = edge_of(size, level);
    if (width == 0) continue;
    auto const tile = TRY(read_tile(folder, level, index, 1));
    edges[std::size_t(level)] =
        TRY_DURING(first_hashes(tile, width), "read " + tile_path(level, index, width));
  }
  auto const [index, width] = edge_of(size, 0);
  if (width == 0) return Tree::from_edges(size, std::move(edges));
  auto const bundle = TRY(read_tile(folder, entries_level, index, 1));
  auto const entries =
      TRY_DURING(first_entries(bundle, width), "read " + tile_path(entries_level, index, width));
  for (unsigned i = 0; i < width; ++i)
    if (leaf_hash(entries[i]) != edges[0][i])
      return fail(Errc::corrupt,
                  "entry " + std::to_string(index * tile_width + i) + " is not what its tile says");
  return Tree::from_edges(size, std::move(edges));
}

Result<std::uint64_t> extent(std::string const& folder, std::uint64_t size) {
  for (auto index = edge_of(size, 0).index;; ++index) {
    auto const width = TRY(width_on_disk(folder, entries_level, index));
    if (width < tile_width) return index * tile_width + width;
  }
}

std::uint64_t announced(std::string const& folder, VerifierKey const& key) {
  auto const intent = read_intent(folder, key);
  return intent ? intent->size : 0;
}

Result<Tree> recover(std::string const& folder, std::string_view origin,
                     crypto::Ed25519Key const& key) {
  VerifierKey const verifier{std::string(origin), key.public_key()};
  auto note = read_file(checkpoint_path(folder), note_bytes_max);
  if (!note && note.error().code() == Errc::not_found) {
    TRY(begin(folder, origin, key));
    note = read_file(checkpoint_path(folder), note_bytes_max);
  }
  auto const text = TRY(std::move(note));
  auto checkpoint = TRY(open_checkpoint(text, verifier));
  auto const intent = read_intent(folder, verifier);
  bool const pending = intent && intent->size > checkpoint.size;
  if (TRY(extent(folder, checkpoint.size)) > (pending ? intent->size : checkpoint.size))
    return fail(Errc::corrupt, "there are entries beyond the checkpoint of size " +
                                   std::to_string(checkpoint.size) +
                                   " that no commit announced: was an old one put back?");
  if (auto const done = pending ? finished(folder, *intent, origin) : std::nullopt) {
    checkpoint = *done;
    TRY(write_checkpoint(folder, sign_checkpoint(checkpoint, key)));
  }
  auto tree = TRY(tree_of(folder, checkpoint));
  TRY(check_full_tiles(folder, checkpoint.size));
  for (int level = entries_level; level < levels_max; ++level)
    TRY(shrink(folder, level, checkpoint.size));
  return tree;
}

}  // namespace reeve::audit
