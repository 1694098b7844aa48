// The way out: HTTPS requests to systems we read, change or ask.
//
// A client that others can steer is a weapon: a redirect leads it to the metadata service of the
// cloud, a name that resolves to 127.0.0.1 to a local database, an endless answer fills memory. So:
// TLS is always verified; redirects are followed only when asked for, by GET and HEAD alone, never
// from https to http, and never to an address that is not public unless the operator allowed that
// origin. The address is looked at where the socket is made, after the name was resolved, so a name
// that changes its mind (DNS rebinding) gains nothing. Behind a proxy we do not see the address,
// hence refuse. Everything has a size and a time at which it ends.
//
// Blocks its thread: a handler calls it within Call::blocking.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "net/http.hpp"
#include "net/proxy.hpp"

namespace reeve::net {

struct Request {
  std::string method = "GET";
  std::string url;  ///< Absolute. Holds no secret: it may be logged on the other side.
  std::vector<std::pair<std::string, std::string>> fields;
  /// Header fields too, wiped after use. These, and fields named Authorization or Cookie, do not
  /// follow a redirect to another origin.
  std::vector<std::pair<std::string, Secret>> secret_fields;
  std::string body;
  Deadline deadline = in(std::chrono::seconds(30));  ///< For all of it, redirects included.
  /// Nothing moves for so long: it hangs. Deadline::max() with this is right for streams.
  std::chrono::milliseconds stall{30'000};
  std::size_t bytes_max = 16u << 20;  ///< Of the answer's body, when it is kept in Reply::body.
  unsigned redirects_max = 0;         ///< 0: a redirect is an answer like any other.
  std::stop_token cancel;             ///< Ends the request from any thread.
};

struct Reply {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
  std::string origin;  ///< Who answered, after redirects; Url::origin.

  /// The first field of that name, in any case.
  std::optional<std::string_view> find(std::string_view name) const;
  /// Retry-After in seconds; empty: none, or a date.
  std::optional<std::chrono::seconds> retry_after() const;
};

/// `reply` if its status is 2xx, else what it means for us: invalid (400, 422 and others of 4xx),
/// unauthenticated (401), denied (403), not_found (404, 410), conflict (409, 412), rate_limited
/// (429), timeout (408, 504), unsupported (405, 501, 3xx), unavailable (5xx). The message names the
/// origin and the status and quotes nothing of the body.
Result<Reply> accepted(Reply reply);

/// Takes a body piece by piece. An error ends the request and is its result.
using Sink = std::function<Result<>(std::string_view piece)>;

/// Sends requests and keeps connections for the next. Any thread, several at once.
class Client {
 public:
  virtual ~Client() = default;

  /// Whatever status the other side answers is a Reply. Errors: invalid (the request, or our
  /// certificate), unavailable (no connection, cut, cancelled, or the server's certificate proves
  /// nothing), timeout, denied (an address or downgrade that is not allowed), corrupt (not HTTP, or
  /// longer than allowed). The message names method and origin, never path, query or fields.
  Result<Reply> send(Request const& request) { return do_send(request, {}); }
  /// The same; the body of a 2xx goes to `sink` on the calling thread, as it comes, without limit.
  Result<Reply> stream(Request const& request, Sink const& sink) { return do_send(request, sink); }

 private:
  virtual Result<Reply> do_send(Request const& request, Sink const& sink) = 0;
};

struct ClientOptions {
  std::string ca_pem;           ///< Trusts these and no others; empty: those of the system.
  std::string certificate_pem;  ///< Ours, chain behind it; empty: none.
  Secret key_pem;
  /// Connects here, whatever host the URL names; http:// is allowed then. Empty: TCP.
  std::string unix_path;
  bool plain_http = false;   ///< Else http:// URLs are refused.
  bool public_only = false;  ///< The first address too must be public: for URLs of strangers.
  /// "https://vault.internal:8200": may be private, also as the target of a redirect.
  std::vector<std::string> allowed_origins;
  std::optional<ProxySettings> proxy;  ///< Empty: the environment's.
};

/// Errors: invalid (an allowed origin that is no URL).
Result<std::unique_ptr<Client>> make_client(ClientOptions options);

}  // namespace reeve::net
