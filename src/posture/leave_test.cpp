#include "posture/leave.hpp"

#include <doctest/doctest.h>

#include "inventory/inventory.hpp"
#include "inventory/run.hpp"
#include "posture/evaluate.hpp"
#include "sql/linted.hpp"
#include "sql/test_databases.hpp"

namespace reeve::posture {
namespace {

constexpr Instant now = fixture_now;

void discover(sql::Database& db, std::string const& source, std::vector<Observation> seen) {
  auto run = *inventory::begin_run(db, {.name = source, .kind = "test"}, now);
  auto const page = inventory::import_page(db, run, {.observations = std::move(seen)});
  REQUIRE_MESSAGE(page.has_value(), (page ? "" : page.error().to_string()));
  std::vector<Coverage> coverage;
  for (std::size_t n = 0; n < object_classes; ++n)
    coverage.push_back({.object_class = ObjectClass(n), .state = CoverageState::complete});
  REQUIRE(inventory::complete_run(db, run, coverage, now).has_value());
}

/// Ada has an account under which a job runs, a key in root's account, a role she answers for.
void estate(sql::Database& db) {
  discover(db, "hr",
           {{Person{.native_id = "7", .name = "Ada Lovelace", .email = "ada@example.org"}, "t"},
            {Person{.native_id = "8", .name = "Bob Bell", .email = "bob@example.org"}, "t"}});
  discover(
      db, "web",
      {{Identity{.native_id = "ada", .name = "ada", .kind = "account", .declared_person = true},
        "t"},
       {Identity{.native_id = "root", .name = "root", .kind = "account"}, "t"},
       {Identity{.native_id = "etl", .name = "etl", .kind = "account", .note = "owner: ada"}, "t"},
       {Identity{.native_id = "pay", .name = "pay", .kind = "account", .note = "owner: bob"}, "t"},
       {Credential{.native_id = "k1",
                   .identity = "root",
                   .kind = "ssh_key",
                   .label = "ada@laptop",
                   .fingerprint = "f1"},
        "t"},
       {Credential{.native_id = "k2", .identity = "etl", .kind = "ssh_key", .fingerprint = "f2"},
        "t"},
       {Credential{.native_id = "k3", .identity = "root", .kind = "ssh_key", .label = "bob@desk"},
        "t"},
       {Sighting{.native_id = "s1",
                 .identity = "ada",
                 .fingerprint = "f2",
                 .kind = "private_key",
                 .where = "file:/home/ada/etl.pem",
                 .exposure = "owner"},
        "t"},
       {Sighting{.native_id = "s2",
                 .fingerprint = "f3",
                 .kind = "password",
                 .where = "file:/srv/app.conf",
                 .exposure = "others"},
        "t"},
       {Sighting{.native_id = "s3",
                 .fingerprint = "f4",
                 .kind = "password",
                 .where = "file:/srv/safe.conf",
                 .exposure = "owner"},
        "t"},
       {Consumer{.native_id = "c1",
                 .name = "report",
                 .kind = "cron_job",
                 .identity = "ada",
                 .how = "0 3 * * * as ada"},
        "t"},
       {Consumer{.native_id = "c2", .name = "shop", .kind = "systemd_unit", .identity = "pay"},
        "t"}});
}

std::string names(std::vector<Touched> const& all) {
  std::string out;
  for (auto const& one : all)
    out += std::string(name(one.object_class)) + " " + one.name +
           (one.opens.empty() ? "" : " of " + one.opens) + "\n";
  return out;
}

TEST_CASE("leave: what breaks, what she can use, what she could read, in the order of work") {
  test::Folder const folder;
  for (auto const& url : test::fresh_databases(folder)) {
    auto const real = sql::open(url, sql::Durability::rebuildable).value();
    sql::LintedDatabase db(*real);
    REQUIRE(inventory::create_schema(db).has_value());
    estate(db);
    REQUIRE(evaluate(db, {}, {}, now).has_value());
    auto const told = leave(db, 1, now);
    REQUIRE_MESSAGE(told.has_value(), (told ? "" : told.error().to_string()));
    CHECK(told->name == "Ada Lovelace");
    CHECK(names(told->breaks) == "consumer report\n");
    CHECK(told->breaks.front().why == "it runs as her account ada: 0 3 * * * as ada");
    CHECK(names(told->orphaned) == "identity etl\n");
    CHECK(names(told->can_use) ==
          "credential ssh_key ada@laptop of root\ncredential ssh_key k2 of etl\nidentity ada\n");
    CHECK(names(told->could_read) == "sighting private_key\nsighting password\n");
    CHECK(told->first ==
          std::vector<std::string>{
              "Remove 2 keys of hers from accounts that are not hers.",
              "Move 1 workload to identities of their own before her accounts are closed.",
              "Disable 1 account of hers, and end what is open.",
              "Find somebody who answers for 1 identity: reeve owner assign ID PERSON.",
              "Rotate 2 secrets that she could read."});
    CHECK(leave(db, 99, now).error().code() == Errc::not_found);
  }
}

}  // namespace
}  // namespace reeve::posture
