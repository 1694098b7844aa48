// What goes wrong around a database: each fault is made for real and must come back as an error
// that says which database and what happened, with nothing half done and the way back open.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "sql/database.hpp"
#include "sql/store.hpp"
#include "sql/test_databases.hpp"
#include "sql/test_must.hpp"
#include "sql/test_postgres.hpp"

namespace reeve::sql {
namespace {

using namespace std::string_view_literals;

Result<> fill(Database& db, int rows) {
  std::string const text(1000, 'x');
  auto transaction = TRY(Transaction::begin(db));
  for (int i = 0; i < rows; ++i)
    TRY(run(db, "insert into t (k, v) values (:k, :v)", {{":k", i}, {":v", text}}));
  return transaction.commit();
}
constexpr auto create = "create table t (k bigint not null primary key, v text)";

TEST_CASE("fault: a full disk fails the write and keeps what was there") {
  test::Folder const folder;
  auto const path = folder.path + "/full.db";
  auto const db = must_open("sqlite://" + path);
  ok(db->execute(create));
  ok(run(*db, "insert into t (k) values (-1)", {}));
  ok(db->execute("pragma max_page_count = 50"));
  auto const full = fill(*db, 1000);
  REQUIRE_FALSE(full.has_value());
  CHECK(full.error().code() == Errc::unavailable);
  CHECK(full.error().message() == "SQLite: " + path + ": database or disk is full");
  CHECK(*integer(*db, "select count(*) from t", {}) == 1);
  ok(db->execute("pragma max_page_count = 5000"));
  ok(fill(*db, 1000));
  CHECK(*integer(*db, "select count(*) from t", {}) == 1001);
}

/// A child that has the write lock until it is told to go.
class LockedElsewhere {
 public:
  explicit LockedElsewhere(std::string const& url) {
    int ready[2];
    REQUIRE(::pipe2(ready, O_CLOEXEC) == 0);
    REQUIRE(::pipe2(go_, O_CLOEXEC) == 0);
    child_ = ::fork();
    if (child_ == 0) hold(url, ready[1]);
    ::close(ready[1]);
    char byte = 0;
    CHECK(::read(ready[0], &byte, 1) == 1);
    ::close(ready[0]);
  }
  ~LockedElsewhere() {
    ::close(go_[0]);
    ::close(go_[1]);
    int status = 0;
    CHECK(::waitpid(child_, &status, 0) == child_);
    CHECK(status == 0);
  }

 private:
  [[noreturn]] void hold(std::string const& url, int ready) {
    ::close(go_[1]);
    {
      auto const db = open(url, Durability::durable);
      if (!db) ::_exit(1);
      auto const transaction = Transaction::begin(**db);
      char byte = 'x';
      if (!transaction || ::write(ready, &byte, 1) != 1) ::_exit(2);
      (void)!::read(go_[0], &byte, 1);
    }
    ::_exit(0);
  }
  pid_t child_ = -1;
  int go_[2];
};

TEST_CASE("fault: locked by another process is unavailable, and over when it goes") {
  test::Folder const folder;
  for (auto const& url : test::fresh_databases(folder)) {
    CAPTURE(url);
    ok(must_open(url)->execute(create));
    {
      LockedElsewhere const lock(url);
      auto const db = must_open(url);
      CHECK(*integer(*db, "select count(*) from t", {}) == 0);  // readers do not wait
      auto const waiting = Transaction::begin(*db, Access::write, Limit(20));
      REQUIRE_FALSE(waiting.has_value());
      CHECK(waiting.error().code() == Errc::unavailable);
      CHECK(waiting.error().message().contains("lock"));
    }
    ok(fill(*must_open(url), 1));
  }
}

TEST_CASE("fault: a file that is no database, or broken inside, is corrupt and is named") {
  test::Folder const folder;
  auto const path = folder.path + "/bad.db";
  std::ofstream(path) << std::string(5000, 'g');
  auto const garbage = open("sqlite://" + path, Durability::durable);
  REQUIRE_FALSE(garbage.has_value());
  CHECK(garbage.error().to_string() == "SQLite: " + path + ": file is not a database [corrupt]");
  auto const broken = folder.path + "/broken.db";
  ok(must_open("sqlite://" + broken)->execute(create));
  ok(fill(*must_open("sqlite://" + broken), 500));
  {
    std::fstream file(broken, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096);
    file << std::string(40 * 4096, '\xff');
  }
  auto const db = must_open("sqlite://" + broken);
  auto const read = integer(*db, "select count(*) from t where v is not null", {});
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().to_string() ==
        "SQLite: " + broken + ": database disk image is malformed [corrupt]");
}

TEST_CASE("fault: where one may not write or read, that is denied and named") {
  if (::geteuid() == 0) {
    std::puts("SKIP a database without permission: root has all of them");
    return;
  }
  test::Folder const folder;
  auto const path = folder.path + "/mine.db";
  ok(must_open("sqlite://" + path)->execute(create));
  REQUIRE(::chmod(path.c_str(), 0) == 0);
  auto const refused = open("sqlite://" + path, Durability::durable);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().to_string() == "open " + path + ": Permission denied [denied]");
}

std::unique_ptr<test::Postgres> own_cluster() {
  std::string why;
  auto cluster = test::Postgres::start(why);
  if (!cluster) std::printf("SKIP what stops a PostgreSQL: %s\n", why.c_str());
  return cluster;
}

TEST_CASE("fault: a server that goes away is unavailable, and one that comes back is met again") {
  auto const cluster = own_cluster();
  if (!cluster) return;
  auto const url = cluster->fresh_url();
  auto const db = must_open(url);
  ok(db->execute(create));
  ok(fill(*db, 3));
  {
    auto transaction = Transaction::begin(*db);
    ok(run(*db, "delete from t", {}));
    cluster->stop();
    auto const gone = run(*db, "delete from t", {});
    REQUIRE_FALSE(gone.has_value());
    CHECK(gone.error().code() == Errc::unavailable);
    CHECK(transaction->commit().error().code() == Errc::unavailable);
  }
  auto const down = Transaction::begin(*db);
  REQUIRE_FALSE(down.has_value());
  CHECK(down.error().code() == Errc::unavailable);
  CHECK(down.error().message().starts_with("connect to PostgreSQL: "));
  CHECK_FALSE(open(url, Durability::durable).has_value());
  cluster->start_again();
  auto again = Transaction::begin(*db);
  REQUIRE(again.has_value());
  CHECK(*integer(*db, "select count(*) from t", {}) == 3);
  ok(again->commit());
  // While nobody looks: the next transaction does not notice, a single statement does.
  cluster->stop();
  cluster->start_again();
  {
    CHECK(Transaction::begin(*db).has_value());
  }
  cluster->stop();
  cluster->start_again();
  CHECK(run(*db, "select 1", {}).error().code() == Errc::unavailable);
  ok(run(*db, "select 1", {}));
}

TEST_CASE(
    "fault: a server that stops in the middle of rows, or of a bulk, is an error and no end") {
  auto const cluster = own_cluster();
  if (!cluster) return;
  auto const db = must_open(cluster->fresh_url());
  ok(db->execute(create));
  int seen = 0;
  auto const cut =
      each(*db,
           "with recursive n (i) as (select 1 union all select i + 1 from n) "
           "select i, 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' as x from n",
           {}, [&](Row const&) -> Result<> {
             if (++seen == 10) cluster->stop();
             return {};
           });
  REQUIRE_FALSE(cut.has_value());
  CHECK(cut.error().code() == Errc::unavailable);
  cluster->start_again();
  auto bulk = Transaction::begin(*db, Access::bulk);
  REQUIRE(bulk.has_value());
  Result<> last;
  for (int i = 0; i < 2000 && last; ++i) {
    if (i == 700) cluster->stop();
    last = run(*db, "insert into t (k) values (:k)", {{":k", i}});
  }
  CHECK(bulk->commit().error().code() == Errc::unavailable);
}

TEST_CASE("fault: a store whose server went and came back works on, readers too") {
  auto const cluster = own_cluster();
  if (!cluster) return;
  auto store = *Store::open(cluster->fresh_url(), Durability::durable);
  ok(store->commit([](Database& db) { return db.execute(create); }));
  auto const count = [&]() -> Result<std::int64_t> {
    auto const reader = TRY(store->reader());
    auto const transaction = TRY(Transaction::begin(*reader, Access::read));
    return integer(*reader, "select count(*) from t", {});
  };
  CHECK(*count() == 0);
  cluster->stop();
  CHECK(count().error().code() == Errc::unavailable);
  auto const write = [](Database& db) { return run(db, "insert into t (k) values (1)", {}); };
  CHECK(store->commit(write).error().code() == Errc::unavailable);
  cluster->start_again();
  ok(store->commit(write));
  CHECK(*count() == 1);
}

}  // namespace
}  // namespace reeve::sql
