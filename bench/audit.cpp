// The audit log: every act waits for a sync append, so its rate bounds that of acts; reads are
// appended async, and cost the caller little more than writing the JSON. `threads` share commits.
// The folder lies where the temporary files do, so the figures are of that disk.

#include <benchmark/benchmark.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>

#include "audit/log.hpp"
#include "audit/verify.hpp"
#include "crypto/random.hpp"

namespace {

using namespace reeve;

struct Bench {
  std::string folder;
  std::unique_ptr<audit::Log> log;

  Bench() {
    auto name = (std::filesystem::temp_directory_path() / "reeve-bench-XXXXXX").string();
    folder = ::mkdtemp(name.data());
    crypto::PredictableRandom random("bench");
    auto opened = audit::Log::open(folder, crypto::Ed25519Key::generate(random),
                                   [] { return from_micros(1'700'000'000'000'000); });
    if (opened) log = *std::move(opened);
  }
  Bench(Bench const&) = delete;
  Bench& operator=(Bench const&) = delete;
  ~Bench() {
    log.reset();
    std::filesystem::remove_all(folder);
  }
};

audit::Entry entry() {
  return {.action = "source.add",
          .object = "source:prod-pg",
          .outcome = "ok",
          .actors = {{"person", "local:alice"}, {"credential", "tok_3"}},
          .request = "req_0123456789abcdef",
          .details = {{"ip", "127.0.0.1"}}};
}

std::unique_ptr<Bench> shared;

void append(benchmark::State& state, audit::Class safety) {
  if (state.thread_index() == 0) shared = std::make_unique<Bench>();
  for (auto _ : state)
    if (auto const index = shared->log->append(entry(), safety); !index)
      state.SkipWithError("the log refuses");
  state.counters["per_s"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
  if (state.thread_index() == 0) shared.reset();
}

void audit_append_sync(benchmark::State& state) {
  append(state, audit::Class::sync);
}
void audit_append_async(benchmark::State& state) {
  append(state, audit::Class::async);
}

void audit_verify(benchmark::State& state) {
  Bench bench;
  for (int i = 0; i < 100'000; ++i)
    if (!bench.log->append(entry(), audit::Class::async)) state.SkipWithError("the log refuses");
  if (!bench.log->flush()) state.SkipWithError("the log refuses");
  for (auto _ : state) {
    auto const verdict = audit::verify(bench.folder, bench.log->verifier());
    if (!verdict || verdict->fault) state.SkipWithError("the log is not proven");
  }
  state.counters["per_s"] = benchmark::Counter(static_cast<double>(state.iterations()) * 100'000,
                                               benchmark::Counter::kIsRate);
}

BENCHMARK(audit_append_sync)->Iterations(300)->UseRealTime();
BENCHMARK(audit_append_sync)->Iterations(100)->UseRealTime()->Threads(16);
BENCHMARK(audit_append_async)->Iterations(200'000)->UseRealTime();
BENCHMARK(audit_verify)->Unit(benchmark::kMillisecond);

}  // namespace
