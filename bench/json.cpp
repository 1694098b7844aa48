// Reading and writing JSON: every reply of an API that a connector lists goes through it once. The
// document is an array of objects like those that sources send, about 1 MiB.

#include "base/json.hpp"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>

namespace {

std::string document() {
  reeve::Json::Array items;
  for (int at = 0; at < 5000; ++at) {
    reeve::Json item;
    item.add("id", at);
    item.add("name", "svc-" + std::to_string(at));
    item.add("created", "2026-03-01T10:00:00Z");
    item.add("scopes", reeve::Json(reeve::Json::Array{"read", "write"}));
    item.add("note", "owner: alice@example.com, \"quoted\", é, and a line\nmore to escape");
    item.add("active", at % 2 == 0);
    items.push_back(std::move(item));
  }
  return to_json(reeve::Json(std::move(items)));
}

void count_bytes(benchmark::State& state, std::size_t size) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(size));
}

void json_parse(benchmark::State& state) {
  auto const text = document();
  for (auto _ : state) {
    auto json = reeve::parse_json(text);
    if (!json) state.SkipWithError("the document is not JSON");
    benchmark::DoNotOptimize(json);
  }
  count_bytes(state, text.size());
}

void json_write(benchmark::State& state) {
  auto const json = reeve::parse_json(document());
  std::size_t size = 0;
  for (auto _ : state) {
    auto const text = to_json(*json);
    size = text.size();
    benchmark::DoNotOptimize(text.data());
  }
  count_bytes(state, size);
}

}  // namespace

BENCHMARK(json_parse)->Unit(benchmark::kMillisecond);
BENCHMARK(json_write)->Unit(benchmark::kMillisecond);
