#include "base/metrics.hpp"

#include <doctest/doctest.h>

#include <thread>
#include <vector>

namespace reeve {
namespace {

TEST_CASE("metrics: counters, gauges and timers in the text format") {
  Metrics metrics;
  auto const calls = metrics.counter("reeve_calls_total", "Calls answered.");
  calls.add({{"method", "GET"}});
  calls.add({{"method", "GET"}}, 2);
  calls.add({{"method", "GET"}}, -5);  // Counters only grow.
  metrics.gauge("reeve_open", "Open now.").add({}, 3);
  metrics.gauge("reeve_open", "Open now.").add({}, -1);
  metrics.timer("reeve_call_seconds", "Time.").observe({}, 0.002);
  auto const text = metrics.text();
  CAPTURE(text);
  for (auto const* line :
       {"# HELP reeve_calls_total Calls answered.\n", "# TYPE reeve_calls_total counter\n",
        "reeve_calls_total{method=\"GET\"} 3\n", "# TYPE reeve_open gauge\n", "reeve_open 2\n",
        "# TYPE reeve_call_seconds histogram\n", "reeve_call_seconds_bucket{le=\"0.001\"} 0\n",
        "reeve_call_seconds_bucket{le=\"0.0025\"} 1\n", "reeve_call_seconds_count 1\n"})
    CHECK(text.find(line) != text.npos);
}

TEST_CASE("metrics: a label value cannot end its line") {
  Metrics metrics;
  metrics.counter("reeve_x_total", "X.").add({{"who", "a\"\n b\\ \xff"}});
  CAPTURE(metrics.text());
  CHECK(metrics.text().find("{who=\"a\\\"\\n b\\\\ \\\\xFF\"} 1\n") != std::string::npos);
}

TEST_CASE("metrics: many threads count together") {
  Metrics metrics;
  auto const counter = metrics.counter("reeve_x_total", "X.");
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&counter] {
        for (int n = 0; n < 1000; ++n) counter.add({{"a", "b"}});
      });
  }
  CHECK(metrics.text().find("reeve_x_total{a=\"b\"} 4000\n") != std::string::npos);
}

}  // namespace
}  // namespace reeve
