#include "posture/evaluate.hpp"

#include <doctest/doctest.h>

#include "inventory/inventory.hpp"
#include "inventory/run.hpp"
#include "posture/shipped.hpp"
#include "sql/linted.hpp"

namespace reeve::posture {
namespace {

constexpr Instant now = fixture_now;

/// A rule of the tests: a credential that never expires fails, one whose end is not told is
/// unknown.
Rule no_expiry() {
  auto rule = parse_rule(R"(
id: T-01
title: Credential has no end
severity: high
subject: credential
needs: [credential]
action: M
why: it stays
remedy: give it one
scope: select id, source_id, identity_id, expires_is from v_credential where kind <> 'exempt'
sql: |
  select id as subject, source_id,
         case expires_is when 'none' then 'fail' else 'unknown' end as verdict,
         'no end' as reason, identity_id
    from scope where expires_is <> 'value'
)");
  REQUIRE_MESSAGE(rule.has_value(), (rule ? "" : rule.error().to_string()));
  return *std::move(rule);
}

struct Estate {
  Estate() : real(*sql::open("sqlite://:memory:", sql::Durability::rebuildable)), db(*real) {
    REQUIRE(inventory::create_schema(db).has_value());
  }

  void discover(std::string const& source, std::vector<Observation> seen,
                CoverageState credentials = CoverageState::complete) {
    auto run = *inventory::begin_run(db, {.name = source, .kind = "test"}, now);
    auto const page = inventory::import_page(db, run, {.observations = std::move(seen)});
    REQUIRE_MESSAGE(page.has_value(), (page ? "" : page.error().to_string()));
    std::vector<Coverage> coverage;
    for (std::size_t n = 0; n < object_classes; ++n)
      coverage.push_back({.object_class = ObjectClass(n), .state = CoverageState::complete});
    coverage[std::size_t(ObjectClass::credential)] = {.object_class = ObjectClass::credential,
                                                      .state = credentials,
                                                      .missing = "SELECT ON pg_authid",
                                                      .reason = "not granted",
                                                      .fix = "GRANT SELECT ON pg_authid TO reeve"};
    REQUIRE(inventory::complete_run(db, run, coverage, now).has_value());
  }
  Summary judge(Instant at = now) {
    Rule const rules[] = {no_expiry()};
    auto const done = evaluate(db, decisions, rules, at);
    REQUIRE_MESSAGE(done.has_value(), (done ? "" : done.error().to_string()));
    return *done;
  }
  std::string one(std::string const& sql) {
    std::string out;
    auto const read = [&](sql::Row const& row) -> Result<> {
      for (int at = 0; at < row.columns(); ++at) out += (at ? "|" : "") + row.text(at);
      out += "\n";
      return {};
    };
    auto const done = sql::each(db, sql, {}, read);
    CHECK_MESSAGE(done.has_value(), (done ? "" : done.error().to_string()));
    return out;
  }

  std::unique_ptr<sql::Database> real;
  sql::LintedDatabase db;
  inventory::Decisions decisions;
};

Observation role(std::string const& id, Known<std::string> note = None{}) {
  return {Identity{.native_id = id, .name = id, .kind = "role", .note = std::move(note)}, "t"};
}
Observation key(std::string const& identity, Known<Instant> expires) {
  return {Credential{.native_id = "key:" + identity,
                     .identity = identity,
                     .kind = "access_key",
                     .expires = expires},
          "t"};
}
Observation ada() {
  return {Person{.native_id = "p1",
                 .name = "Ada Lovelace",
                 .email = "ada@example.org",
                 .active = true,
                 .aliases = "alovelace"},
          "t"};
}

TEST_CASE("findings: open on a fail, keep their id, resolve on a pass alone, open again") {
  Estate e;
  e.discover("pg", {role("app"), key("app", None{})});
  auto const first = e.judge();
  CHECK(first.opened == 1);
  CHECK(e.one("select id, rule, state, stale from v_finding") == "1|T-01|open|0\n");

  e.discover("pg", {role("app"), key("app", NotReported{})});
  CHECK(e.judge(now + Days(1)).open == 1);
  CHECK(e.one("select id, state, stale from v_finding") == "1|open|1\n");

  e.discover("pg", {role("app"), key("app", now + Days(30))});
  CHECK(e.judge(now + Days(2)).resolved == 1);
  CHECK(e.one("select id, state from v_finding") == "1|resolved\n");

  e.discover("pg", {role("app"), key("app", None{})});
  e.judge(now + Days(3));
  CHECK(e.one("select id, state, stale from v_finding") == "1|open|0\n");
  CHECK(e.judge(now + Days(4)).opened == 0);
}

TEST_CASE("findings: a subject that is gone resolves its finding; one we no longer see does not") {
  Estate e;
  e.discover("pg", {role("app"), key("app", None{})});
  e.judge();
  e.discover("pg", {role("app")}, CoverageState::partial);
  e.judge();
  CHECK(e.one("select state from v_finding") == "open\n");
  e.discover("pg", {role("app")});
  e.judge();
  CHECK(e.one("select state from v_finding") == "resolved\n");
}

TEST_CASE("findings: what leaves the scope of its rule is stale, not resolved") {
  Estate e;
  e.discover("pg", {role("app"), key("app", None{})});
  e.judge();
  auto exempt = key("app", None{});
  std::get<Credential>(exempt.object).kind = "exempt";
  e.discover("pg", {role("app"), exempt});
  e.judge();
  CHECK(e.one("select state, stale from v_finding") == "open|1\n");
}

TEST_CASE("findings: an accepted one is open again after its end") {
  Estate e;
  e.discover("pg", {role("app"), key("app", None{})});
  e.decisions.exceptions.push_back({.rule = "T-01",
                                    .object_class = ObjectClass::credential,
                                    .subject = {"pg", "key:app"},
                                    .reason = "migration",
                                    .by = "ada",
                                    .until = now + Days(10)});
  CHECK(e.judge().accepted == 1);
  CHECK(e.one("select risk, findings from v_profile") == "0|0\n");
  auto const later = e.judge(now + Days(11));
  CHECK(later.accepted == 0);
  CHECK(later.open == 1);
}

TEST_CASE("findings: what could not be judged says how many verdicts which line would settle") {
  Estate e;
  e.discover("pg", {role("a"), role("b"), key("a", NotReported{}), key("b", NotReported{})},
             CoverageState::partial);
  CHECK(e.judge().unknown == 2);
  CHECK(e.one("select rule, class, missing, fix, verdicts from v_unknown") ==
        "T-01|credential|SELECT ON pg_authid|GRANT SELECT ON pg_authid TO reeve|2\n");
  CHECK(e.one("select in_scope, failed, unknown from v_verdict") == "2|0|2\n");
}

TEST_CASE("findings: of a rule that was taken away they are resolved") {
  Estate e;
  e.discover("pg", {role("app"), key("app", None{})});
  e.judge();
  REQUIRE(evaluate(e.db, {}, {}, now).has_value());
  CHECK(e.one("select state from v_finding") == "resolved\n");
  CHECK(e.one("select count(*) from v_verdict") == "0\n");
}

TEST_CASE("risk: shows its parts, and says that transitive reach is not in it") {
  Estate e;
  e.discover(
      "pg",
      {role("app"),
       {Resource{
            .native_id = "db", .name = "orders", .kind = "database", .sensitivity = "critical"},
        "t"},
       key("app", None{}),
       {Grant{.native_id = "g", .identity = "app", .actions = {"all"}, .resource = "db"}, "t"}});
  e.judge();
  CHECK(e.one("select risk, risk_parts from v_finding") ==
        "180|severity high 60 × exposure not known 1.0 × critical resource 3.0 = 180; transitive "
        "reach: not computed yet\n");
  CHECK(e.one("select risk, findings from v_profile") == "180|1\n");
}

TEST_CASE("owners: proposed with basis and score; a decision stands above a proposal") {
  Estate e;
  e.discover("hr", {ada()});
  e.discover("pg", {role("etl", "nightly load; owner: ada@example.org"), role("alovelace"),
                    role("svc-alovelace"), role("other")});
  e.judge();
  CHECK(e.one("select i.name, o.score, o.state from v_owner o join v_identity i on i.id = "
              "o.identity_id order by i.name nulls last") ==
        "alovelace|80|proposed\netl|90|proposed\nsvc-alovelace|40|proposed\n");
  e.decisions.owners.push_back({{"pg", "etl"}, {"hr", "p1"}, "owner", "declined", "bob"});
  e.decisions.owners.push_back({{"pg", "other"}, {"hr", "p1"}, "owner", "assigned", "bob"});
  e.decisions.owners.push_back({{"pg", "gone"}, {"hr", "p1"}, "owner", "assigned", "bob"});
  e.judge();
  CHECK(e.one("select i.name, o.score, o.state, o.basis from v_owner o join v_identity i on i.id = "
              "o.identity_id where i.name = 'other'") == "other|100|assigned|assigned by bob\n");
  CHECK(e.one("select count(*) from v_owner o join v_identity i on i.id = o.identity_id where "
              "i.name = 'etl'") == "0\n");
}

TEST_CASE("evaluate: a second time changes no row") {
  Estate e;
  e.discover("hr", {ada()});
  e.discover("pg", {role("etl", "owner: alovelace"), key("etl", None{})});
  e.judge();
  auto const all = [&] {
    return e.one("select * from findings") + e.one("select * from owners") +
           e.one("select * from profiles");
  };
  auto const before = all();
  e.judge(now + Days(1));
  CHECK(all() == before);
}

TEST_CASE("profiles: what was found of an identity places it, and groups are not to be placed") {
  Estate estate;
  auto const account = [](char const* name, Known<bool> person, Known<bool> login) {
    return Observation{Identity{.native_id = name,
                                .name = name,
                                .kind = "account",
                                .note = None{},
                                .declared_person = person,
                                .interactive = login}};
  };
  auto const session = [](char const* identity, char const* client) {
    return Observation{Usage{.native_id = std::string("session:") + identity,
                             .identity = identity,
                             .action = "session",
                             .client = std::string(client),
                             .hour = now,
                             .last = now}};
  };
  estate.discover("people", {{Person{.native_id = "1", .name = "Ada Adams", .aliases = "ada"}}});
  estate.discover(
      "host",
      {account("www", false, false),
       account("billing", NotReported{}, true),
       account("lent", NotReported{}, true),
       {Identity{.native_id = "staff", .name = "staff", .kind = "group"}},
       {Identity{.native_id = "everyone", .name = "PUBLIC", .kind = "pseudo_role"}},
       {Identity{.native_id = "ada", .name = "ada", .kind = "role", .note = None{}}},
       {Identity{.native_id = "etl", .name = "etl", .kind = "role", .note = "owner=bo app=dw"}},
       {Credential{.native_id = "p", .identity = "lent", .kind = "password"}},
       {Credential{
           .native_id = "q", .identity = "billing", .kind = "password", .restrictions = "locked"}},
       {Consumer{.native_id = "unit:b",
                 .name = "b",
                 .kind = "systemd_unit",
                 .identity = "billing",
                 .how = "User=billing in /etc/b"}},
       session("ada", "psql"),
       session("etl", "loader")});
  estate.judge();
  CHECK(estate.one("select i.name, p.quadrant from v_identity i join v_profile p on "
                   "p.identity_id = i.id order by i.name nulls last") ==
        "PUBLIC|not_an_actor\nada|human_user\nbilling|system_driven\netl|system_driven\n"
        "lent|unknown\nstaff|not_an_actor\nwww|system_driven\n");
}

}  // namespace
}  // namespace reeve::posture
