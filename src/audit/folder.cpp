#include "audit/folder.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <optional>

#include "base/crash.hpp"
#include "base/descriptor.hpp"
#include "base/file.hpp"

namespace reeve::audit {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t bundle_bytes_max = std::size_t(tile_width) * (65535 + 2);

std::string three(std::uint64_t number) {
  auto const digits = std::to_string(number);
  return std::string(3 - digits.size(), '0') + digits;
}

std::string level_name(int level) {
  return level == entries_level ? "entries" : std::to_string(level);
}

std::string base_path(int level, std::uint64_t index) {
  auto out = three(index % 1000);
  while (index /= 1000) out = "x" + three(index % 1000) + "/" + out;
  return "tile/" + level_name(level) + "/" + out;
}

std::string absolute(std::string const& folder, int level, std::uint64_t index, unsigned width) {
  return folder + "/" + tile_path(level, index, width);
}

std::string parent_of(std::string const& path) {
  return path.substr(0, path.rfind('/'));
}

/// Makes the folders above a file of the log, each synced into its parent.
Result<> make_parents(std::string const& folder, std::string const& file) {
  auto const parent = parent_of(file);
  if (parent == folder || ::access(parent.c_str(), F_OK) == 0) return {};
  TRY(make_parents(folder, parent));
  TRY(make_private_folder(parent));
  return sync_folder(parent_of(parent));
}

Result<> append_synced(std::string const& path, Growth const& growth) {
  int const flags = growth.from == 0 ? O_CREAT | O_EXCL : 0;
  Descriptor const file(::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW | flags,
                               S_IRUSR | S_IWUSR));
  if (!file) return system_error(errno, "open " + path);
  auto const half = growth.bytes.size() / 2;
  auto const bytes = std::string_view(growth.bytes);
  TRY(write_all(file, bytes.substr(0, half), path));
  crash_point("audit:half:" + level_name(growth.level));
  TRY(write_all(file, bytes.substr(half), path));
  if (::fdatasync(file.get()) != 0) return system_error(errno, "sync " + path);
  return {};
}

Result<> move(std::string const& from, std::string const& to) {
  if (from != to && ::rename(from.c_str(), to.c_str()) != 0)
    return system_error(errno, "rename " + from + " to " + to);
  return {};
}

Result<> remove(std::string const& path) {
  std::error_code error;
  fs::remove_all(path, error);
  return error ? Result<>(system_error(error.value(), "remove " + path)) : Result<>();
}

/// How many bytes the first `width` hashes or entries have.
Result<std::size_t> bytes_of(int level, std::string_view file, unsigned width) {
  if (level != entries_level) {
    TRY(first_hashes(file, width));
    return width * sizeof(Digest);
  }
  std::size_t out = 0;
  for (auto const entry : TRY(first_entries(file, width))) out += 2 + entry.size();
  return out;
}

Result<> cut(std::string const& path, std::size_t bytes) {
  Descriptor const file(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file || ::ftruncate(file.get(), static_cast<off_t>(bytes)) != 0 ||
      ::fdatasync(file.get()) != 0)
    return system_error(errno, "cut " + path);
  return {};
}

Result<> remove_tile(std::string const& folder, int level, std::uint64_t index) {
  TRY(remove(absolute(folder, level, index, tile_width)));
  return remove(folder + "/" + base_path(level, index) + ".p");
}

Result<> shrink_to(std::string const& folder, int level, Edge edge, unsigned width) {
  auto const now = absolute(folder, level, edge.index, width);
  auto const wanted = absolute(folder, level, edge.index, edge.width);
  auto const file = TRY(read_file(now, bundle_bytes_max));
  auto const bytes = TRY(bytes_of(level, file, edge.width));
  if (file.size() != bytes) TRY(cut(now, bytes));
  TRY(make_parents(folder, wanted));
  TRY(move(now, wanted));
  return sync_folder(parent_of(wanted));
}

/// The largest number that names a file in "<tile>.p"; 0: there is none.
Result<unsigned> widest_in(std::string const& path) {
  unsigned out = 0;
  std::error_code error;
  for (fs::directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
    auto const name = at->path().filename().string();
    unsigned width = 0;
    auto const [stop, wrong] = std::from_chars(name.data(), name.data() + name.size(), width);
    bool const good = wrong == std::errc() && stop == name.data() + name.size();
    if (good && width < tile_width) out = std::max(out, width);
  }
  if (error && error != std::errc::no_such_file_or_directory)
    return system_error(error.value(), "list " + path);
  return out;
}

}  // namespace

std::string tile_path(int level, std::uint64_t index, unsigned width) {
  auto const base = base_path(level, index);
  return width == tile_width ? base : base + ".p/" + std::to_string(width);
}

Result<unsigned> width_on_disk(std::string const& folder, int level, std::uint64_t index) {
  if (::access(absolute(folder, level, index, tile_width).c_str(), F_OK) == 0) return tile_width;
  return widest_in(folder + "/" + base_path(level, index) + ".p");
}

Result<std::string> read_tile(std::string const& folder, int level, std::uint64_t index,
                              unsigned width) {
  // The writer beside us may rename the file between our look and our open; each time it does,
  // the file has grown, so this ends.
  for (unsigned tries = 0; tries < 2 * tile_width; ++tries) {
    auto const wide = TRY(width_on_disk(folder, level, index));
    if (wide < width)
      return fail(Errc::not_found, tile_path(level, index, width) + " is not there");
    auto out = read_file(absolute(folder, level, index, wide), bundle_bytes_max);
    if (out || out.error().code() != Errc::not_found) return out;
  }
  return fail(Errc::unavailable, tile_path(level, index, width) + " keeps changing");
}

Result<std::vector<Digest>> first_hashes(std::string_view tile, unsigned count) {
  if (tile.size() < count * sizeof(Digest)) return fail(Errc::corrupt, "a tile lacks hashes");
  std::vector<Digest> out(count);
  for (std::size_t i = 0; i < count; ++i)
    std::ranges::copy(tile.substr(i * sizeof(Digest), sizeof(Digest)),
                      reinterpret_cast<char*>(out[i].data()));
  return out;
}

void append_entry(std::string& bundle, std::string_view entry) {
  bundle += static_cast<char>(entry.size() >> 8);
  bundle += static_cast<char>(entry.size() & 0xff);
  bundle += entry;
}

Result<std::vector<std::string_view>> first_entries(std::string_view bundle, unsigned count) {
  std::vector<std::string_view> out;
  while (out.size() < count) {
    if (bundle.size() < 2) return fail(Errc::corrupt, "a bundle lacks entries");
    auto const byte = [&](std::size_t at) { return std::size_t(std::uint8_t(bundle[at])); };
    auto const size = byte(0) << 8 | byte(1);
    if (bundle.size() < 2 + size) return fail(Errc::corrupt, "a bundle lacks entries");
    out.push_back(bundle.substr(2, size));
    bundle.remove_prefix(2 + size);
  }
  return out;
}

// ".p/16"  --append-->  ".p/16" with more  --rename-->  ".p/17", or the full file, its folder gone
Result<> grow(std::string const& folder, Growth const& growth) {
  auto const fresh = growth.from == 0;
  auto const to = absolute(folder, growth.level, growth.index, growth.to);
  auto const from = fresh ? to : absolute(folder, growth.level, growth.index, growth.from);
  if (fresh) TRY(make_parents(folder, to));
  TRY(append_synced(from, growth));
  crash_point("audit:written:" + level_name(growth.level));
  TRY(move(from, to));
  if (growth.to == tile_width && !fresh) TRY(remove(parent_of(from)));
  // A name that a power cut takes back is found again by its older width; a file is not.
  if (fresh || growth.to == tile_width) TRY(sync_folder(parent_of(to)));
  return {};
}

Result<> shrink(std::string const& folder, int level, std::uint64_t size) {
  auto const edge = edge_of(size, std::max(level, 0));
  for (auto index = edge.index + 1; TRY(width_on_disk(folder, level, index)) != 0; ++index)
    TRY(remove_tile(folder, level, index));
  auto const width = TRY(width_on_disk(folder, level, edge.index));
  if (width == 0) return {};
  if (edge.width == 0) return remove_tile(folder, level, edge.index);
  return shrink_to(folder, level, edge, width);
}

}  // namespace reeve::audit
