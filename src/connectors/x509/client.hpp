#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "connectors/x509/endpoint.hpp"

namespace reeve::x509 {

struct File {
  std::string path;        ///< Absolute, without links.
  std::uint32_t mode = 0;  ///< Permission bits.
  std::size_t size = 0;
};

/// What stopped us from seeing a part of the files.
struct Obstacle {
  std::string path;
  Error why;
};

struct FileList {
  std::vector<File> files;  ///< Regular files, by path, each once.
  std::vector<Obstacle> obstacles;
};

/// What a server showed in its handshake: DER, its own certificate first.
struct Chain {
  std::vector<std::string> certificates;
  std::string protocol;  ///< "TLSv1.3".
};

/// The outside world of this connector. One thread at a time.
class Client {
 public:
  Client() = default;
  Client(Client const&) = delete;
  Client& operator=(Client const&) = delete;
  virtual ~Client() = default;

  /// The files at and below `root`: a file, a folder, or a pattern ("/etc/nginx/*.pem", where the
  /// folder before the first wildcard bounds it). A link is followed when it stays below that
  /// folder. Errors: not_found, denied, invalid (not an absolute path).
  virtual Result<FileList> list(std::string const& root) = 0;
  /// A file of `list`, no link on the way. Errors: not_found, denied, invalid (too large).
  virtual Result<std::string> read(std::string const& root, std::string const& path,
                                   std::size_t bytes_max) = 0;
  /// The handshakes with all endpoints, in their order, some at once. Nobody is trusted and nothing
  /// is sent but what the handshake needs. Errors of each: unavailable (refused, no such host),
  /// timeout (silent for as long), unsupported (does not speak TLS), denied (we may not connect).
  virtual std::vector<Result<Chain>> handshakes(std::span<Endpoint const> endpoints) = 0;
};

/// Files of this machine and TCP. `timeout` is for all of one endpoint.
std::unique_ptr<Client> make_client(Duration timeout);

/// The half of it that reads files.
Result<FileList> list_files(std::string const& root);
Result<std::string> read_file_below(std::string const& root, std::string const& path,
                                    std::size_t bytes_max);

}  // namespace reeve::x509
