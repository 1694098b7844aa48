#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "connectors/x509/endpoint.hpp"

namespace reeve::x509 {

/// A connection in the clear, as far as the request for TLS needs it.
class Wire {
 public:
  Wire() = default;
  Wire(Wire const&) = delete;
  Wire& operator=(Wire const&) = delete;
  virtual ~Wire() = default;

  virtual Result<> send(std::string_view bytes) = 0;
  /// At least one byte, at most `size`. Errors: unavailable (closed), timeout.
  virtual Result<std::string> receive(std::size_t size) = 0;
};

/// Asks the server to begin TLS. After it, not one byte of the handshake has been read. Errors:
/// unsupported (it does not offer TLS), corrupt (it does not speak the protocol), and those of the
/// wire.
Result<> request_tls(Start start, Wire& wire);

}  // namespace reeve::x509
