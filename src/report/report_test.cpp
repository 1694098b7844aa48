#include "report/report.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "inventory/inventory.hpp"
#include "inventory/run.hpp"
#include "posture/evaluate.hpp"
#include "report/estate.hpp"
#include "sql/linted.hpp"

namespace reeve::report {
namespace {

constexpr Instant now = posture::fixture_now;
constexpr char hostile[] = "<script>alert('x')</script>\"'&\x1b[2J";

posture::Rule no_end() {
  auto rule = posture::parse_rule(R"(
id: T-01
title: Credential has no end
severity: critical
subject: credential
needs: [credential]
action: M
why: it stays
remedy: give it one
scope: select id, source_id, identity_id, expires_is from v_credential
sql: |
  select id as subject, source_id, case expires_is when 'none' then 'fail' else 'unknown' end as verdict,
         'no <end>' as reason, identity_id
    from scope where expires_is <> 'value'
)");
  REQUIRE_MESSAGE(rule.has_value(), (rule ? "" : rule.error().to_string()));
  return *std::move(rule);
}

Observation role(std::string const& name) {
  return {Identity{.native_id = name, .name = name, .kind = "role"}, "t"};
}
Observation key(std::string const& identity, Known<Instant> created, Known<Instant> expires) {
  return {Credential{.native_id = "key:" + identity,
                     .identity = identity,
                     .kind = "access_key",
                     .created = created,
                     .expires = expires},
          "t"};
}

struct Store {
  Store() : real(*sql::open("sqlite://:memory:", sql::Durability::rebuildable)), db(*real) {
    REQUIRE(inventory::create_schema(db).has_value());
  }
  void discover(std::vector<Observation> seen) {
    auto run = *inventory::begin_run(db, {.name = "pg", .kind = "test"}, now);
    REQUIRE(inventory::import_page(db, run, {.observations = std::move(seen)}).has_value());
    std::vector<reeve::Coverage> coverage{
        {.object_class = ObjectClass::identity, .state = CoverageState::complete},
        {.object_class = ObjectClass::credential,
         .state = CoverageState::partial,
         .missing = "SELECT ON pg_authid",
         .reason = "not granted",
         .fix = "GRANT SELECT ON pg_authid TO \"<reeve>\""}};
    REQUIRE(inventory::complete_run(db, run, coverage, now).has_value());
    posture::Rule const rules[] = {no_end()};
    auto const done = posture::evaluate(db, {}, rules, now);
    REQUIRE_MESSAGE(done.has_value(), (done ? "" : done.error().to_string()));
  }
  std::unique_ptr<sql::Database> real;
  sql::LintedDatabase db;
};

Estate estate_of(Store& store) {
  auto out = read_estate(store.db, now);
  REQUIRE_MESSAGE(out.has_value(), (out ? "" : out.error().to_string()));
  return *std::move(out);
}

std::int64_t count(std::vector<Bucket> const& all, std::string_view label) {
  auto const found = std::ranges::find(all, label, &Bucket::label);
  REQUIRE(found != all.end());
  return found->count;
}

TEST_CASE("report: ages and ends fall into the bucket that holds them, silence into its own") {
  struct Case {
    std::string name;
    Known<Instant> created, expires;
    std::string age, expiry;
  };
  Case const cases[] = {
      {"new", now - Days(1), now + Days(7), "30 days", "7 days"},
      {"edge", now - Days(90), now + Days(8), "90 days", "30 days"},
      {"old", now - Days(4000), now - Days(1), "older", "expired"},
      {"far", now - Days(1000), now + Days(4000), "5 years", "later"},
      {"none", None{}, None{}, "none", "never"},
      {"silent", NotReported{}, NotReported{}, "not reported", "not reported"},
  };
  for (auto const& c : cases) {
    CAPTURE(c.name);
    Store store;
    store.discover({role("app"), key("app", c.created, c.expires)});
    auto const e = estate_of(store);
    CHECK(count(e.age, c.age) == 1);
    CHECK(count(e.expiry, c.expiry) == 1);
  }
}

TEST_CASE("report: its numbers are those of the estate") {
  Store store;
  store.discover(
      {role("app"), role("etl"), key("app", now, None{}), key("etl", now, NotReported{})});
  auto const e = estate_of(store);
  CHECK(e.identities() == 2);
  CHECK(e.open() == 1);
  CHECK(e.by_severity()[std::size_t(posture::Severity::critical)] == 1);
  CHECK(e.owners.nobody == 2);
  REQUIRE(e.worst.size() == 1);
  CHECK(e.worst[0].identity == "app");
  auto const partial = std::ranges::find(e.coverage, "partial", &Coverage::state);
  REQUIRE(partial != e.coverage.end());
  CHECK(partial->verdicts == 1);
}

TEST_CASE("report: names from sources are text, and nothing is loaded from elsewhere") {
  Store store;
  store.discover({role(hostile), key(hostile, now, None{})});
  auto const page = html(store.db, now);
  REQUIRE_MESSAGE(page.has_value(), (page ? "" : page.error().to_string()));
  CHECK(page->contains("&lt;script&gt;alert("));
  CHECK(page->contains("no &lt;end&gt;"));
  CHECK(page->contains("GRANT SELECT ON pg_authid TO &quot;&lt;reeve&gt;&quot;"));
  CHECK(page->contains("reeve fix fnd_1"));
  CHECK(page->contains("default-src 'none'"));
  for (auto const* forbidden :
       {"<script", "\x1b", "http://", "https://", "src=", "href=", "url(", "@import", " style="})
    CHECK_MESSAGE(!page->contains(forbidden), forbidden);
}

TEST_CASE("report: an empty store gives a page that says so") {
  Store store;
  auto const page = html(store.db, now);
  REQUIRE_MESSAGE(page.has_value(), (page ? "" : page.error().to_string()));
  CHECK(page->contains("Nothing is open"));
  CHECK(page->contains("</html>"));
}

}  // namespace
}  // namespace reeve::report
