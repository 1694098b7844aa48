// A whole look at the running system by the host connector: every page, and its coverage.

#include "connectors/host/host.hpp"

#include <benchmark/benchmark.h>
#include <sys/resource.h>

namespace {

using namespace reeve;

/// Objects found; -1: it failed.
std::int64_t discover() {
  auto tree = host::open_live();
  if (!tree) return -1;
  auto const host = connect::make_host(
      "here", std::move(*tree),
      {.now = [] { return Instant{}; },
       .verifier_fingerprint = [](std::string_view) { return std::string("-"); }});
  std::int64_t objects = 0;
  std::string cursor;
  do {
    auto const page = host->enumerate(cursor);
    if (!page) return -1;
    objects += std::int64_t(page->observations.size());
    cursor = page->next;
  } while (!cursor.empty());
  benchmark::DoNotOptimize(host->coverage());
  return objects;
}

void host_discover(benchmark::State& state) {
  std::int64_t objects = 0;
  for (auto _ : state) {
    objects = discover();
    if (objects < 0) return state.SkipWithError("the host cannot be read");
  }
  ::rusage use{};
  ::getrusage(RUSAGE_SELF, &use);
  state.counters["objects"] = double(objects);
  state.counters["peak_mib"] = double(use.ru_maxrss) / 1024;
}
BENCHMARK(host_discover)->Unit(benchmark::kMillisecond);

}  // namespace
