#include "inventory/decisions.hpp"

#include <doctest/doctest.h>

#include "inventory/inventory.hpp"
#include "inventory/run.hpp"
#include "sql/linted.hpp"

namespace reeve::inventory {
namespace {

constexpr Instant now = from_micros(1'772'359'200'000'000);

struct Stores {
  Stores()
      : real_state(*sql::open("sqlite://:memory:", sql::Durability::durable)),
        real_inventory(*sql::open("sqlite://:memory:", sql::Durability::rebuildable)),
        state(*real_state),
        inventory(*real_inventory) {
    REQUIRE(create_state(state).has_value());
    REQUIRE(create_schema(inventory).has_value());
  }
  std::unique_ptr<sql::Database> real_state, real_inventory;
  sql::LintedDatabase state, inventory;
};

TEST_CASE("decisions: a source is added once, listed with its options, and removed") {
  Stores s;
  SourceConfig const pg{"prod-pg", "postgres", {{"url-env", "PGURL"}, {"databases", "a\"b"}}};
  REQUIRE(add_source(s.state, pg, now).has_value());
  CHECK(add_source(s.state, pg, now).error().code() == Errc::conflict);
  auto const all = *sources(s.state);
  REQUIRE(all.size() == 1);
  CHECK(all[0].options == pg.options);
  CHECK(remove_source(s.state, "prod-pg").has_value());
  CHECK(remove_source(s.state, "prod-pg").error().code() == Errc::not_found);
}

TEST_CASE("decisions: how a source on the spot was reached last is kept, beside those to look at") {
  Stores s;
  SourceConfig host{"host", "host", {{"root", "/mnt/a"}}};
  REQUIRE(remember_spot(s.state, host, now).has_value());
  host.options["root"] = "/mnt/b";
  REQUIRE(remember_spot(s.state, host, now).has_value());
  auto const all = *spots(s.state);
  REQUIRE(all.size() == 1);
  CHECK(all[0].options == host.options);
  CHECK(sources(s.state)->empty());
}

TEST_CASE("decisions: a later decision replaces an earlier one, and can be taken back") {
  Stores s;
  OwnerDecision d{{"pg", "1"}, {"hr", "ada"}, "owner", "accepted", "bob"};
  REQUIRE(decide(s.state, d, now).has_value());
  d.state = "declined";
  REQUIRE(decide(s.state, d, now).has_value());
  REQUIRE(decisions(s.state)->owners.size() == 1);
  CHECK(decisions(s.state)->owners[0].state == "declined");
  REQUIRE(undecide(s.state, d).has_value());
  CHECK(decisions(s.state)->owners.empty());
}

TEST_CASE("decisions: an exception needs a reason and an end that lies ahead") {
  Stores s;
  Exception e{.rule = "N1-04", .object_class = ObjectClass::credential, .subject = {"pg", "1"}};
  e.reason = "migration";
  e.until = now;
  CHECK(accept(s.state, e, now).error().code() == Errc::invalid);
  e.until = now + Days(1);
  CHECK(accept(s.state, e, now).has_value());
  CHECK(decisions(s.state)->exceptions.at(0).object_class == ObjectClass::credential);
  e.reason = "";
  CHECK(accept(s.state, e, now).error().code() == Errc::invalid);
}

TEST_CASE("decisions: a mark stands above what a source proposes, and the later mark wins") {
  Stores s;
  auto run = begin_run(s.inventory, {.name = "pg", .kind = "postgres"}, now);
  Page page;
  for (auto const* name : {"orders-prod", "orders-dev"})
    page.observations.push_back(
        {Resource{.native_id = name, .name = name, .kind = "database"}, ""});
  REQUIRE(import_page(s.inventory, *run, page).has_value());
  REQUIRE(complete_run(s.inventory, *run, {}, now).has_value());
  REQUIRE(mark(s.state, {"orders-*", "high", "orders", "ada"}, now).has_value());
  REQUIRE(mark(s.state, {"*-prod", "critical", "money", "ada"}, now + Days(1)).has_value());
  CHECK_FALSE(mark(s.state, {"*", "secret", "", "ada"}, now).has_value());
  REQUIRE(apply(s.inventory, s.state).has_value());
  auto const count = [&](char const* what) {
    return *sql::integer(s.inventory,
                         "select count(*) from v_resource where sensitivity = '" +
                             std::string(what) + "' and sensitivity_is = 'value'",
                         {});
  };
  CHECK(count("critical") == 1);
  CHECK(count("high") == 1);
}

TEST_CASE("decisions: a member taken out of a cluster leaves the others together") {
  Stores s;
  auto run = begin_run(s.inventory, {.name = "host", .kind = "host"}, now);
  Page page;
  for (auto const* id : {"a", "b", "c"})
    page.observations.push_back({Sighting{.native_id = id, .fingerprint = "fp_1"}, ""});
  REQUIRE(import_page(s.inventory, *run, page).has_value());
  REQUIRE(complete_run(s.inventory, *run, {}, now).has_value());
  REQUIRE(split(s.state, ObjectClass::sighting, {"host", "b"}, "other", "ada", now).has_value());
  REQUIRE(apply(s.inventory, s.state).has_value());
  CHECK(*sql::integer(s.inventory, "select count(*) from v_cluster where cluster = 'fp_1'", {}) ==
        2);
}

TEST_CASE("decisions: patterns of names") {
  struct Case {
    char const* pattern;
    char const* name;
    bool want;
  };
  for (auto const& c : std::initializer_list<Case>{{"*", "", true},
                                                   {"a*c", "abbbc", true},
                                                   {"a*c", "abbb", false},
                                                   {"a?c", "abc", true},
                                                   {"a?c", "ac", false},
                                                   {"*prod*", "x-prod-1", true},
                                                   {"**b*", "aab", true},
                                                   {"", "a", false},
                                                   {"A", "a", false}}) {
    CAPTURE(c.pattern);
    CAPTURE(c.name);
    CHECK(matches(c.pattern, c.name) == c.want);
  }
}

}  // namespace
}  // namespace reeve::inventory
