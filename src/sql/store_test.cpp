#include "sql/store.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <latch>
#include <thread>

#include "sql/query.hpp"
#include "sql/test_databases.hpp"
#include "sql/test_must.hpp"

namespace reeve::sql {
namespace {

std::unique_ptr<Store> open_store(std::string const& url, StoreLimits limits = {}) {
  auto store = Store::open(url, Durability::durable, limits);
  REQUIRE_MESSAGE(store.has_value(), (store ? "" : store.error().to_string()));
  ok((*store)->commit([](Database& db) {
    return db.execute("create table t (n bigint not null primary key, batch bigint)");
  }));
  return std::move(*store);
}
std::int64_t count(Store& store) {
  auto const reader = store.reader();
  REQUIRE(reader.has_value());
  return *integer(**reader, "select count(*) from t", {});
}
Result<> add(Database& db, std::int64_t n) {
  return run(db, "insert into t (n) values (:n)", {{":n", n}});
}

TEST_CASE("store: commits of many threads are all there, each failure alone") {
  test::Folder const folder;
  for (auto const& url : test::fresh_databases(folder)) {
    CAPTURE(url);
    auto const store = open_store(url);
    constexpr int threads = 8, each_adds = 25;
    std::atomic<int> refused = 0;
    {
      std::vector<std::jthread> all;
      for (int t = 0; t < threads; ++t)
        all.emplace_back([&store, &refused, t] {
          for (int i = 0; i < each_adds; ++i) {
            auto const done = store->commit([&](Database& db) -> Result<> {
              TRY(add(db, t * each_adds + i));
              if (i % 5 == 4) return fail(Errc::conflict, "changed its mind");
              if (i % 5 == 3) return add(db, t * each_adds + i);  // the same once more
              return {};
            });
            if (!done) refused += done.error().code() == Errc::conflict;
          }
        });
    }
    CHECK(refused == threads * each_adds * 2 / 5);
    CHECK(count(*store) == threads * each_adds * 3 / 5);
  }
}

TEST_CASE("store: works that wait together share one commit") {
  test::Folder const folder;
  for (auto const& url : test::fresh_databases(folder)) {
    CAPTURE(url);
    auto const store = open_store(url);
    constexpr int threads = 6;
    std::atomic<int> in_one = 0;
    {
      std::vector<std::jthread> all;
      auto held = store->writer();  // nobody else gets a turn until all have come
      REQUIRE(held.has_value());
      for (int t = 0; t < threads; ++t)
        all.emplace_back([&, t] {
          ok(store->commit([&](Database& db) -> Result<> {
            // The rows of those before, in the same transaction: not yet seen by readers.
            auto const before = TRY(integer(db, "select count(*) from t", {}));
            if (auto const reader = store->reader())
              in_one += before > TRY(integer(**reader, "select count(*) from t", {}));
            return add(db, t);
          }));
        });
      while (store->waiting() < threads) std::this_thread::yield();
      auto const gone = *std::move(held);
    }
    CHECK(in_one == threads - 1);
    CHECK(count(*store) == threads);
  }
}

TEST_CASE("store: a reader cannot write, and does not see what is not committed") {
  test::Folder const folder;
  for (auto const& url : test::fresh_databases(folder)) {
    CAPTURE(url);
    auto const store = open_store(url);
    auto const reader = store->reader();
    REQUIRE(reader.has_value());
    for (auto const* write : {"insert into t (n) values (1)", "drop table t", "commit",
                              "pragma query_only = off", "set transaction read write"}) {
      CAPTURE(std::string(write));
      CHECK_FALSE(run(**reader, write, {}).has_value());
      CHECK_FALSE((*reader)->execute(write).has_value());
    }
    CHECK(Transaction::begin(**reader).error().code() == Errc::denied);
    {
      auto const writer = store->writer();
      auto transaction = Transaction::begin(**writer);
      ok(add(**writer, 1));
      CHECK(count(*store) == 0);
      ok(transaction->commit());
    }
    CHECK(count(*store) == 1);
  }
}

TEST_CASE("store: waiting for a turn or a reader ends, and says what it waited for") {
  test::Folder const folder;
  for (auto const& url : test::fresh_databases(folder)) {
    CAPTURE(url);
    auto const store = open_store(url, {.readers = 1, .wait = Limit(10)});
    {
      auto const writer = store->writer();
      auto const late = store->commit([](Database& db) { return add(db, 1); });
      REQUIRE_FALSE(late.has_value());
      CHECK(late.error().to_string() ==
            "no turn to write within 10 ms: another write takes long [unavailable]");
      auto const reader = store->reader();
      CHECK(store->reader().error().to_string() ==
            "no reader within 10 ms: all 1 are in use [unavailable]");
    }
    ok(store->commit([](Database& db) { return add(db, 2); }));
    CHECK(count(*store) == 1);
  }
}

TEST_CASE("ask: rows up to the limit, names of the columns always, nothing but one query") {
  test::Folder const folder;
  for (auto const& url : test::fresh_databases(folder)) {
    CAPTURE(url);
    auto const store = open_store(url);
    ok(store->commit([](Database& db) -> Result<> {
      for (int i = 0; i < 5; ++i) TRY(add(db, i));
      return {};
    }));
    auto const reader = store->reader();
    std::string seen;
    auto const names = [&](std::vector<std::string> const& all) -> Result<> {
      for (auto const& name : all) seen += name + "|";
      return {};
    };
    auto const row = [&](Row const& r) -> Result<> {
      seen += r.text(0) + ",";
      return {};
    };
    auto const answer = [&](std::string_view sql, AskLimits limits) {
      seen.clear();
      return ask(**reader, sql, limits, names, row);
    };
    CHECK(*answer("select n, batch from t order by n desc nulls last -- all\n;", {.rows = 5}) ==
          Answered::all);
    CHECK(seen == "n|batch|4,3,2,1,0,");
    CHECK(*answer("select n from t order by n desc nulls last", {.rows = 2}) == Answered::cut);
    CHECK(seen == "n|4,3,");
    CHECK(*answer("select n from t where n > 9", {}) == Answered::all);
    CHECK(seen == "n|");
    CHECK(answer("delete from t", {}).error().code() == Errc::denied);
    CHECK_FALSE(answer("select 1; select 2", {}).has_value());
    CHECK(answer("select " + std::string(70'000, '('), {}).error().message() ==
          "the query is longer than 64 KiB");
    CHECK(answer("with recursive f (i) as (select 1 union all select i + 1 from f) "
                 "select count(*) as n from f",
                 {.time = Limit(20)})
              .error()
              .code() == Errc::timeout);
    CHECK(*answer("select 1 as one", {}) == Answered::all);
  }
}

TEST_CASE("plan: a look-up by key is told from a scan") {
  test::Folder const folder;
  auto const store = open_store("sqlite://" + folder.path + "/plan.db");
  auto const writer = store->writer();
  auto const of = [&](std::string_view sql) { return *plan(**writer, sql, {{":n", 1}}); };
  CHECK(scans(of("select batch from t where n > :n order by n nulls first limit 50")).empty());
  CHECK(scans(of("select n from t where batch = :n")) == std::vector<std::string>{"SCAN t"});
  auto const nested = of("select n from t where n in (select n from t where batch = :n)");
  CHECK(scans(nested).size() == 1);
  CHECK(nested.size() >= 3);
}

}  // namespace
}  // namespace reeve::sql
