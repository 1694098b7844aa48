#include "inventory/list.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "inventory/inventory.hpp"
#include "inventory/run.hpp"
#include "sql/linted.hpp"
#include "sql/query.hpp"

namespace reeve::inventory {
namespace {

constexpr Instant now = from_micros(1'772'359'200'000'000);

struct Store {
  Store() : real(*sql::open("sqlite://:memory:", sql::Durability::rebuildable)), db(*real) {
    REQUIRE(create_schema(db).has_value());
    auto run = *begin_run(db, {.name = "pg", .kind = "postgres"}, now);
    Page page;
    for (int n = 0; n < 25; ++n)
      page.observations.push_back({Identity{.native_id = std::to_string(n),
                                            .name = "app" + std::to_string(n % 5),
                                            .kind = n % 2 ? "role" : "group"},
                                   ""});
    REQUIRE(import_page(db, run, page).has_value());
    REQUIRE(complete_run(db, run, {}, now).has_value());
    REQUIRE(db.execute("insert into profiles (identity_id, actor, behaviour, quadrant, "
                       "actor_confidence, behaviour_confidence, contradicts, risk, findings) "
                       "select id, 'unknown', 'unknown', 'unknown', 0, 0, 0, id * 7 - id, 0 "
                       "from v_identity")
                .has_value());
  }
  std::unique_ptr<sql::Database> real;
  sql::LintedDatabase db;
};

TEST_CASE("list: pages together hold every row once, in order, whatever the sort") {
  Store store;
  for (auto const* sort : {"name", "id", "risk"}) {
    CAPTURE(sort);
    ListQuery query{.table = "identities", .filters = {}, .sort = sort, .cursor = "", .limit = 4};
    std::set<std::string> ids;
    std::vector<std::int64_t> risks;
    std::vector<std::string> names;
    do {
      auto const page = list(store.db, query);
      REQUIRE_MESSAGE(page.has_value(), (page ? "" : page.error().to_string()));
      for (auto const& row : page->rows) {
        CHECK(ids.insert(row.text_at("id")).second);
        names.push_back(row.text_at("name"));
        risks.push_back(*row.find("risk")->integer());
      }
      query.cursor = page->next;
    } while (!query.cursor.empty());
    CHECK(ids.size() == 25);
    if (query.sort == "name") CHECK(std::ranges::is_sorted(names));
    if (query.sort == "risk") CHECK(std::ranges::is_sorted(risks, std::greater{}));
  }
}

TEST_CASE("list: filters are equalities, and a wrong one names those there are") {
  Store store;
  auto const roles = list(store.db, {.table = "identities", .filters = {{"kind", "role"}}});
  CHECK(roles->rows.size() == 12);
  auto const bad = list(store.db, {.table = "identities", .filters = {{"knd", "role"}}});
  CHECK(bad.error().message().starts_with("no filter \"knd\" here; one of: source, kind"));
  CHECK(list(store.db, {.table = "cats"}).error().code() == Errc::not_found);
  CHECK(list(store.db, {.table = "identities", .filters = {}, .sort = "x"}).error().code() ==
        Errc::invalid);
  CHECK(list(store.db, {.table = "identities", .filters = {}, .sort = "", .cursor = "AAAA"})
            .error()
            .code() == Errc::invalid);
  CHECK(list(store.db, {.table = "identities", .filters = {}, .sort = "", .cursor = "", .limit = 0})
            .error()
            .code() == Errc::invalid);
}

TEST_CASE("list: one row by its id") {
  Store store;
  CHECK(get(store.db, "identities", "nhi_3")->text_at("native_id") == "2");
  CHECK(get(store.db, "identities", "nhi_999").error().code() == Errc::not_found);
  CHECK(get(store.db, "identities", "cred_3").error().code() == Errc::invalid);
}

TEST_CASE("list: no page of filtered identities is sorted") {
  Store store;
  for (auto const filter : {"source", "kind", "environment", "quadrant", "enabled"}) {
    for (auto const sort : list_sorts("identities")) {
      CAPTURE(filter);
      CAPTURE(sort);
      auto const text =
          list_sql({.table = "identities", .filters = {{filter, "1"}}, .sort = std::string(sort)});
      REQUIRE(text.has_value());
      auto const steps = sql::plan(
          *store.real, *text,
          {{":key", std::int64_t{0}}, {":id", std::int64_t{0}}, {":limit", std::int64_t{10}}});
      REQUIRE(steps.has_value());
      for (auto const& step : *steps) CHECK_FALSE(step.contains("TEMP B-TREE FOR ORDER BY"));
    }
  }
}

TEST_CASE("list: identities of which few pass a filter are gathered by its index") {
  Store store;
  for (auto const filter : {"source", "kind", "environment", "quadrant", "enabled"}) {
    for (auto const sort : list_sorts("identities")) {
      CAPTURE(filter);
      CAPTURE(sort);
      auto const text = list_sql(
          {.table = "identities", .filters = {{filter, "1"}}, .sort = std::string(sort)}, filter);
      REQUIRE(text.has_value());
      auto const steps = sql::plan(
          *store.real, *text,
          {{":key", std::int64_t{0}}, {":id", std::int64_t{0}}, {":limit", std::int64_t{10}}});
      REQUIRE_MESSAGE(steps.has_value(), (steps ? "" : steps.error().to_string()));
      for (auto const& scan : sql::scans(*steps)) FAIL_CHECK(scan);
    }
  }
}

TEST_CASE("list: pages of one filter are the same rows, walked or gathered") {
  Store store;
  for (auto const sort : list_sorts("identities")) {
    CAPTURE(sort);
    std::vector<std::string> all, kept;
    ListQuery query{.table = "identities", .sort = std::string(sort), .limit = 5};
    auto const read = [&](std::vector<std::string>& out, bool filtered) {
      query.filters.clear();
      if (filtered) query.filters["kind"] = "role";
      query.cursor.clear();
      do {
        auto const page = list(store.db, query);
        REQUIRE_MESSAGE(page.has_value(), (page ? "" : page.error().to_string()));
        for (auto const& row : page->rows)
          if (row.text_at("kind") == "role") out.push_back(row.text_at("id"));
        query.cursor = page->next;
      } while (!query.cursor.empty());
    };
    read(all, /*filtered=*/false);
    read(kept, /*filtered=*/true);
    CHECK(all == kept);
  }
}

TEST_CASE("list: no page query reads a whole table") {
  Store store;
  for (auto const* table : {"identities", "credentials", "findings", "grants", "usage", "sightings",
                            "consumers", "resources", "persons"}) {
    for (auto const sort : list_sorts(table)) {
      CAPTURE(table);
      CAPTURE(sort);
      auto const text = list_sql({.table = table, .filters = {}, .sort = std::string(sort)});
      REQUIRE(text.has_value());
      auto const steps = sql::plan(
          *store.real, *text,
          {{":key", std::int64_t{0}}, {":id", std::int64_t{0}}, {":limit", std::int64_t{10}}});
      REQUIRE_MESSAGE(steps.has_value(), (steps ? "" : steps.error().to_string()));
      for (auto const& scan : sql::scans(*steps)) FAIL_CHECK(scan);
      for (auto const& step : *steps) CHECK_FALSE(step.contains("TEMP B-TREE FOR ORDER BY"));
    }
  }
}

}  // namespace
}  // namespace reeve::inventory
