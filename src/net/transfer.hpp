// One request over libcurl. client.cpp decides what may be asked; this file asks.
#pragma once

#include <memory>
#include <string>

#include "net/client.hpp"
#include "net/url.hpp"

namespace reeve::net {

/// One request to one origin.
struct Hop {
  Request const& request;
  Url const& url;
  Sink const& sink;          ///< Empty: the body is kept.
  std::string proxy;         ///< Empty: none.
  bool with_secrets = true;  ///< False: the origin is not the one they were meant for.
  bool public_only = false;  ///< Refuse addresses that are not public.
};

/// libcurl's handles for one request at a time, with the connections they keep. One thread at a
/// time.
class Transfer {
 public:
  explicit Transfer(ClientOptions const& options);
  Transfer(Transfer const&) = delete;
  Transfer& operator=(Transfer const&) = delete;
  ~Transfer();

  /// Errors: those of Client::send.
  Result<Reply> run(Hop const& hop);

 private:
  class Running;

  ClientOptions const& options_;
  void* multi_;
  void* easy_;
};

}  // namespace reeve::net
