#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <thread>

#include "pdp/actions.hpp"
#include "remedy/propose.hpp"
#include "server/gate.hpp"
#include "server/service_fake.hpp"

namespace reeve::server {
namespace {

std::string target_of(Route const& route) {
  std::string out(route.path);
  if (auto const hole = out.find("{id}"); hole != out.npos) out.replace(hole, 4, "nhi_1");
  return out;
}

/// Keeps events; a fake wait takes no time, so there are as many heartbeats as turns.
struct EventWriter final : net::Writer {
  std::string text;
  Result<> write(std::string_view bytes) override {
    if (bytes == ":\n\n")
      std::this_thread::yield();
    else
      text += bytes;
    return {};
  }
};

TEST_CASE("server: each route with its action taken away answers 403 and names it") {
  FakeService store;
  std::string_view withheld;
  for (auto const* route : routes()) {
    CAPTURE(route->method);
    CAPTURE(route->path);
    if (std::exchange(withheld, route->action) != route->action)
      store.decisions = pdp::engine_without({std::string(route->action)});
    auto const response = store.call(std::string(route->method), target_of(*route), "{}");
    CHECK(response.status == 403);
    CHECK(response.content_type == "application/problem+json");
    auto const problem = parse_json(response.text());
    REQUIRE(problem.has_value());
    CHECK(problem->text_at("code") == "denied");
    CHECK(problem->text_at("detail").starts_with(std::string(route->action) + " is denied"));
  }
}

TEST_CASE("server: a reader may what is for readers, on every route") {
  FakeService store;
  store.gate.who.role = "reader";
  for (auto const* route : routes()) {
    CAPTURE(route->method);
    CAPTURE(route->path);
    auto const group = pdp::find_action(route->action)->group;
    auto const response = store.call(std::string(route->method), target_of(*route), "{}");
    CHECK((response.status == 403) == (group != pdp::Group::read));
  }
}

TEST_CASE("server: who may not read learns nothing of what exists") {
  FakeService store;
  store.discover();
  store.decisions = pdp::engine_without({"inventory.read"});
  auto const there = store.call("GET", "/v1/identities/nhi_1");
  auto const absent = store.call("GET", "/v1/identities/nhi_999");
  CHECK(there.status == 403);
  CHECK(there.text() == absent.text());
}

TEST_CASE("server: bad requests are answered as problems that say what to do") {
  FakeService store;
  store.discover();
  struct Case {
    std::string name, method, target, body;
    int status;
    std::string says;
  };
  Case const cases[] = {
      {"no such path", "GET", "/v1/nothing", "", 404, "openapi.json"},
      {"no such method", "DELETE", "/v1/identities", "", 501, "no such method"},
      {"a filter that is not", "GET", "/v1/identities?colour=red", "", 400, "one of:"},
      {"a parameter twice", "GET", "/v1/identities?kind=a&kind=b", "", 400, "twice"},
      {"broken percent", "GET", "/v1/identities?kind=%zz", "", 400, "percent"},
      {"a control character", "GET", "/v1/identities?kind=%00", "", 400, "percent"},
      {"a foreign cursor", "GET", "/v1/identities?cursor=AAAA", "", 400, "cursor"},
      {"limit of text", "GET", "/v1/identities?limit=many", "", 400, "limit is a number"},
      {"limit too high", "GET", "/v1/identities?limit=1001", "", 400, "1 to 1000"},
      {"an id of another table", "GET", "/v1/identities/cred_1", "", 400, "looks like nhi_"},
      {"an id that is not", "GET", "/v1/identities/nhi_99", "", 404, "nhi_99"},
      {"a body that is no JSON", "POST", "/v1/sql", "{", 400, "read the body"},
      {"a body with a key twice", "POST", "/v1/sql", R"({"query":"a","query":"b"})", 400, "body"},
      {"a body that is a list", "POST", "/v1/sql", "[]", 400, "no JSON object"},
      {"SQL that writes", "POST", "/v1/sql", R"({"query":"delete from sources"})", 403, ""},
      {"a kind that is not", "POST", "/v1/source-configs", R"({"kind":"fale"})", 404, "fake"},
      {"an option that is not", "POST", "/v1/source-configs",
       R"({"kind":"fake","options":{"cuont":"1"}})", 400, "count"},
      {"a token without an end", "POST", "/v1/tokens", R"({"name":"a","role":"reader"})", 400,
       "until"},
  };
  for (auto const& c : cases) {
    CAPTURE(c.name);
    auto const response = store.call(c.method, c.target, c.body);
    CAPTURE(response.text());
    CHECK(response.status == c.status);
    CHECK(response.content_type == "application/problem+json");
    CHECK(response.text().contains(c.says));
  }
}

TEST_CASE("server: a body with more than a MiB is refused") {
  FakeService store;
  auto const response = store.call("POST", "/v1/sql", std::string((1 << 20) + 1, ' '));
  CHECK(response.status == 400);
}

TEST_CASE("server: pages together hold each row once") {
  FakeService store;
  store.discover();
  std::set<std::string> ids;
  std::string cursor;
  do {
    auto const page =
        store.json("GET", "/v1/identities?limit=2" + (cursor.empty() ? "" : "&cursor=" + cursor));
    for (auto const& row : *page.find("items")->array())
      CHECK(ids.insert(row.text_at("id")).second);
    cursor = page.text_at("next");
  } while (!cursor.empty());
  CHECK(ids.size() == 3);
}

TEST_CASE("server: a discovery tells its progress as events and ends with its result") {
  FakeService store;
  auto response = store.call("POST", "/v1/discoveries",
                             R"({"with":[{"name":"lab","kind":"fake","options":{"count":"5"}}]})");
  CHECK(response.content_type == "text/event-stream");
  auto* produce = std::get_if<net::Producer>(&response.body);
  REQUIRE(produce);
  EventWriter out;
  REQUIRE((*produce)(out).has_value());
  CHECK(out.text.contains("event: progress\ndata: {"));
  CHECK(out.text.contains("event: result\ndata: {"));
  CHECK(store.json("GET", "/v1/identities").find("items")->array()->size() == 5);
}

TEST_CASE("gate: a token opens until its end, or until it is revoked") {
  FakeService store;
  auto const gate = make_gate(*store.service);
  auto const made = make_token(*store.service, "ci", "reader", test_now + std::chrono::hours(1));
  REQUIRE(made.has_value());
  auto const caller = [&](std::string const& token) {
    net::FakeCall call("GET", "/v1/identities", "", {{"Authorization", "Bearer " + token}});
    return gate->caller(call);
  };
  auto const secret = std::string(made->secret.reveal());
  auto const known = caller(secret);
  REQUIRE(known.has_value());
  CHECK(known->role == "reader");
  CHECK(caller(secret + "x").error().code() == Errc::unauthenticated);
  store.now = test_now + std::chrono::hours(1);
  CHECK(caller(secret).error().code() == Errc::unauthenticated);
  store.now = test_now;
  REQUIRE(revoke_token(*store.service, made->id).has_value());
  CHECK(caller(secret).error().code() == Errc::unauthenticated);
}

TEST_CASE("plans: each rule has a kind of plan that suits its subject, or steps to do by hand") {
  FakeService store;
  store.discover();
  std::int64_t id = 1000;
  for (auto const& rule : store.service->rules()) {
    CAPTURE(rule.id);
    if (!rule.fix.empty()) {
      auto const* fix = remedy::find_fix(rule.fix);
      REQUIRE(fix);
      CHECK((" " + std::string(fix->subjects) + " ")
                .contains(" " + std::string(name(rule.subject)) + " "));
      continue;
    }
    ++id;
    REQUIRE(store.service->inventory()
                .commit([&](sql::Database& db) {
                  return sql::run(
                      db, R"(insert into findings values (:id, :rule, :class, 1, 1, 1, '',
                      'high', '', '', 'open', 0, 1, '', 0, null, null))",
                      {{":id", id}, {":rule", rule.id}, {":class", name(rule.subject)}});
                })
                .has_value());
    auto const answer =
        store.json("POST", "/v1/findings/fnd_" + std::to_string(id) + "/plan", "{}");
    REQUIRE(answer.find("manual"));
    CHECK_FALSE(answer.find("manual")->array()->empty());
    for (auto const& kind : *answer.find("ways")->array()) CHECK(remedy::find_fix(*kind.text()));
  }
  CHECK(store.service->rules().size() >= 39);
}

}  // namespace
}  // namespace reeve::server
