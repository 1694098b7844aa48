// The files of a log (C2SP tlog-tiles), as they lie on the disk:
//
//   checkpoint                 the signed head; replaced in one step
//   tile/0/x001/067            256 hashes of leaves, full for ever
//   tile/0/x001/068.p/17       the unfinished tile: 17 hashes
//   tile/1/004.p/43            hashes of full tiles of the level below
//   tile/entries/x001/068.p/17 the entries: each a 16-bit length, big endian, and its bytes
//
// An unfinished file grows by appending and is then renamed to its new width, so that a commit
// writes what is new and not up to 255 entries again. Whoever needs an older width of it (a reader
// who holds an older checkpoint) takes the beginning of the wider one; `read_tile` does.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "audit/merkle.hpp"
#include "base/result.hpp"

namespace reeve::audit {

/// In the place of a level: the bundles of entries, cut as level 0 is.
constexpr int entries_level = -1;
constexpr int levels_max = 8;

/// "tile/0/x001/068.p/17"; `width` 256 is the full one.
std::string tile_path(int level, std::uint64_t index, unsigned width);

/// A tile of at least `width`, whatever wider one is there. Errors: not_found, unavailable.
Result<std::string> read_tile(std::string const& folder, int level, std::uint64_t index,
                              unsigned width);

/// The width that the file of that tile says it has; 0: there is none.
Result<unsigned> width_on_disk(std::string const& folder, int level, std::uint64_t index);

/// The first `count` hashes. Errors: corrupt (fewer).
Result<std::vector<Digest>> first_hashes(std::string_view tile, unsigned count);

void append_entry(std::string& bundle, std::string_view entry);
/// Views into `bundle` of its first `count` entries. Errors: corrupt (fewer).
Result<std::vector<std::string_view>> first_entries(std::string_view bundle, unsigned count);

/// What a commit adds to a file.
struct Growth {
  int level;
  std::uint64_t index;
  unsigned from, to;  ///< Widths before (0: a new file) and after.
  std::string bytes;
};
/// Appends, syncs, renames. Errors: denied, unavailable (disk full: the file may then have a torn
/// tail, which `shrink` takes away).
Result<> grow(std::string const& folder, Growth const& growth);

/// Makes the files of that level what a tree of `size` has: later tiles go, tails are cut, names
/// are set right.
Result<> shrink(std::string const& folder, int level, std::uint64_t size);

}  // namespace reeve::audit
