// What an operator's tools ask of a running server: does it live, may it get traffic, how is it
// doing. The answers are for anybody who may connect, so they name what is wrong and tell no more.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "base/result.hpp"
#include "net/http.hpp"

namespace reeve {
class Metrics;
}

namespace reeve::net {

/// 200 as long as the loop turns. Whoever starts us again on failure asks this: it touches nothing
/// that a restart would not mend.
Response healthz();

/// Something without which calls would fail, a database say.
struct ReadyCheck {
  std::string name;                  ///< As shown; "store".
  std::function<Result<>()> passes;  ///< Any thread, may block; has its own time limit.
};
/// 200 if all pass, else 503; which of them failed and the code of its error, not its message.
Response readyz(Call& call, std::span<ReadyCheck const> checks);

/// Counts what a server does, then calls `next`: reeve_http_requests_total by method, route and
/// status; reeve_http_request_seconds by route; reeve_http_bytes_total by direction;
/// reeve_http_connections (open now); reeve_http_connections_total by event. `metrics` outlives the
/// server.
Hooks measure(Metrics& metrics, Hooks next = {});

/// The answer of GET /metrics.
Response metrics_page(Metrics const& metrics);

}  // namespace reeve::net
