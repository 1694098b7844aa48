#include "sql/migrate.hpp"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "sql/test_databases.hpp"
#include "sql/test_must.hpp"

namespace reeve::sql {
namespace {

constexpr Migration all[] = {
    {"add people", "create table people (id bigint not null primary key)"},
    {"add pets", "create table pets (id bigint not null primary key); insert into pets values (1)"},
    {"add names", "alter table people add column name text; insert into pets values (2)"},
};
constexpr std::span<Migration const> steps(all);

TEST_CASE("migrate: takes a database from any version to the last, and then does nothing") {
  test::Folder const folder;
  for (auto const& url : test::fresh_databases(folder)) {
    CAPTURE(url);
    auto const db = must_open(url);
    CHECK(*schema_version(*db, "inventory") == 0);
    ok(migrate(*db, "inventory", steps.first(1)));
    CHECK(*schema_version(*db, "inventory") == 1);
    ok(migrate(*db, "inventory", steps));
    ok(migrate(*db, "inventory", steps));
    CHECK(*schema_version(*db, "inventory") == 3);
    CHECK(*integer(*db, "select count(*) from pets", {}) == 2);
    CHECK(*schema_version(*must_open(url), "posture") == 0);
  }
}

TEST_CASE("migrate: a newer schema, or another program's, is refused and left alone") {
  test::Folder const folder;
  for (auto const& url : test::fresh_databases(folder)) {
    CAPTURE(url);
    auto const db = must_open(url);
    ok(migrate(*db, "inventory", steps));
    auto const older = migrate(*db, "inventory", steps.first(2));
    REQUIRE_FALSE(older.has_value());
    CHECK(
        older.error().to_string() ==
        "the database holds schema inventory 3 (add names), this reeve knows inventory up to 2: a "
        "newer reeve has written it, run that one or name another database [unsupported]");
    Migration const other[] = {{"add people", ""}, {"add cars", ""}, {"add roads", ""}};
    auto const foreign = migrate(*db, "inventory", other);
    REQUIRE_FALSE(foreign.has_value());
    CHECK(foreign.error().code() == Errc::conflict);
    CHECK(foreign.error().message().starts_with(
        "the database holds schema inventory 2 (add pets), which is \"add cars\" here"));
    CHECK(*schema_version(*db, "inventory") == 3);
  }
}

TEST_CASE("migrate: a step that fails leaves nothing, and says which it was") {
  test::Folder const folder;
  for (auto const& url : test::fresh_databases(folder)) {
    CAPTURE(url);
    auto const db = must_open(url);
    Migration const broken[] = {steps[0], {"add pets", "create table pets (id bigint); selec"}};
    auto const failed = migrate(*db, "inventory", broken);
    REQUIRE_FALSE(failed.has_value());
    CHECK(failed.error().to_string().starts_with("migrate inventory to 2 (add pets): "));
    CHECK(failed.error().code() == Errc::invalid);
    CHECK(*schema_version(*db, "inventory") == 1);
    ok(migrate(*db, "inventory", steps));
  }
}

/// What migrate_in_a_process_that_dies runs; by itself it does nothing.
TEST_CASE("migrate: child") {
  char const* const url = std::getenv("REEVE_TEST_URL");
  if (url) (void)migrate(*must_open(url), "inventory", steps);
}

int migrate_in_a_process_that_dies(std::string const& url, int version) {
  std::string const at = "REEVE_CRASH_AT=migrate:" + std::to_string(version);
  std::string const where = "REEVE_TEST_URL=" + url;
  pid_t const child = ::fork();
  if (child == 0) {
    char const* const argv[] = {"sql_test", "--test-case=migrate: child", nullptr};
    char const* const environment[] = {at.c_str(), where.c_str(), nullptr};
    ::execve("/proc/self/exe", const_cast<char**>(argv), const_cast<char**>(environment));
    ::_exit(127);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return status;
}

TEST_CASE("migrate: killed before any commit, the next start completes") {
  test::Folder const folder;
  for (auto const& url : test::fresh_databases(folder)) {
    for (int version = 1; version <= 3; ++version) {
      CAPTURE(url);
      CAPTURE(version);
      int const status = migrate_in_a_process_that_dies(url, version);
      CHECK((WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
      auto const db = must_open(url);
      CHECK(*schema_version(*db, "inventory") == version - 1);
      ok(migrate(*db, "inventory", steps.first(std::size_t(version))));
      CHECK(*schema_version(*db, "inventory") == version);
    }
    CHECK(*integer(*must_open(url), "select count(*) from pets", {}) == 2);
  }
}

}  // namespace
}  // namespace reeve::sql
