#include <doctest/doctest.h>

#include <algorithm>

#include "server/conditional.hpp"
#include "server/service_fake.hpp"

namespace reeve::server {
namespace {

std::string field(net::Response const& response, std::string_view name) {
  for (auto const& [key, value] : response.fields)
    if (key == name) return value;
  return "";
}

constexpr char mark[] = R"({"pattern":"prod*","sensitivity":"critical"})";
constexpr char other[] = R"({"pattern":"test*","sensitivity":"high"})";

TEST_CASE("etag: a row has one, and who has it still is told so without a body") {
  FakeService store;
  store.discover();
  auto const first = store.call("GET", "/v1/identities/nhi_1");
  auto const etag = field(first, "ETag");
  REQUIRE(etag.size() > 10);
  CHECK(field(store.call("GET", "/v1/identities/nhi_2"), "ETag") != etag);
  CHECK(field(store.call("GET", "/v1/identities"), "ETag") == "");
  for (auto const& known : {etag, "W/" + etag, "\"old\", " + etag, std::string("*")}) {
    CAPTURE(known);
    auto const again = store.call("GET", "/v1/identities/nhi_1", "", {{"If-None-Match", known}});
    CHECK(again.status == 304);
    CHECK(again.text().empty());
    CHECK(field(again, "ETag") == etag);
  }
  auto const stale = store.call("GET", "/v1/identities/nhi_1", "", {{"If-None-Match", "\"old\""}});
  CHECK(stale.status == 200);
}

TEST_CASE("if-match: nobody decides on what he no longer sees") {
  FakeService store;
  store.discover();
  auto const path = "/v1/identities/nhi_1";
  auto const assign = R"({"person":"per_1","state":"assigned"})";
  auto const etag = field(store.call("GET", path), "ETag");
  struct Case {
    std::string name, tag;
    int status;
  };
  Case const cases[] = {{"an old one", "\"old\"", 412},
                        {"a weak one", "W/" + etag, 412},
                        {"the one it has", etag, 200},
                        {"any", "*", 200}};
  for (auto const& c : cases) {
    CAPTURE(c.name);
    auto const tag =
        c.status == 200 && c.tag != "*" ? field(store.call("GET", path), "ETag") : c.tag;
    auto const done =
        store.call("POST", std::string(path) + "/owners", assign, {{"If-Match", tag}});
    CAPTURE(done.text());
    CHECK(done.status == c.status);
  }
  auto const absent =
      store.call("POST", "/v1/identities/nhi_99/owners", assign, {{"If-Match", "*"}});
  CHECK(absent.status == 404);
  auto const no_tag = store.call("POST", "/v1/resource-marks", mark, {{"If-Match", "*"}});
  CHECK(no_tag.status == 501);
  store.decisions = pdp::engine_without({"inventory.read"});
  auto const blind = store.call("POST", std::string(path) + "/owners", assign, {{"If-Match", "*"}});
  CHECK(blind.status == 403);
}

TEST_CASE("idempotency: a key sent twice is done once, and answered twice alike") {
  FakeService store;
  auto const add = R"({"name":"lab","kind":"fake"})";
  FakeService::Fields const key{{"Idempotency-Key", "k1"}};
  auto const first = store.call("POST", "/v1/source-configs", add, key);
  CHECK(first.status == 201);
  CHECK(field(first, "Idempotency-Replayed") == "");
  auto const second = store.call("POST", "/v1/source-configs", add, key);
  CHECK(second.status == 201);
  CHECK(second.text() == first.text());
  CHECK(field(second, "Idempotency-Replayed") == "true");
  CHECK(store.call("POST", "/v1/source-configs", add).status == 409);
}

TEST_CASE("idempotency: a refusal is repeated too, a key names one request of one caller") {
  FakeService store;
  FakeService::Fields const key{{"Idempotency-Key", "k1"}};
  auto const bad = R"({"pattern":"","sensitivity":"critical"})";
  CHECK(store.call("POST", "/v1/resource-marks", bad, key).status == 400);
  auto const again = store.call("POST", "/v1/resource-marks", bad, key);
  CHECK(again.status == 400);
  CHECK(again.content_type == "application/problem+json");
  CHECK(field(again, "Idempotency-Replayed") == "true");
  auto const reused = store.call("POST", "/v1/resource-marks", mark, key);
  CHECK(reused.status == 400);
  CHECK(reused.text().contains("another request"));
  store.gate.who.id = "token:tok_2";
  CHECK(store.call("POST", "/v1/resource-marks", other, key).status == 200);
}

TEST_CASE("idempotency: an answer is kept for 24 hours and no longer") {
  FakeService store;
  FakeService::Fields const key{{"Idempotency-Key", "k1"}};
  CHECK(store.call("POST", "/v1/resource-marks", mark, key).status == 200);
  store.now = test_now + std::chrono::hours(24);
  CHECK(field(store.call("POST", "/v1/resource-marks", mark, key), "Idempotency-Replayed") ==
        "true");
  store.now = test_now + std::chrono::hours(25);
  CHECK(field(store.call("POST", "/v1/resource-marks", mark, key), "Idempotency-Replayed") == "");
}

TEST_CASE("idempotency: a first request that never ended is a conflict, not done again") {
  FakeService store;
  FakeService::Fields const key{{"Idempotency-Key", "k1"}};
  CHECK(store.call("POST", "/v1/resource-marks", mark, key).status == 200);
  auto const killed = store.service->state().commit([](sql::Database& db) {
    return sql::run(db, "update replays set status = null where 1 = 1", {});
  });
  REQUIRE(killed.has_value());
  auto const again = store.call("POST", "/v1/resource-marks", mark, key);
  CHECK(again.status == 409);
  CHECK(again.text().contains("no answer yet"));
}

TEST_CASE("idempotency: neither key nor answer with a secret lies in the store") {
  FakeService store;
  auto const body = R"({"name":"ci","role":"reader","until":"2027-01-01T00:00:00Z"})";
  for (auto const* target : {"/v1/tokens", "/v1/discoveries"}) {
    CAPTURE(target);
    auto const refused = store.call("POST", target, body, {{"Idempotency-Key", "k1"}});
    CHECK(refused.status == 400);
    CHECK(refused.text().contains("kept nowhere"));
  }
  auto const long_key = std::string(256, 'k');
  for (auto const& key : {std::string(), std::string("a b"), std::string("a\x01"), long_key})
    CHECK(store.call("POST", "/v1/resource-marks", mark, {{"Idempotency-Key", key}}).status == 400);
  CHECK(store.call("POST", "/v1/resource-marks", mark, {{"Idempotency-Key", "k1"}}).status == 200);
  auto const db = store.service->state().reader();
  REQUIRE(db.has_value());
  CHECK(*sql::integer(**db, "select count(*) from replays where key_hash = 'k1'", {}) == 0);
  CHECK(*sql::integer(**db, "select count(*) from replays", {}) == 1);
}

TEST_CASE("idempotency: who may no longer do it is not told the old answer either") {
  FakeService store;
  FakeService::Fields const key{{"Idempotency-Key", "k1"}};
  CHECK(store.call("POST", "/v1/resource-marks", mark, key).status == 200);
  store.gate.who.role = "reader";
  CHECK(store.call("POST", "/v1/resource-marks", mark, key).status == 403);
}

}  // namespace
}  // namespace reeve::server
