// How the first tampered entry is found.
//
// The checkpoint proves the unfinished tiles, those prove full tiles below them, and so down to the
// hashes of the entries (tiles.hpp). Where the chain holds, an entry that has not its hash is the
// one that was changed. Where it breaks, the entries themselves are asked: if they give the hash
// that is proven above them, only a tile was changed.

#include "audit/verify.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include "audit/recover.hpp"
#include "audit/tiles.hpp"
#include "base/file.hpp"
#include "crypto/encode.hpp"

namespace reeve::audit {
namespace {

constexpr unsigned private_mode = 0600;

Result<Range> clamp(Range range, std::uint64_t size) {
  bool const whole = range.begin == 0 && range.end == UINT64_MAX;
  if (range.end == UINT64_MAX) range.end = size;
  if (range.end > size || (range.begin >= range.end && !whole))
    return fail(Errc::invalid, "entries " + std::to_string(range.begin) + " to " +
                                   std::to_string(range.end) +
                                   " are no range of this log: it has " + std::to_string(size));
  return range;
}

/// The entries of a bundle, as many as can be read.
struct Bundle {
  std::string bytes;
  std::vector<std::string_view> entries;
};
Result<std::unique_ptr<Bundle const>> read_bundle(Tiles const& tiles, std::uint64_t index) {
  auto out = std::make_unique<Bundle>();
  auto file = read_tile(tiles.folder(), entries_level, index, 1);
  if (!file && file.error().code() == Errc::not_found) return out;
  out->bytes = TRY(std::move(file));
  auto rest = std::string_view(out->bytes);
  for (auto width = tiles.width(entries_level, index); width > 0; --width) {
    auto const next = first_entries(rest, 1);
    if (!next) break;
    out->entries.push_back(next->front());
    rest.remove_prefix(2 + next->front().size());
  }
  return out;
}

/// The first place where the entries are not what `hashes` say; empty: there is none.
std::optional<std::uint64_t> first_wrong(Bundle const& bundle, std::span<Digest const> hashes) {
  for (std::size_t i = 0; i < hashes.size(); ++i)
    if (i >= bundle.entries.size() || leaf_hash(bundle.entries[i]) != hashes[i]) return i;
  return std::nullopt;
}

Digest root_of(Bundle const& bundle) {
  std::vector<Digest> leaves;
  leaves.reserve(bundle.entries.size());
  for (auto const entry : bundle.entries) leaves.push_back(leaf_hash(entry));
  return audit::root_of(leaves);
}

class Verifier {
 public:
  Verifier(Tiles& tiles, VerifierKey const& key, Range range)
      : tiles_(tiles), key_(key), range_(range) {}

  Result<std::optional<Fault>> run() {
    if (auto fault = TRY(put_back())) return fault;
    if (auto const bad = TRY(tiles_.load_edges())) return blame_edge(*bad);
    for (auto index = range_.begin / tile_width; index * tile_width < range_.end; ++index)
      if (auto fault = TRY(bundle(index))) return fault;
    return std::nullopt;
  }
  std::uint64_t checked() const { return checked_; }

 private:
  std::uint64_t size() const { return tiles_.checkpoint().size; }

  /// The intent is read after the files: beside a running writer it is then never behind them.
  Result<std::optional<Fault>> put_back() {
    auto const there = TRY(extent(tiles_.folder(), size()));
    if (there <= size() || there <= announced(tiles_.folder(), key_)) return std::nullopt;
    return Fault{size(), "checkpoint",
                 "there are " + std::to_string(there) + " entries and the checkpoint is of " +
                     std::to_string(size()) + ": an old one was put back"};
  }

  /// Proves the entries of one bundle that are in the range.
  Result<std::optional<Fault>> bundle(std::uint64_t index) {
    auto const read = TRY(read_bundle(tiles_, index));
    auto const leaves = TRY(tiles_.hashes(0, index));
    auto const first = index * tile_width;
    if (leaves.empty()) return blame_tile(index, *read);
    auto const from = std::max(range_.begin, first);
    auto const to = std::min(range_.end, first + leaves.size());
    for (auto at = from; at < to; ++at, ++checked_) {
      if (at - first >= read->entries.size()) return missing(at);
      if (leaf_hash(read->entries[at - first]) != leaves[at - first]) return changed(at);
    }
    return std::nullopt;
  }

  std::string bundle_path(std::uint64_t entry) const {
    auto const index = entry / tile_width;
    return tile_path(entries_level, index, tiles_.width(entries_level, index));
  }
  Fault missing(std::uint64_t entry) const {
    return {entry, bundle_path(entry), "the entry is missing"};
  }
  Fault changed(std::uint64_t entry) const {
    return {entry, bundle_path(entry), "the entry was changed"};
  }

  /// A full tile over the bundle is bad: which entry, and is it the entry or the tile?
  Result<std::optional<Fault>> blame_tile(std::uint64_t index, Bundle const& read) {
    auto const bad = tiles_.bad();
    auto const path = tile_path(bad.level, bad.index, tile_width);
    if (bad.level > 0)
      return Fault{std::max(range_.begin, bad.index << (8 * (bad.level + 1))), path, bad.why};
    auto const first = index * tile_width;
    auto const raw = read_tile(tiles_.folder(), 0, index, tile_width);
    auto const leaves = raw ? first_hashes(*raw, tile_width) : std::unexpected(raw.error());
    auto const wrong = leaves ? first_wrong(read, *leaves) : std::optional<std::uint64_t>(0);
    auto const above = TRY(tiles_.hashes(1, index / tile_width));
    if (root_of(read) == above[index % tile_width])
      return Fault{first + wrong.value_or(0), path, bad.why + "; the entries are unchanged"};
    if (leaves && wrong)
      return *wrong < read.entries.size() ? changed(first + *wrong) : missing(first + *wrong);
    return Fault{first, path, "it or the entries below it were changed"};
  }

  /// What all entries say, when the unfinished tiles do not fit the checkpoint.
  struct Survey {
    Tree tree;
    std::optional<std::uint64_t> wrong, missing;
  };
  Result<Survey> survey() {
    Survey out;
    for (auto index = range_.begin / tile_width; index * tile_width < range_.end; ++index) {
      auto const read = TRY(read_bundle(tiles_, index));
      auto const width = tiles_.width(0, index);
      auto const raw = read_tile(tiles_.folder(), 0, index, 1);
      auto const first = index * tile_width;
      for (unsigned i = 0; i < width; ++i) {
        if (i >= read->entries.size()) {
          out.missing = first + i;
          return out;
        }
        auto const leaf = leaf_hash(read->entries[i]);
        out.tree.push(leaf);
        auto const said = raw ? first_hashes(*raw, i + 1) : std::unexpected(raw.error());
        if (!out.wrong && said && said->back() != leaf) out.wrong = first + i;
      }
    }
    return out;
  }

  Result<std::optional<Fault>> blame_edge(Tiles::Bad const& bad) {
    auto const found = TRY(survey());
    auto const path = tile_path(bad.level, bad.index, tiles_.width(bad.level, bad.index));
    if (range_.begin == 0 && found.tree.root() == tiles_.checkpoint().root)
      return blame_edge_tile(found.tree);
    if (found.wrong) return changed(*found.wrong);
    if (found.missing) return missing(*found.missing);
    return Fault{std::nullopt, path, bad.why};
  }

  /// The entries are what the checkpoint says; so a tile is not.
  Result<std::optional<Fault>> blame_edge_tile(Tree const& tree) {
    for (int level = 0; level < levels_max; ++level) {
      auto const [index, width] = edge_of(size(), level);
      auto const right = tree.edge(level);
      auto const file = read_tile(tiles_.folder(), level, index, 1);
      for (unsigned i = 0; i < width; ++i) {
        auto const said = file ? first_hashes(*file, i + 1) : std::unexpected(file.error());
        if (said && said->back() == right[i]) continue;
        return Fault{(index * tile_width + i) << (8 * level), tile_path(level, index, width),
                     said ? "it was changed; the entries are unchanged"
                          : "it lacks hashes; the entries are unchanged"};
      }
    }
    return fail(Errc::internal, "tiles that are right do not give their root");
  }

  Tiles& tiles_;
  VerifierKey const& key_;
  Range range_;
  std::uint64_t checked_ = 0;
};

/// Whether the log still holds what an earlier checkpoint said.
Result<std::optional<Fault>> check_known(Tiles& tiles, std::string const& note,
                                         VerifierKey const& key) {
  auto const known = open_checkpoint(note, key);
  if (!known)
    return fail(Errc::invalid,
                "the checkpoint to compare with: " + std::string(known.error().message()));
  if (known->size > tiles.checkpoint().size)
    return Fault{tiles.checkpoint().size, "checkpoint",
                 "the log had " + std::to_string(known->size) + " entries before and has now " +
                     std::to_string(tiles.checkpoint().size)};
  auto const root = TRY(tiles.root_between(0, known->size));
  if (root == known->root) return std::nullopt;
  return Fault{std::nullopt, "checkpoint", "the log is not the one that was seen before"};
}

Result<Tiles> proven(std::string const& folder, VerifierKey const& key, Range& range,
                     std::string& note) {
  note = TRY_DURING(read_file(folder + "/checkpoint", note_bytes_max), "read the log");
  Tiles out(folder, TRY(open_checkpoint(note, key)));
  range = TRY(clamp(range, out.checkpoint().size));
  Verifier verifier(out, key, range);
  auto const fault = TRY(verifier.run());
  if (!fault) return out;
  auto const where = fault->entry ? "entry " + std::to_string(*fault->entry) + ", " : "";
  return fail(Errc::corrupt, where + fault->file + ": " + fault->what);
}

Result<> copy_tile(Tiles const& tiles, std::string const& target, int level, std::uint64_t index) {
  auto const width = tiles.width(level, index);
  auto bytes = TRY(read_tile(tiles.folder(), level, index, width));
  std::size_t size = width * sizeof(Digest);
  if (level == entries_level) {
    size = 0;
    for (auto const entry : TRY(first_entries(bytes, width))) size += 2 + entry.size();
  }
  bytes.resize(size);
  auto const path = target + "/" + tile_path(level, index, width);
  TRY(make_private_folder(std::filesystem::path(path).parent_path().string()));
  return write_file_atomically(path, bytes, private_mode);
}

/// Level and index of all files that prove a range.
std::set<std::pair<int, std::uint64_t>> files_for(Tiles const& tiles, Range range) {
  std::set<std::pair<int, std::uint64_t>> out;
  for (int level = 0; level < levels_max; ++level)
    if (auto const edge = edge_of(tiles.checkpoint().size, level); edge.width > 0)
      out.emplace(level, edge.index);
  for (auto n = range.begin / tile_width; n * tile_width < range.end; ++n) {
    out.emplace(entries_level, n);
    auto index = n;
    for (int level = 0; level < levels_max; ++level, index /= tile_width)
      if (tiles.width(level, index) == tile_width) out.emplace(level, index);
  }
  return out;
}

}  // namespace

Result<Verdict> verify(std::string const& folder, VerifierKey const& key, Wanted const& wanted) {
  auto const note = TRY_DURING(read_file(folder + "/checkpoint", note_bytes_max), "read the log");
  Verdict out;
  auto checkpoint = open_checkpoint(note, key);
  if (!checkpoint) {
    out.fault = Fault{std::nullopt, "checkpoint", std::string(checkpoint.error().message())};
    return out;
  }
  out.checkpoint = *std::move(checkpoint);
  auto const range = TRY(clamp(wanted.range, out.checkpoint.size));
  Tiles tiles(folder, out.checkpoint);
  Verifier verifier(tiles, key, range);
  out.fault = TRY(verifier.run());
  out.checked = verifier.checked();
  if (!out.fault && !wanted.known.empty()) out.fault = TRY(check_known(tiles, wanted.known, key));
  return out;
}

Result<Proof> prove(std::string const& folder, VerifierKey const& key, std::uint64_t index) {
  Proof out{.index = index};
  Range range{index, index + 1};
  auto tiles = TRY(proven(folder, key, range, out.checkpoint));
  auto const read = TRY(read_bundle(tiles, index / tile_width));
  out.entry = read->entries[index % tile_width];
  out.path = TRY(tiles.path(index));
  return out;
}

Result<> check(Proof const& proof, VerifierKey const& key) {
  auto const checkpoint = TRY(open_checkpoint(proof.checkpoint, key));
  if (check_inclusion(leaf_hash(proof.entry), proof.index, checkpoint.size, proof.path,
                      checkpoint.root) == Proven::yes)
    return {};
  return fail(Errc::corrupt, "the proof of entry " + std::to_string(proof.index) + " is wrong");
}

Result<std::vector<std::string>> read_entries(std::string const& folder, VerifierKey const& key,
                                              Range range) {
  std::string note;
  auto const tiles = TRY(proven(folder, key, range, note));
  std::vector<std::string> out;
  for (auto n = range.begin / tile_width; n * tile_width < range.end; ++n) {
    auto const read = TRY(read_bundle(tiles, n));
    for (std::uint64_t at = 0; at < read->entries.size(); ++at)
      if (auto const entry = n * tile_width + at; entry >= range.begin && entry < range.end)
        out.emplace_back(read->entries[at]);
  }
  return out;
}

Result<> export_range(std::string const& folder, VerifierKey const& key, Range range,
                      std::string const& target) {
  std::error_code error;
  if (std::filesystem::exists(target, error) && !std::filesystem::is_empty(target, error))
    return fail(Errc::conflict, target + " is not empty");
  std::string note;
  auto const tiles = TRY(proven(folder, key, range, note));
  TRY(make_private_folder(target));
  for (auto const& [level, index] : files_for(tiles, range))
    TRY_DURING(copy_tile(tiles, target, level, index), "export");
  return write_file_atomically(target + "/checkpoint", note, private_mode);
}

std::string to_text(Verdict const& verdict) {
  auto const& checkpoint = verdict.checkpoint;
  if (!verdict.fault)
    return "OK: " + std::to_string(verdict.checked) + " of " + std::to_string(checkpoint.size) +
           " entries proven\nroot " + crypto::to_base64(crypto::bytes_of(checkpoint.root)) + "\n";
  auto const& fault = *verdict.fault;
  auto const entry = fault.entry ? "entry " + std::to_string(*fault.entry) : "the log";
  return "TAMPERED: " + entry + " cannot be trusted\n" + fault.file + ": " + fault.what + "\n";
}

}  // namespace reeve::audit
