#include "inventory/export.hpp"

#include <doctest/doctest.h>

#include "inventory/inventory.hpp"
#include "inventory/rows.hpp"
#include "inventory/run.hpp"
#include "sql/linted.hpp"

namespace reeve::inventory {
namespace {

constexpr Instant now = from_micros(1'772'359'200'000'000);

struct Store {
  Store() : real(*sql::open("sqlite://:memory:", sql::Durability::rebuildable)), db(*real) {
    REQUIRE(create_schema(db).has_value());
  }
  void discover(std::vector<Observation> seen) {
    auto run = *begin_run(db, {.name = "pg", .kind = "postgres"}, now);
    REQUIRE(import_page(db, run, {.observations = std::move(seen)}).has_value());
    std::vector<Coverage> coverage;
    for (std::size_t n = 0; n < object_classes; ++n)
      coverage.push_back({.object_class = ObjectClass(n), .state = CoverageState::complete});
    REQUIRE(complete_run(db, run, coverage, now).has_value());
  }
  std::string text() {
    std::string out;
    auto const sink = [&](std::string_view piece) -> Result<> {
      out += piece;
      return {};
    };
    auto const done = export_json(db, now, sink);
    REQUIRE_MESSAGE(done.has_value(), (done ? "" : done.error().to_string()));
    return out;
  }
  std::unique_ptr<sql::Database> real;
  sql::LintedDatabase db;
};

std::vector<Observation> estate() {
  return {{Person{.native_id = "p", .name = "Ada", .active = true}, "hr"},
          {Identity{.native_id = "1", .name = "app\x1b", .kind = "role", .note = None{}}, "oid 1"},
          {Resource{.native_id = "db", .name = "orders", .kind = "database"}, "t"},
          {Credential{.native_id = "pw", .identity = "1", .kind = "password", .expires = now}, "t"},
          {Grant{.native_id = "g", .identity = "1", .actions = {"a", "b"}, .resource = "db"}, "t"},
          {Sighting{.native_id = "s", .fingerprint = "fp_1", .where = "file:/x"}, "t"},
          {Consumer{.native_id = "c", .name = "job", .kind = "cron_job", .identity = "1"}, "t"},
          {Usage{.native_id = "u",
                 .identity = "1",
                 .action = "login",
                 .hour = now,
                 .last = now,
                 .count = 3},
           "t"}};
}

TEST_CASE("export: facts that are not reported are absent, those that are none are null") {
  Store store;
  store.discover(estate());
  auto const json = parse_json(store.text());
  REQUIRE_MESSAGE(json.has_value(), (json ? "" : json.error().to_string()));
  auto const first = [&](char const* table) { return json->find(table)->array()->at(0); };
  auto const identity = first("identities");
  CHECK(identity.text_at("id") == "nhi_1");
  CHECK(identity.text_at("name") == "app\x1b");
  CHECK(identity.find("note")->is_null());
  CHECK(identity.find("created") == nullptr);
  CHECK(first("credentials").text_at("expires") == "2026-03-01T10:00:00Z");
  CHECK(first("credentials").text_at("identity") == "nhi_1");
  CHECK(first("sightings").find("identity")->is_null());
  CHECK(to_json(*first("grants").find("actions")) == R"(["a","b"])");
  CHECK(*first("persons").find("active")->boolean());
  CHECK(*first("usage").find("count")->integer() == 3);
  CHECK(*first("runs").find("changes")->integer() == 8);
  CHECK(json->find("coverage")->array()->size() == object_classes);
}

TEST_CASE("export: an unchanged estate gives the same bytes after another run") {
  Store store;
  store.discover(estate());
  auto const before = store.text();
  store.discover(estate());
  CHECK(store.text() == before);
  auto changed = estate();
  std::get<Identity>(changed[1].object).name = "renamed";
  store.discover(changed);
  CHECK(store.text() != before);
}

TEST_CASE("export: what the schema requires is there, and nothing else") {
  Store store;
  store.discover(estate());
  auto const json = *parse_json(store.text());
  auto const schema = export_schema();
  auto const* tables = schema.find("properties");
  for (auto const& member : *json.object()) {
    CAPTURE(member.key);
    auto const* table = tables->find(member.key);
    REQUIRE(table);
    if (!member.value.array()) continue;
    auto const* row_schema = table->find("items");
    for (auto const& row : *member.value.array()) {
      for (auto const& field : *row.object()) {
        CAPTURE(field.key);
        CHECK(row_schema->find("properties")->find(field.key));
      }
      for (auto const& required : *row_schema->find("required")->array())
        CHECK(row.find(*required.text()));
    }
  }
}

TEST_CASE("run: an identical run has no change root, a vanished object is a change") {
  Store store;
  store.discover(estate());
  store.discover(estate());
  auto less = estate();
  less.pop_back();
  less.pop_back();
  store.discover(less);
  auto const number = [&](char const* sql) { return *sql::integer(store.db, sql, {}); };
  CHECK(number("select count(*) from runs where id = 2 and changes = 0 and change_root = ''") == 1);
  CHECK(number("select count(*) from runs where id = 3 and changes = 1 and change_root <> ''") ==
        1);
  CHECK(unaudited(store.db)->size() == 3);
  REQUIRE(mark_audited(store.db, RunId{1}).has_value());
  CHECK(unaudited(store.db)->size() == 2);
}

}  // namespace
}  // namespace reeve::inventory
