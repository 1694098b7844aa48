// Where connections come from: a TCP port or a path in the file system.
//
// A unix socket outlives a server that was killed, and its path then blocks the next one. Whether
// somebody still listens is asked by connecting: refused means that nobody does, and only then is
// it removed. Two servers that start at once could both find it dead, and the second would remove
// the first one's new socket; so the directory is locked (flock) from the question to the bind.
// Connecting is allowed to this user alone, from the first moment: Linux takes the mode of a new
// socket file from the descriptor (unix(7), net/unix/af_unix.c: unix_bind), so it is set before.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "net/http_connection.hpp"

namespace reeve::net {

/// A listening socket. One thread at a time.
class Listener {
 public:
  /// `port` 0: any free one. Errors: invalid (no numeric address), unavailable (taken).
  static Result<Listener> tcp(std::string const& address, std::uint16_t port);
  /// Errors: invalid (path too long), unavailable (somebody listens, or the directory does not let
  /// us), conflict (what lies there is no socket).
  static Result<Listener> unix_socket(std::string path);

  Listener(Listener&& other) noexcept;
  Listener& operator=(Listener&&) = delete;
  ~Listener();  ///< Closes.

  int descriptor() const { return descriptor_; }
  std::uint16_t port() const { return port_; }  ///< 0: a unix socket.
  bool is_unix() const { return !path_.empty(); }

  /// The next connection that waits; empty: none, see errno.
  std::optional<Admitted> accept() const;
  /// Stops listening and removes the path, unless it has become another's meanwhile.
  void close();

 private:
  explicit Listener(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
  std::uint16_t port_ = 0;
  std::string path_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace reeve::net
