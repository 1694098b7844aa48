// A file that is to be changed, held by descriptors, so that nothing can be swapped under our
// hands.
//
// Reading may follow links inside the tree (client.hpp); changing follows none, neither in the
// folders nor at the end: whoever owns a folder on the way could lead us, who may be root, to
// another file. A path with a link in it is refused, and says so.
#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"

namespace reeve::host {

class Handle {
 public:
  Handle() = default;
  explicit Handle(int fd) : fd_(fd) {}
  Handle(Handle&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Handle();
  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

/// A regular file and the folder that holds it.
struct HeldFile {
  std::string path, name;
  Handle folder, file;
  struct stat raw{};
};

/// `root`: the descriptor of the tree's root; `path` absolute below it. Errors: not_found; denied;
/// invalid (a link, not a regular file, "..", not absolute); conflict (changed while it was
/// opened).
Result<HeldFile> hold_file(int root, std::string_view path);

/// All of it. Errors: invalid (more than `bytes_max`), unavailable.
Result<std::string> read_all(HeldFile const& held, std::size_t bytes_max);

/// Puts a new file with `bytes` in its place, in one step that survives a power cut, with the mode,
/// owner and extended attributes (ACL, SELinux label) of the old one. Errors: conflict (another
/// file stands there by now, or it has hard links), denied, unavailable (disk full); the old file
/// stands.
Result<> replace(HeldFile const& held, std::string_view bytes);

}  // namespace reeve::host
