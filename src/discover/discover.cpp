#include "discover/discover.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>

#include "base/crash.hpp"
#include "base/text.hpp"
#include "connect/retry.hpp"
#include "inventory/run.hpp"
#include "sql/database.hpp"

namespace reeve::discover {
namespace {

using connect::Connector;

/// The store and the watcher, for several threads.
class Shared {
 public:
  Shared(sql::Database& inventory, Tools const& tools) : inventory_(inventory), tools_(tools) {}

  template <class Work>
  auto with_store(Work const& work) {
    std::scoped_lock const lock(store_);
    return work(inventory_);
  }
  void tell(Progress const& progress) {
    std::scoped_lock const lock(watch_);
    if (tools_.watch) tools_.watch(progress);
  }
  Tools const& tools() const { return tools_; }

 private:
  sql::Database& inventory_;
  Tools const& tools_;
  std::mutex store_, watch_;
};

/// One source from beginning to end.
class Look {
 public:
  Look(Shared& shared, Kinds kinds, inventory::SourceConfig const& source)
      : shared_(shared), kinds_(kinds), source_(source) {
    out_.source = source.name;
    out_.kind = source.kind;
  }

  /// Errors: of the store. What goes wrong at the source is in the outcome.
  Result<Outcome> run() {
    tell("connect");
    auto run = TRY(begin());
    out_.run = run.id;
    crash_point("begin");
    auto connector = open(kinds_, source_, shared_.tools());
    if (!connector) return failed(run, nullptr, connector.error());
    auto const read = TRY(all_pages(run, **connector));
    if (!read) return failed(run, connector->get(), read.error());
    return completed(run, **connector);
  }

 private:
  Result<inventory::Run> begin() {
    return shared_.with_store([&](sql::Database& db) {
      return inventory::begin_run(db, {source_.name, source_.kind}, shared_.tools().now());
    });
  }

  /// The outer result is the store's, the inner one the source's.
  Result<Result<>> all_pages(inventory::Run& run, Connector& connector) {
    connect::Pace pace(connector.info().rate);
    auto const& tools = shared_.tools();
    connect::Patience const patience{tools.now, tools.wait, tools.random,
                                     tools.now() + tools.time_max};
    bool const resumed = !run.cursor.empty();
    do {
      auto const page = connect::enumerate_patiently(connector, run.cursor, pace, patience);
      if (!page && resumed && out_.pages == 0 && page.error().code() == Errc::invalid) {
        TRY(start_over(run));  // the cursor is of an older version of the connector
        return all_pages(run, connector);
      }
      if (!page) return Result<>(std::unexpected(page.error()));
      TRY(import(run, *page));
    } while (!run.cursor.empty());
    return Result<>{};
  }

  Result<> start_over(inventory::Run& run) {
    auto const now = shared_.tools().now();
    TRY(shared_.with_store([&](sql::Database& db) {
      return inventory::abandon_run(db, run, {}, "its cursor is no longer understood", now);
    }));
    run = TRY(begin());
    out_.run = run.id;
    return {};
  }

  Result<> import(inventory::Run& run, Page const& page) {
    TRY(shared_.with_store(
        [&](sql::Database& db) { return inventory::import_page(db, run, page); }));
    ++out_.pages;
    out_.objects += std::int64_t(page.observations.size());
    out_.gaps += std::int64_t(page.gaps.size());
    tell("page");
    return {};
  }

  Result<Outcome> completed(inventory::Run const& run, Connector& connector) {
    out_.coverage = connector.coverage();
    auto const now = shared_.tools().now();
    TRY(shared_.with_store(
        [&](sql::Database& db) { return inventory::complete_run(db, run, out_.coverage, now); }));
    crash_point("promote");
    out_.complete = true;
    tell("done");
    return out_;
  }

  Result<Outcome> failed(inventory::Run const& run, Connector* connector, Error const& why) {
    out_.error = clean_utf8(why.to_string());  // a source may have said it
    if (connector)
      out_.coverage = connector->coverage();
    else
      out_.coverage = nothing_seen(why);
    auto const now = shared_.tools().now();
    TRY(shared_.with_store([&](sql::Database& db) {
      return inventory::abandon_run(db, run, out_.coverage, out_.error, now);
    }));
    tell("failed", out_.error);
    return out_;
  }

  static std::vector<Coverage> nothing_seen(Error const& why) {
    std::vector<Coverage> all;
    all.reserve(object_classes);
    for (std::size_t n = 0; n < object_classes; ++n)
      all.push_back({.object_class = ObjectClass(n),
                     .state = CoverageState::partial,
                     .reason = clean_utf8(why.message())});
    return all;
  }

  void tell(std::string_view what, std::string_view detail = {}) {
    shared_.tell({source_.name, what, out_.pages, out_.objects, out_.gaps, detail});
  }

  Shared& shared_;
  Kinds kinds_;
  inventory::SourceConfig const& source_;
  Outcome out_;
};

}  // namespace

Result<connect::Kind const*> find_kind(Kinds kinds, std::string_view kind) {
  std::vector<std::string_view> names;
  std::string choices;
  for (auto const& each : kinds) {
    if (each.info.kind == kind) return &each;
    names.push_back(each.info.kind);
    choices += (choices.empty() ? "" : ", ") + std::string(each.info.kind);
  }
  auto const meant = closest(kind, names);
  return fail(Errc::not_found,
              "there is no connector \"" + std::string(kind) + "\"" +
                  (meant.empty() ? "" : "; did you mean " + std::string(meant) + "?") +
                  " (one of: " + choices + ")");
}

Result<std::unique_ptr<Connector>> open(Kinds kinds, inventory::SourceConfig const& source,
                                        Tools const& tools) {
  auto const* kind = TRY(find_kind(kinds, source.kind));
  std::vector<std::pair<std::string, std::string>> const given(source.options.begin(),
                                                               source.options.end());
  auto const settings = TRY_DURING(connect::Settings::resolve(kind->info, given, tools.environment),
                                   "source " + source.name);
  return TRY_DURING(kind->make(source.name, settings, tools.fingerprint), "source " + source.name);
}

Result<std::vector<Outcome>> run(sql::Database& inventory, Kinds kinds,
                                 std::span<inventory::SourceConfig const> sources,
                                 Tools const& tools) {
  Shared shared(inventory, tools);
  std::vector<std::optional<Result<Outcome>>> results(sources.size());
  std::atomic<std::size_t> next = 0;
  auto const work = [&shared, &results, &next, kinds, sources] {
    for (auto at = next++; at < sources.size(); at = next++)
      results[at] = Look(shared, kinds, sources[at]).run();
  };
  {
    std::vector<std::jthread> threads;
    auto const wanted = std::min<std::size_t>(sources.size(), std::max(tools.threads, 1U));
    threads.reserve(wanted);
    for (std::size_t n = 0; n < wanted; ++n) threads.emplace_back(work);
  }
  std::vector<Outcome> out;
  out.reserve(results.size());
  // NOLINTNEXTLINE(bugprone-unchecked-optional-access): each place was looked at.
  for (auto& result : results) out.push_back(TRY(*std::move(result)));
  return out;
}

}  // namespace reeve::discover
