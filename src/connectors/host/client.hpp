#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace reeve::host {

enum class FileKind : std::uint8_t { file, directory, link, special };

struct FileStat {
  FileKind kind = FileKind::file;
  std::uint32_t mode = 0;  ///< Permission bits only: 0644.
  std::uint32_t uid = 0, gid = 0;
  std::uint64_t size = 0;  ///< Bytes; 0 for the files of /proc, whatever they hold.
  Instant modified;

  bool operator==(FileStat const&) const = default;
};

struct DirEntry {
  std::string name;  ///< Raw bytes as the file system has them.
  FileKind kind = FileKind::file;

  bool operator==(DirEntry const&) const = default;
};

/// A read-only look at one file tree: a running system or an image, chroot, snapshot. Paths are
/// absolute inside the tree ("/etc/passwd"); links are followed inside the tree only, so an
/// absolute target and ".." stay below its root. Special files are never opened. The real one is
/// client_fs.cpp; its peer for tests is client_fake.hpp. One thread at a time.
///
/// Errors of all: not_found; denied (names the path); invalid (too large, not a regular file, a
/// loop of links, not an absolute path); unavailable (the medium failed).
class Tree {
 public:
  Tree() = default;
  Tree(Tree const&) = delete;
  Tree& operator=(Tree const&) = delete;
  virtual ~Tree() = default;

  /// The whole file. More than `bytes_max`: invalid, so nothing half-read is taken for the whole.
  virtual Result<std::string> read(std::string_view path, std::size_t bytes_max) = 0;
  /// At most `size` bytes from `offset`; fewer, or none, at the end of the file.
  virtual Result<std::string> read_at(std::string_view path, std::uint64_t offset,
                                      std::size_t size) = 0;
  /// By name, without "." and "..". More than `entries_max`: invalid.
  virtual Result<std::vector<DirEntry>> list(std::string_view path, std::size_t entries_max) = 0;
  virtual Result<FileStat> stat(std::string_view path) = 0;  ///< Of what a link leads to.
  virtual Result<FileStat> lstat(std::string_view path) = 0;
  /// The target as it is written in the link. Not a link: invalid.
  virtual Result<std::string> read_link(std::string_view path) = 0;
  /// Our own running system: /proc tells what runs.
  virtual bool live() const = 0;
};

/// The running system, or what lies below `root`. Errors: not_found, denied, invalid (not a
/// directory).
Result<std::unique_ptr<Tree>> open_live();
Result<std::unique_ptr<Tree>> open_tree(std::string const& root);

}  // namespace reeve::host
