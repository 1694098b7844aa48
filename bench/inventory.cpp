// The inventory at ten thousand, a hundred thousand and a million identities (of nine objects
// each): the first import, the same once more, all rules, all rules again, pages of identities. One
// estate goes through the five steps of a size in their order, because each needs what the one
// before it left.
//
// REEVE_BENCH_SIZES="10000 100000" names other sizes, REEVE_BENCH_POSTGRES those that PostgreSQL
// gets (100000), REEVE_BENCH_DIR the disk; REEVE_BENCH_KEEP leaves the SQLite files there,
// REEVE_BENCH_VERBOSE tells the time of each rule and of slow pages. `growth` is the CPU time per
// object over that at the size before: 1 is linear. Others may use the machine, so CPU time stands
// beside that of the wall clock.

#include <benchmark/benchmark.h>
#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "crypto/encode.hpp"
#include "discover/discover.hpp"
#include "inventory/inventory.hpp"
#include "inventory/list.hpp"
#include "inventory_estate.hpp"
#include "posture/evaluate.hpp"
#include "posture/rule.hpp"
#include "setting.hpp"
#include "sql/store.hpp"
#include "sql/test_postgres.hpp"

namespace {

using namespace reeve;
using Clock = std::chrono::steady_clock;

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// Resident memory at its highest since it was last forgotten (proc(5): clear_refs, VmHWM).
void forget_peak() {
  ::malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << "5";
}
double peak_mib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
  return 0;
}

/// Of the whole process: what is left of the wall clock when others use the machine too.
double cpu_seconds() {
  ::rusage use{};
  ::getrusage(RUSAGE_SELF, &use);
  auto const seconds = [](::timeval const& t) {
    return double(t.tv_sec) + double(t.tv_usec) / 1e6;
  };
  return seconds(use.ru_utime) + seconds(use.ru_stime);
}

double quantile(std::vector<double>& all, double share) {
  auto const at = all.begin() + std::ptrdiff_t(double(all.size()) * share);
  std::nth_element(all.begin(), at, all.end());
  return *at;
}

/// Both stores of one estate, where they are, and what was measured of them so far.
struct Stores {
  std::int64_t identities = 0;
  bool postgres = false;
  std::string folder{};
  std::unique_ptr<test::Postgres> cluster{};
  std::unique_ptr<sql::Store> state{};
  std::unique_ptr<sql::Database> inventory{};

  Stores() = default;
  Stores(Stores const&) = delete;
  Stores& operator=(Stores const&) = delete;
  ~Stores() { close(); }
  void close() {
    state.reset();
    inventory.reset();
    cluster.reset();
    auto const over = std::exchange(folder, "");
    if (!over.empty() && !bench::setting("REEVE_BENCH_KEEP")) std::filesystem::remove_all(over);
  }
};

Result<> open(Stores& stores) {
  stores.folder =
      bench::setting("REEVE_BENCH_DIR", "/var/tmp") + std::string("/reeve-bench-XXXXXX");
  if (!::mkdtemp(stores.folder.data())) return fail(Errc::unavailable, "no folder for the bench");
  std::string why;
  if (stores.postgres) stores.cluster = test::Postgres::start(why);
  if (stores.postgres && !stores.cluster) return fail(Errc::unavailable, why);
  auto const url = [&](std::string const& name) {
    return stores.postgres ? stores.cluster->url(name)
                           : "sqlite://" + stores.folder + "/" + name + ".db";
  };
  stores.state = TRY(sql::Store::open(url("state"), sql::Durability::durable));
  {
    auto const writer = TRY(stores.state->writer());
    TRY(inventory::create_state(*writer));
  }
  stores.inventory = TRY(sql::open(url("inventory"), sql::Durability::rebuildable));
  TRY(inventory::create_schema(*stores.inventory));
  return {};
}

discover::Tools tools() {
  return {.fingerprint = [](std::string_view) { return std::string("-"); },
          .environment = [](std::string const&) { return std::optional<std::string>(); },
          .now = [] { return bench::estate_now; },
          .wait = [](Duration) -> Result<> { return {}; },
          .random = [] { return std::uint64_t(0); },
          .watch = {},
          .time_max = std::chrono::hours(24)};
}

/// How many objects were met.
Result<std::int64_t> discover_all(Stores& stores) {
  connect::Kind const kinds[] = {bench::estate_kind()};
  auto const sources = bench::estate_sources(stores.identities);
  std::int64_t objects = 0;
  for (auto const& one : TRY(discover::run(*stores.inventory, kinds, sources, tools()))) {
    if (!one.complete) return fail(Errc::internal, one.source + ": " + one.error);
    objects += one.objects;
  }
  return objects;
}

/// Small durable commits to the state store, one after the other with a rest between them.
class Commits {
 public:
  Commits(sql::Store& state, std::string name)
      : name_(std::move(name)), thread_([this, &state](std::stop_token const& stop) {
          while (result_ && !stop.stop_requested()) commit(state);
        }) {}
  /// Ends it. Errors: those of the first commit that failed.
  Result<double> p99_ms() {
    thread_.request_stop();
    thread_.join();
    TRY(result_);
    return waits_.empty() ? 0 : quantile(waits_, 0.99);
  }

 private:
  void commit(sql::Store& state) {
    auto const start = Clock::now();
    result_ = state.commit([this](sql::Database& db) { return add(db); });
    waits_.push_back(ms_since(start));
    constexpr std::chrono::milliseconds rest(2);
    std::this_thread::sleep_for(rest);  // tidy: a load with rests is what is measured
  }
  Result<> add(sql::Database& db) const {
    auto const pattern = name_ + std::to_string(waits_.size());
    return sql::run(
        db, R"(insert into resource_marks (pattern, sensitivity, reason, decided_by, decided)
        values (:pattern, 'high', 'bench', 'bench', 0))",
        {{":pattern", pattern}});
  }

  std::string name_;
  std::vector<double> waits_;
  Result<> result_;
  std::jthread thread_;  ///< Last: it dies first.
};

/// Time per object at the size before, by step and database.
double growth(std::string const& step, double us_per_object) {
  static std::map<std::string, double> before;
  auto const was = std::exchange(before[step], us_per_object);
  return was == 0 ? 0 : us_per_object / was;
}

void report(benchmark::State& state, Stores const& stores, std::string const& step, double cpu_s,
            double objects) {
  auto const each = cpu_s * 1e6 / objects;
  state.counters["cpu_s"] = cpu_s;
  state.counters["cpu_us_per_object"] = each;
  state.counters["peak_mib"] = peak_mib();
  if (auto const grown = growth(step + (stores.postgres ? "_postgres" : ""), each); grown != 0)
    state.counters["growth"] = grown;
}

void import_all(benchmark::State& state, Stores& stores, std::string const& step) {
  forget_peak();
  Commits commits(*stores.state, step);
  for (auto _ : state) {
    auto const start = Clock::now();
    auto const cpu = cpu_seconds();
    auto const objects = discover_all(stores);
    if (!objects) return state.SkipWithError(objects.error().to_string().c_str());
    report(state, stores, step, cpu_seconds() - cpu, double(*objects));
    state.counters["wall_s"] = ms_since(start) / 1000;
    state.counters["objects"] = double(*objects);
  }
  auto const p99 = commits.p99_ms();
  if (!p99) return state.SkipWithError(p99.error().to_string().c_str());
  state.counters["commit_p99_ms"] = *p99;
}

/// How long each part of an evaluation takes, on standard error when asked for.
class StepTimes {
 public:
  void next(std::string step) {
    if (verbose_ && !step_.empty())
      fprintf(stderr, "%-14s %6.0f ms wall, %6.0f ms CPU\n", step_.c_str(), ms_since(wall_),
              (cpu_seconds() - cpu_) * 1000);
    step_ = std::move(step);
    wall_ = Clock::now();
    cpu_ = cpu_seconds();
  }

 private:
  bool verbose_ = bench::setting("REEVE_BENCH_VERBOSE") != nullptr;
  std::string step_;
  Clock::time_point wall_;
  double cpu_ = 0;
};

void judge_all(benchmark::State& state, Stores& stores, std::string const& step) {
  auto const rules = posture::load_rules("");
  if (!rules) return state.SkipWithError(rules.error().to_string().c_str());
  forget_peak();
  auto const decisions = bench::estate_decisions(stores.identities);
  StepTimes times;
  for (auto _ : state) {
    auto const start = Clock::now();
    auto const cpu = cpu_seconds();
    auto const watch = [&](posture::Step const& at) {
      times.next(std::string(at.what) + " " + std::string(at.rule));
    };
    auto const summary =
        posture::evaluate(*stores.inventory, decisions, *rules, bench::estate_now, watch);
    if (!summary) return state.SkipWithError(summary.error().to_string().c_str());
    times.next("");
    report(state, stores, step, cpu_seconds() - cpu, double(stores.identities) * 9);
    state.counters["wall_s"] = ms_since(start) / 1000;
    state.counters["findings"] = double(summary->open);
    state.counters["unknown"] = double(summary->unknown);
    state.counters["rules"] = double(rules->size());
  }
}

/// Any page of any list of identities that a person may ask for.
inventory::ListQuery any_page(std::mt19937_64& dice, std::int64_t identities) {
  auto const below = [&](std::size_t end) { return std::size_t(dice() % end); };
  static char const* const stems[] = {"app", "backup", "deploy", "etl", "report", "sync"};
  static std::pair<char const*, std::vector<std::string>> const filters[] = {
      {"source", {"estate-0", "estate-1", "estate-2", "estate-3"}},
      {"kind", {"role", "account", "service_account", "user", "agent"}},
      {"environment", {"production", "staging", "development", "sandbox"}},
      {"enabled", {"0", "1"}},
      {"quadrant", {"human_user", "human_driven", "multi_actor", "system_driven", "unknown"}}};
  inventory::ListQuery out{.table = "identities", .limit = 100};
  auto const& [name, values] = filters[below(std::size(filters))];
  out.filters[name] = values[below(values.size())];
  std::string key;
  switch (below(3)) {
    case 0:
      out.sort = "name";
      key = std::string(stems[below(std::size(stems))]) + "-" + std::to_string(below(1000));
      break;
    case 1: out.sort = "id"; break;
    case 2:
      out.sort = "-risk";
      key = std::to_string(below(180));
      break;
    default: std::unreachable();
  }
  auto const id = std::to_string(1 + below(std::size_t(identities)));
  auto const sort = out.sort.starts_with('-') ? out.sort.substr(1) : out.sort;
  if (below(4) != 0)  // else the first page
    out.cursor = crypto::to_base64url(sort + "\n" + id + "\n" + (sort == "id" ? id : key));
  return out;
}

void pages(benchmark::State& state, Stores& stores) {
  std::mt19937_64 dice(7);
  std::vector<double> waits;
  bool const verbose = bench::setting("REEVE_BENCH_VERBOSE") != nullptr;
  forget_peak();
  for (auto _ : state) {
    auto const query = any_page(dice, stores.identities);
    auto const start = Clock::now();
    auto const page = inventory::list(*stores.inventory, query);
    waits.push_back(ms_since(start));
    if (!page) return state.SkipWithError(page.error().to_string().c_str());
    if (verbose && waits.back() > 20)
      fprintf(stderr, "%.1f ms: %s=%s by %s, %zu rows\n", waits.back(),
              query.filters.begin()->first.c_str(), query.filters.begin()->second.c_str(),
              query.sort.c_str(), page->rows.size());
  }
  state.counters["p50_ms"] = quantile(waits, 0.5);
  state.counters["p99_ms"] = quantile(waits, 0.99);
  state.counters["peak_mib"] = peak_mib();
}

using Step = void (*)(benchmark::State&, Stores&);

void import_first(benchmark::State& state, Stores& stores) {
  if (auto const opened = open(stores); !opened)
    return state.SkipWithError(opened.error().to_string().c_str());
  import_all(state, stores, "import");
}
void import_again(benchmark::State& state, Stores& stores) {
  import_all(state, stores, "again");
}
void rules(benchmark::State& state, Stores& stores) {
  judge_all(state, stores, "rules");
}
/// As after a run or a decision that changed next to nothing.
void rules_again(benchmark::State& state, Stores& stores) {
  judge_all(state, stores, "rules_again");
}

struct Named {
  char const* name;
  Step run;
  std::int64_t times;
};
constexpr Named steps[] = {{"import", import_first, 1},
                           {"again", import_again, 1},
                           {"rules", rules, 1},
                           {"rules_again", rules_again, 1},
                           {"page", pages, 1000}};

/// Once run, the last step throws the estate away.
void add_steps(std::int64_t identities, bool postgres) {
  auto const stores = std::make_shared<Stores>();
  stores->identities = identities;
  stores->postgres = postgres;
  for (auto const& step : steps) {
    auto const name = "inventory_" + std::string(step.name) + (postgres ? "_postgres" : "") + "/" +
                      std::to_string(identities);
    auto const run = [stores, &step](benchmark::State& state) {
      if (&step != std::begin(steps) && !stores->inventory)
        return state.SkipWithError("there is no estate: its import failed");
      step.run(state, *stores);
      if (&step == std::end(steps) - 1) stores->close();
    };
    benchmark::RegisterBenchmark(name.c_str(), run)
        ->Unit(benchmark::kMillisecond)
        ->Iterations(step.times)
        ->Repetitions(1)
        ->UseRealTime();
  }
}

void add_sizes(char const* variable, char const* usual, bool postgres) {
  std::istringstream sizes(bench::setting(variable, usual));
  for (std::int64_t each = 0; sizes >> each;) add_steps(each, postgres);
}

// The library's own main runs what is registered before it.
[[maybe_unused]] bool const added = [] {
  add_sizes("REEVE_BENCH_SIZES", "10000 100000 1000000", /*postgres=*/false);
  add_sizes("REEVE_BENCH_POSTGRES", "100000", /*postgres=*/true);
  return true;
}();

}  // namespace
