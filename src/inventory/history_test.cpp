#include "inventory/history.hpp"

#include <doctest/doctest.h>

#include "inventory/inventory.hpp"
#include "inventory/run.hpp"
#include "sql/linted.hpp"

namespace reeve::inventory {
namespace {

constexpr Instant start = from_micros(1'772'359'200'000'000);

struct Store {
  Store() : real(*sql::open("sqlite://:memory:", sql::Durability::rebuildable)), db(*real) {
    REQUIRE(create_schema(db).has_value());
  }
  void discover(std::vector<Observation> seen, Instant at) {
    auto run = *begin_run(db, {.name = "pg", .kind = "postgres"}, at);
    REQUIRE(import_page(db, run, {.observations = std::move(seen)}).has_value());
    Coverage const all[] = {{ObjectClass::identity, CoverageState::complete}};
    REQUIRE(complete_run(db, run, all, at).has_value());
  }
  std::unique_ptr<sql::Database> real;
  sql::LintedDatabase db;
};

Observation role(std::string name, Known<std::string> note) {
  return {
      Identity{.native_id = "1", .name = std::move(name), .kind = "role", .note = std::move(note)},
      "pg_roles oid 1"};
}

TEST_CASE("history: since when, who said so, and what it said before") {
  Store store;
  store.discover({role("app", None{})}, start);
  store.discover({role("app", None{})}, start + Days(1));
  store.discover({role("app2", "owner: ada")}, start + Days(2));
  store.discover({}, start + Days(3));
  auto const versions = *history(store.db, "nhi_1");
  REQUIRE(versions.size() == 2);
  CHECK(versions[0].text_at("from") == "2026-03-01T10:00:00Z");
  CHECK(versions[0].text_at("evidence") == "pg_roles oid 1");
  CHECK(to_json(*versions[1].find("changes")) ==
        R"({"name":{"was":"app","is":"app2"},"note":{"was":null,"is":"owner: ada"}})");
  CHECK(versions[1].text_at("to") == "2026-03-04T10:00:00Z");
  CHECK(history(store.db, "nhi_9").error().code() == Errc::not_found);
  CHECK(history(store.db, "what").error().code() == Errc::invalid);
}

TEST_CASE("history: the run that was newest at a moment") {
  Store store;
  store.discover({role("app", None{})}, start);
  store.discover({role("app", None{})}, start + Days(2));
  CHECK(run_at(store.db, start - Days(1))->value == 0);
  CHECK(run_at(store.db, start + Days(1))->value == 1);
  CHECK(run_at(store.db, start + Days(2))->value == 2);
}

TEST_CASE("cluster: a credential and the places where it was seen are one") {
  Store store;
  store.discover(
      {role("app", None{}),
       {Credential{.native_id = "k", .identity = "1", .kind = "key", .fingerprint = "fp"}, ""},
       {Sighting{.native_id = "a", .fingerprint = "fp"}, ""},
       {Sighting{.native_id = "b", .fingerprint = "other"}, ""}},
      start);
  CHECK(cluster(store.db, "cred_1")->size() == 2);
  CHECK(cluster(store.db, "sgt_1")->size() == 2);
  CHECK(cluster(store.db, "sgt_2")->size() == 1);
  CHECK(cluster(store.db, "nhi_1").error().code() == Errc::invalid);
}

}  // namespace
}  // namespace reeve::inventory
