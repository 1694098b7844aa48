#include "net/operate.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "base/metrics.hpp"

namespace reeve::net {
namespace {

Response uncached(int status, std::string content_type, std::string body) {
  return {.status = status,
          .content_type = std::move(content_type),
          .fields = {{"Cache-Control", "no-store"}},
          .body = std::move(body)};
}

// A client may send any word as a method; each label value is kept for ever.
std::string_view known_method(std::string_view method) {
  static constexpr std::array<std::string_view, 7> known{"GET",    "HEAD",  "POST",   "PUT",
                                                         "DELETE", "PATCH", "OPTIONS"};
  auto const found = std::ranges::find(known, method);
  return found == known.end() ? "other" : *found;
}

std::string_view name(ConnectionEvent event) {
  switch (event) {
    case ConnectionEvent::opened: return "opened";
    case ConnectionEvent::closed: return "closed";
    case ConnectionEvent::over_limit: return "over_limit";
    case ConnectionEvent::over_address_limit: return "over_address_limit";
    case ConnectionEvent::handshake_failed: return "handshake_failed";
  }
  return "";
}

std::function<void(Finished const&)> measure_calls(Metrics& metrics,
                                                   std::function<void(Finished const&)> next) {
  return [requests = metrics.counter("reeve_http_requests_total", "Calls answered."),
          seconds = metrics.timer("reeve_http_request_seconds",
                                  "From the end of a call's head to the end of its answer."),
          bytes = metrics.counter("reeve_http_bytes_total", "Bytes of bodies."),
          next = std::move(next)](Finished const& call) {
    auto const route = call.route.empty() ? "none" : call.route;
    requests.add({{"method", known_method(call.method)},
                  {"route", route},
                  {"status", std::to_string(call.status)}});
    seconds.observe({{"route", route}}, std::chrono::duration<double>(call.duration).count());
    bytes.add({{"direction", "received"}}, static_cast<double>(call.bytes_received));
    bytes.add({{"direction", "sent"}}, static_cast<double>(call.bytes_sent));
    if (next) next(call);
  };
}

std::function<void(ConnectionEvent)> measure_connections(
    Metrics& metrics, std::function<void(ConnectionEvent)> next) {
  return [open = metrics.gauge("reeve_http_connections", "Connections open now."),
          events = metrics.counter("reeve_http_connections_total",
                                   "What happened to connections; handshake_failed ones are "
                                   "also opened and closed."),
          next = std::move(next)](ConnectionEvent event) {
    events.add({{"event", name(event)}});
    if (event == ConnectionEvent::opened) open.add({}, 1);
    if (event == ConnectionEvent::closed) open.add({}, -1);
    if (next) next(event);
  };
}

}  // namespace

Response healthz() {
  return uncached(200, "text/plain", "ok\n");
}

Response readyz(Call& call, std::span<ReadyCheck const> checks) {
  auto const failures = call.blocking([checks] {
    std::vector<std::optional<Errc>> found;
    for (auto const& check : checks) {
      auto const passed = check.passes();
      found.push_back(passed ? std::nullopt : std::optional(passed.error().code()));
    }
    return found;
  });
  bool const ready = std::ranges::all_of(failures, [](auto& failure) { return !failure; });
  Json::Array rows;
  for (std::size_t i = 0; i < failures.size(); ++i) {
    Json row;
    row.add("name", checks[i].name);
    row.add("ok", !failures[i]);
    if (auto const& failure = failures[i]) row.add("error", describe(*failure).name);
    rows.push_back(std::move(row));
  }
  Json answer;
  answer.add("ready", ready);
  answer.add("checks", std::move(rows));
  return uncached(ready ? 200 : 503, "application/json", to_json(answer));
}

Hooks measure(Metrics& metrics, Hooks next) {
  return {.call = measure_calls(metrics, std::move(next.call)),
          .connection = measure_connections(metrics, std::move(next.connection))};
}

Response metrics_page(Metrics const& metrics) {
  return uncached(200, std::string(Metrics::content_type), metrics.text());
}

}  // namespace reeve::net
