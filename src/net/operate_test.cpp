#include "net/operate.hpp"

#include <doctest/doctest.h>

#include <array>
#include <atomic>

#include "base/metrics.hpp"
#include "net/http_fake.hpp"
#include "net/test_peer.hpp"

namespace reeve::net {
namespace {

using namespace std::chrono_literals;

TEST_CASE("operate: ready only if all checks pass, and no more told than which did not") {
  FakeCall call("GET", "/readyz");
  std::array<ReadyCheck, 2> checks{
      ReadyCheck{.name = "store", .passes = [] { return Result<>(); }},
      ReadyCheck{.name = "audit",
                 .passes = []() -> Result<> { return fail(Errc::unavailable, "disk sda1 full"); }},
  };
  auto const bad = readyz(call, checks);
  CHECK(bad.status == 503);
  CHECK(bad.text() == R"({"ready":false,"checks":[{"name":"store","ok":true},)"
                      R"({"name":"audit","ok":false,"error":"unavailable"}]})");
  checks[1].passes = [] { return Result<>(); };
  CHECK(readyz(call, checks).status == 200);
  CHECK(readyz(call, {}).text() == R"({"ready":true,"checks":[]})");
  CHECK(healthz().status == 200);
}

TEST_CASE("operate: a server's calls and connections are counted, then the next hook runs") {
  Metrics metrics;
  std::atomic<int> seen = 0;
  Hooks const next{.call = [&seen](Finished const&) { ++seen; }};
  auto const server = serve(
      [&metrics](Call& call) {
        if (call.head().path == "/metrics") return metrics_page(metrics);
        auto response = text("hello\n");
        response.route = "/hello/{id}";
        return response;
      },
      {.hooks = measure(metrics, next)});
  RawClient client(*server);
  client.get("/hello/1").until("hello\n");
  client.get("/hello/2").until("hello\n");
  client.send("SURPRISE /hello/3 HTTP/1.1\r\nHost: a\r\n\r\n").until("hello\n");
  auto const page =
      client.send("GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").rest();
  CAPTURE(page);
  for (auto const* line :
       {"Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n",
        "reeve_http_requests_total{method=\"GET\",route=\"/hello/{id}\",status=\"200\"} 2\n",
        "reeve_http_requests_total{method=\"other\",route=\"/hello/{id}\",status=\"200\"} 1\n",
        "reeve_http_request_seconds_count{route=\"/hello/{id}\"} 3\n",
        "reeve_http_bytes_total{direction=\"sent\"} 18\n", "reeve_http_connections 1\n",
        "reeve_http_connections_total{event=\"opened\"} 1\n"})
    CHECK(page.find(line) != page.npos);
  server->stop(0ms);  // Its last hook has run.
  CHECK(seen == 4);
}

}  // namespace
}  // namespace reeve::net
