// A small durable commit to the state store while a bulk import fills the inventory store beside
// it: two databases, so that the commit waits for its own disk write and for nothing else. Issue:
// p99 at most 50 ms. The import is the shape of a real one: pages of 1000 rows, one transaction
// each, rows of about 200 bytes with a unique key.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "setting.hpp"
#include "sql/store.hpp"
#include "sql/test_postgres.hpp"

namespace {

using namespace reeve;
using Clock = std::chrono::steady_clock;

constexpr auto schema =
    "create table rows (id bigint not null primary key, k text not null, v text not null);"
    "create unique index rows_k on rows (k)";

Result<> add(sql::Database& db, std::int64_t id) {
  auto const key = "key-" + std::to_string(id * 2654435761 % 4294967296);
  std::string const text(150, 'x');
  return sql::run(db, "insert into rows (id, k, v) values (:id, :k, :v)",
                  {{":id", id}, {":k", key}, {":v", text}});
}

Result<> add_page(sql::Store& store, std::int64_t first) {
  auto const writer = TRY(store.writer());
  auto transaction = TRY(sql::Transaction::begin(*writer, sql::Access::bulk));
  for (std::int64_t i = 0; i < 1000; ++i) TRY(add(*writer, first + i));
  return transaction.commit();
}

std::unique_ptr<sql::Store> must_open(std::string const& url, sql::Durability durability) {
  auto store = sql::Store::open(url, durability);
  if (!store) return nullptr;
  auto const made = (*store)->commit([](sql::Database& db) { return db.execute(schema); });
  return made ? std::move(*store) : nullptr;
}

struct Pair {
  std::unique_ptr<sql::Store> state, inventory;
};

/// Imports until it is told to stop.
struct Load {
  explicit Load(sql::Store& store)
      : thread([this, &store](std::stop_token const& stop) {
          for (; !stop.stop_requested(); rows += 1000)
            if (!add_page(store, rows)) return void(failed = true);
        }) {}
  std::atomic<std::int64_t> rows = 0;
  std::atomic<bool> failed = false;
  std::jthread thread;
};

double p99_ms(std::vector<double>& all) {
  auto const at = all.begin() + std::ptrdiff_t(all.size() * 99 / 100);
  std::nth_element(all.begin(), at, all.end());
  return *at;
}

void measure(benchmark::State& state, Pair const& stores) {
  if (!stores.state || !stores.inventory) return state.SkipWithError("no store");
  std::vector<double> waits;
  auto const begun = Clock::now();
  Load load(*stores.inventory);
  for (auto _ : state) {
    auto const start = Clock::now();
    auto const id = std::int64_t(waits.size());
    if (!stores.state->commit([&](sql::Database& db) { return add(db, id); }))
      return state.SkipWithError("a commit failed");
    waits.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
  }
  std::chrono::duration<double> const took = Clock::now() - begun;
  if (load.failed) return state.SkipWithError("the import failed");
  state.counters["p99_ms"] = p99_ms(waits);
  state.counters["rows_per_second"] = double(load.rows) / took.count();
}

/// REEVE_BENCH_DIR says on which disk; /tmp may be memory.
std::string make_folder() {
  std::string name =
      bench::setting("REEVE_BENCH_DIR", "/var/tmp") + std::string("/reeve-bench-XXXXXX");
  return ::mkdtemp(name.data()) ? name : "";
}

void sql_commit_sqlite(benchmark::State& state) {
  auto const folder = make_folder();
  measure(state, {must_open("sqlite://" + folder + "/state.db", sql::Durability::durable),
                  must_open("sqlite://" + folder + "/inventory.db", sql::Durability::rebuildable)});
  std::filesystem::remove_all(folder);
}

void sql_commit_postgres(benchmark::State& state) {
  std::string why;
  auto const cluster = test::Postgres::start(why);
  if (!cluster) return state.SkipWithError(why.c_str());
  measure(state, {must_open(cluster->url("state"), sql::Durability::durable),
                  must_open(cluster->url("inventory"), sql::Durability::rebuildable)});
}

}  // namespace

BENCHMARK(sql_commit_sqlite)->Unit(benchmark::kMillisecond)->Iterations(2000)->UseRealTime();
BENCHMARK(sql_commit_postgres)->Unit(benchmark::kMillisecond)->Iterations(2000)->UseRealTime();
