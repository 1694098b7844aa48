// One suite for all drivers: what the two databases do differently by nature, and the drivers even
// out, is here as a promise.

#include "sql/conformance.hpp"

#include <doctest/doctest.h>

#include <string>

#include "base/text.hpp"
#include "sql/test_must.hpp"

namespace reeve::sql {
namespace {

using namespace std::string_view_literals;

using Db = std::unique_ptr<Database>;

void fails(Result<> const& done, Errc code) {
  REQUIRE_FALSE(done.has_value());
  CHECK_MESSAGE(done.error().code() == code, done.error().to_string());
}
std::int64_t number(Database& db, std::string_view sql, Params params = {}) {
  auto const got = integer(db, sql, params);
  CHECK_MESSAGE(got.has_value(), (got ? "" : got.error().to_string()));
  return got.value_or(-1);
}
std::string texts(Database& db, std::string_view sql, Params params = {}) {
  std::string out;
  ok(each(db, sql, params, [&](Row const& row) -> Result<> {
    for (int i = 0; i < row.columns(); ++i)
      out += (row.is_null(i) ? "~" : row.text(i)) + (i + 1 < row.columns() ? "," : "");
    out += ";";
    return {};
  }));
  return out;
}
Db with_table(DriverUnderTest const& driver) {
  auto db = driver.fresh();
  ok(db->execute(
      "create table t (k text not null primary key, n bigint, small smallint, note text)"));
  return db;
}

void values_come_back(DriverUnderTest const& driver) {
  auto const db = with_table(driver);
  std::vector<Param> const params{
      {":n", 9'007'199'254'740'993}, {":t", "a'b\x1b\n:n"sv}, {":none", nullptr}, {":unused", 1}};
  auto const check = [](Row const& row) -> Result<> {
    CHECK(row.columns() == 4);
    CHECK(row.integer(0) == 9'007'199'254'740'993);
    CHECK(row.text(0) == "9007199254740993");
    CHECK(row.text(1) == "a'b\x1b\n:n");
    CHECK(row.is_null(2));
    CHECK(row.integer(2) == 0);
    CHECK(row.text(2).empty());
    CHECK(row.name(1) == "t");
    CHECK(row.text(3) == ":n -- \"");
    return {};
  };
  ok(each(*db, "select :n as n, :t as t, :none as z, ':n -- \"' as s -- :m\n", params, check));
  CHECK(number(*db, "select :low as n", {{":low", INT64_MIN}}) == INT64_MIN);
  CHECK(texts(*db, "select '' as empty, :e as e", {{":e", ""sv}}) == ",;");
  CHECK(texts(*db, "select :e as e", {{":e", std::string_view()}}) == ";");
  CHECK(number(*db, "select 1 from t") == 0);
}

void types_follow_the_values(DriverUnderTest const& driver) {
  auto const db = with_table(driver);
  CHECK(number(*db, "select :now - :unused as d", {{":now", 50}, {":unused", 8}}) == 42);
  CHECK(number(*db, "select case when :x is null then 7 else 8 end as c", {{":x", nullptr}}) == 7);
  CHECK(number(*db, "select case when :x is null then 7 else 8 end as c", {{":x", 1}}) == 8);
  CHECK(number(*db, "select case when :x is null then 7 else 8 end as c", {{":x", "a"sv}}) == 8);
  CHECK(number(*db, "select case when :x is null then 7 else 8 end as c", {{":x", nullptr}}) == 7);
  CHECK(texts(*db, "select :a || '-' || :a as s", {{":a", "x"sv}}) == "x-x;");
  CHECK(texts(*db, "select 1 where :a = :b", {{":a", 1}, {":b", 1}}) == "1;");
  CHECK(texts(*db, "select :missing as m") == "~;");
  constexpr auto add = "insert into t (k, n, small, note) values (:k, :n, :small, :note)";
  ok(run(*db, add, {{":k", "a"sv}, {":n", nullptr}, {":small", nullptr}, {":note", nullptr}}));
  ok(run(*db, add, {{":k", "b"sv}, {":n", 5}, {":small", 1}, {":note", "x"sv}}));
  ok(run(*db, add, {{":k", "c"sv}, {":n", nullptr}, {":small", nullptr}, {":note", nullptr}}));
  CHECK(texts(*db, "select * from t order by k nulls last") == "a,~,~,~;b,5,1,x;c,~,~,~;");
  CHECK(texts(*db, "select k from t where n = :n and small = :s", {{":n", 5}, {":s", 1}}) == "b;");
  CHECK(texts(*db, "select k from t order by k nulls last limit :l", {{":l", 1}}) == "a;");
}

void expressions_agree(DriverUnderTest const& driver) {
  auto const db = with_table(driver);
  struct Case {
    char const* sql;
    char const* want;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"select whole_days(172799999999) as d", "1;"},
           {"select whole_days(-172799999999) as d", "-1;"},
           {"select whole_days(null) as d", "~;"},
           {"select 1 = 1 as yes, 1 = 2 as no, 1 = null as unknown", "1,0,~;"},
           {"select sum(n) as s, count(*) as c from t", "~,0;"},
           {"select sum(v) as s from (select 4000000000 as v union all select 5) q", "4000000005;"},
           {"select coalesce(null, 'a') as a, nullif(1, 1) as b", "a,~;"},
           {"select a from (select 2 as a union all select null union all select 1) q "
            "order by a desc nulls last",
            "2;1;~;"},
           {"select b from (select 'b' as b union all select 'B' union all select 'a') q "
            "order by b nulls last",
            "B;a;b;"},
           {"with recursive n (i) as (select 1 union all select i + 1 from n where i < 3) "
            "select sum(i) as s from n",
            "6;"},
           {"select length('h\xc3\xa9') as l, upper('a') as u, substr('abc', 2, 1) as s", "2,A,b;"},
           {"/* :a */ select 1 as one /* ? $1 */", "1;"},
       }) {
    CAPTURE(std::string(c.sql));
    CHECK(texts(*db, c.sql) == c.want);
  }
}

void transactions_are_whole(DriverUnderTest const& driver) {
  auto const db = with_table(driver);
  {
    auto const undone = Transaction::begin(*db);
    REQUIRE(undone.has_value());
    ok(run(*db, "insert into t (k) values ('a')", {}));
    CHECK(number(*db, "select count(*) from t") == 1);
    CHECK_FALSE(Transaction::begin(*db).has_value());  // they do not nest
  }
  CHECK(number(*db, "select count(*) from t") == 0);
  auto done = Transaction::begin(*db);
  ok(run(*db, "insert into t (k) values ('a')", {}));
  ok(done->commit());
  CHECK(number(*db, "select count(*) from t") == 1);
  CHECK(number(*driver.another(), "select count(*) from t") == 1);
}

void a_failure_ends_the_transaction(DriverUnderTest const& driver) {
  auto const db = with_table(driver);
  ok(run(*db, "insert into t (k) values ('a')", {}));
  {
    auto lost = Transaction::begin(*db);
    ok(run(*db, "insert into t (k) values ('b')", {}));
    fails(run(*db, "insert into t (k) values (:k)", {{":k", "a"sv}}), Errc::conflict);
    fails(run(*db, "insert into t (k) values ('c')", {}), Errc::conflict);
    fails(lost->commit(), Errc::conflict);
  }
  CHECK(texts(*db, "select k from t") == "a;");
  {
    auto kept = Transaction::begin(*db);
    ok(run(*db, "insert into t (k) values ('b')", {}));
    {
      auto const undone = Savepoint::begin(*db);
      ok(run(*db, "insert into t (k) values ('c')", {}));
      fails(run(*db, "insert into t (k) values ('a')", {}), Errc::conflict);
    }
    auto save = Savepoint::begin(*db);
    ok(run(*db, "insert into t (k) values ('d')", {}));
    ok(save->keep());
    ok(kept->commit());
  }
  CHECK(texts(*db, "select k from t order by k nulls last") == "a;b;d;");
}

void errors_say_their_kind(DriverUnderTest const& driver) {
  auto const db = with_table(driver);
  ok(run(*db, "insert into t (k) values ('hunter2')", {}));
  auto const twice = run(*db, "insert into t (k) values (:k)", {{":k", "hunter2"sv}});
  fails(twice, Errc::conflict);
  CHECK_FALSE(twice.error().to_string().contains("hunter2"));
  fails(run(*db, "insert into t (k) values (null)", {}), Errc::conflict);
  for (auto const* wrong : {"selec", "select nothing from t", "select 1 from nowhere",
                            "select 1; drop table t", "select 1; select 2", ""}) {
    CAPTURE(std::string(wrong));
    fails(run(*db, wrong, {}), Errc::invalid);
  }
  for (auto const bad : {"a\0b"sv, "\xff"sv, "\xed\xa0\x80"sv, "\xc0\xaf"sv}) {
    CAPTURE(clean_utf8(bad));
    auto const refused = run(*db, "insert into t (k) values (:k)", {{":k", bad}});
    fails(refused, Errc::invalid);
    ok(run(*db, "insert into t (k, note) values (:k, :n)",
           {{":k", clean_utf8(bad)}, {":n", std::string_view()}}));
  }
  CHECK(number(*db, "select count(*) from t") == 5);
}

void read_only_means_it(DriverUnderTest const& driver) {
  auto const db = with_table(driver);
  ok(run(*db, "insert into t (k) values ('a')", {}));
  constexpr auto* prepared_before = "insert into t (k) values ('b')";
  ok(run(*db, prepared_before, {}));
  ok(run(*db, "delete from t where k = 'b'", {}));
  for (auto const* bad : {"insert into t (k) values ('b')",
                          "update t set n = 1",
                          "delete from t",
                          "drop table t",
                          "create table u (a bigint)",
                          "create temp table u (a bigint)",
                          "commit",
                          "rollback",
                          "begin",
                          "attach 'x.db' as x",
                          "pragma query_only = off",
                          "set transaction read write",
                          "vacuum",
                          "select load_extension('x')",
                          "copy t to program 'id'",
                          "reset all",
                          "with d as (delete from t returning k) select k from d",
                          "do 'begin end'",
                          "select pg_read_file('/etc/passwd')",
                          "select pg_terminate_backend(1)",
                          "select \"set_config\"('transaction_read_only', 'off', false)",
                          "select E'\\'' , pg_sleep(0) --'",
                          "select $$'$$, pg_sleep(0), $$'$$",
                          "select U&\"\\0070g_sleep\"(0)",
                          "select nextval('s')",
                          "select lo_import('/etc/passwd')"}) {
    CAPTURE(std::string(bad));
    auto transaction = Transaction::begin(*db, Access::read);
    REQUIRE(transaction.has_value());
    auto const refused = run(*db, bad, {});
    REQUIRE_FALSE(refused.has_value());
    CHECK((refused.error().code() == Errc::denied || refused.error().code() == Errc::invalid));
  }
  {
    auto transaction = Transaction::begin(*db, Access::read);
    CHECK_FALSE(db->execute("delete from t").has_value());
  }
  auto transaction = Transaction::begin(*db, Access::read);
  CHECK(texts(*db, "with a as (select k from t) select max(k) as m from a") == "a;");
  CHECK(texts(*db, "select k from t where k in ('a', 'b') and exists (select 1 from t)") == "a;");
  ok(transaction->commit());
  ok(run(*db, prepared_before, {}));
  CHECK(number(*db, "select count(*) from t") == 2);
}

void a_snapshot_stands_still(DriverUnderTest const& driver) {
  auto const db = with_table(driver);
  auto const other = driver.another();
  ok(run(*db, "insert into t (k) values ('a')", {}));
  auto transaction = Transaction::begin(*other, Access::read);
  CHECK(number(*other, "select count(*) from t") == 1);
  ok(run(*db, "insert into t (k) values ('b')", {}));
  CHECK(number(*other, "select count(*) from t") == 1);
  ok(transaction->commit());
  CHECK(number(*other, "select count(*) from t") == 2);
}

void statements_may_interleave(DriverUnderTest const& driver) {
  auto const db = with_table(driver);
  auto transaction = Transaction::begin(*db);
  for (auto const* k : {"a", "b", "c"})
    ok(run(*db, "insert into t (k) values (:k)", {{":k", std::string_view(k)}}));
  std::string seen;
  constexpr auto list = "select k, note from t where n is null order by k nulls last";
  ok(each(*db, list, {}, [&](Row const& row) -> Result<> {
    auto const inner =
        texts(*db, "select k from t where k > :k order by k nulls last", {{":k", row.text(0)}});
    seen += row.text(0) + "(" + inner + ")";
    CHECK(row.is_null(1));
    return {};
  }));
  CHECK(seen == "a(b;c;)b(c;)c()");
  // The same text twice at once, and one given up half way.
  auto const first = db->prepare(list);
  CHECK(*(*first)->step() == Step::row);
  CHECK(texts(*db, list) == "a,~;b,~;c,~;");
  CHECK((*first)->text(0) == "a");
  CHECK(*(*first)->step() == Step::row);
  CHECK((*first)->text(0) == "b");
  ok(transaction->commit());
  CHECK(number(*db, "select count(*) from t") == 3);
}

void many_texts_and_many_rows(DriverUnderTest const& driver) {
  auto const db = with_table(driver);
  auto bulk = Transaction::begin(*db, Access::bulk);
  REQUIRE(bulk.has_value());
  constexpr std::int64_t rows = 5000;
  for (std::int64_t i = 0; i < rows; ++i) {
    auto const k = std::to_string(i);
    auto const done =
        i % 3 ? run(*db, "insert into t (k, n) values (:k, :n)", {{":k", k}, {":n", i}})
              : run(*db, "insert into t (k, n) values (:k, :n)", {{":k", k}, {":n", nullptr}});
    if (!done) ok(done);
    if (i % 1000 == 0) CHECK(number(*db, "select count(*) from t") == i + 1);
  }
  ok(bulk->commit());
  CHECK(number(*db, "select count(*) from t where n is not null") == 3333);
  std::int64_t seen = 0;
  ok(each(*db, "select k, n from t", {}, [&](Row const&) -> Result<> {
    ++seen;
    return {};
  }));
  CHECK(seen == rows);
  for (int i = 0; i < 600; ++i)  // more texts than a driver keeps
    if (auto const n = std::to_string(i); texts(*db, "select " + n + " as n") != n + ";") FAIL(n);
}

void a_bulk_error_comes_before_the_commit(DriverUnderTest const& driver) {
  auto const db = with_table(driver);
  constexpr auto* add = "insert into t (k) values (:k)";
  for (bool const ask : {false, true}) {
    auto bulk = Transaction::begin(*db, Access::bulk);
    (void)run(*db, add, {{":k", "a"sv}});
    (void)run(*db, add, {{":k", "a"sv}});
    (void)run(*db, add, {{":k", "b"sv}});
    if (ask) fails(run(*db, "select count(*) from t", {}), Errc::conflict);
    fails(bulk->commit(), Errc::conflict);
  }
  CHECK(number(*db, "select count(*) from t") == 0);
  auto bulk = Transaction::begin(*db, Access::bulk);
  ok(run(*db, add, {{":k", "a"sv}}));
  ok(bulk->commit());
  CHECK(number(*db, "select count(*) from t") == 1);
}

void time_runs_out(DriverUnderTest const& driver) {
  auto const db = with_table(driver);
  constexpr auto* endless =
      "with recursive n (i) as (select 1 union all select i + 1 from n) select count(*) from n";
  {
    auto transaction = Transaction::begin(*db, Access::read, Limit(20));
    fails(run(*db, endless, {}), Errc::timeout);
  }
  auto transaction = Transaction::begin(*db, Access::read);
  CHECK(number(*db, "select count(*) from t") == 0);
}

void writers_take_turns(DriverUnderTest const& driver) {
  auto const db = with_table(driver);
  auto const other = driver.another();
  ok(run(*db, "insert into t (k, n) values ('a', 1)", {}));
  {
    auto transaction = Transaction::begin(*other);
    CHECK(number(*other, "select n from t") == 1);
    ok(run(*other, "update t set n = n + 1", {}));
    ok(transaction->commit());
  }
  auto transaction = Transaction::begin(*db);
  CHECK(number(*db, "select n from t") == 2);
  ok(transaction->commit());
}

}  // namespace

void check_driver(DriverUnderTest const& driver) {
  SUBCASE("values come back as they went in, null is not zero") {
    values_come_back(driver);
  }
  SUBCASE("types follow the values") {
    types_follow_the_values(driver);
  }
  SUBCASE("expressions of the portable subset mean the same") {
    expressions_agree(driver);
  }
  SUBCASE("what was not committed is not there") {
    transactions_are_whole(driver);
  }
  SUBCASE("a failure ends the transaction, or its savepoint") {
    a_failure_ends_the_transaction(driver);
  }
  SUBCASE("errors say their kind and no value") {
    errors_say_their_kind(driver);
  }
  SUBCASE("read only means it") {
    read_only_means_it(driver);
  }
  SUBCASE("a snapshot stands still") {
    a_snapshot_stands_still(driver);
  }
  SUBCASE("statements may interleave") {
    statements_may_interleave(driver);
  }
  SUBCASE("many texts and many rows") {
    many_texts_and_many_rows(driver);
  }
  SUBCASE("a bulk error comes before the commit") {
    a_bulk_error_comes_before_the_commit(driver);
  }
  SUBCASE("time runs out") {
    time_runs_out(driver);
  }
  SUBCASE("writers take turns") {
    writers_take_turns(driver);
  }
}

}  // namespace reeve::sql
