#include <doctest/doctest.h>

#include <algorithm>

#include "pdp/domain_fake.hpp"
#include "server/audit.hpp"
#include "server/service_fake.hpp"

namespace reeve::server {
namespace {

constexpr char view[] = R"({"subject":{"type":"user","id":"cyd"},"action":{"name":"view"},)"
                        R"("resource":{"type":"record","id":"1"}})";
constexpr char archived[] =
    R"({"subject":{"type":"user","id":"ann"},"action":{"name":"edit"},)"
    R"("resource":{"type":"record","id":"1","properties":{"archived":true}}})";
FakeService::Fields const as_json{{"Content-Type", "application/json; charset=utf-8"}};

struct Fixture : FakeService {
  Fixture() {
    service->domains().add({"shop", std::make_unique<pdp::CedarEngine>(pdp::records())});
  }
  net::Response ask(std::string target, std::string body) {
    return call("POST", std::move(target), std::move(body), as_json);
  }
};

TEST_CASE("authzen: a domain answers under its name, and nobody under another") {
  Fixture store;
  auto const there = store.ask("/domains/shop/access/v1/evaluation", view);
  CHECK(there.status == 200);
  CHECK(there.text() ==
        R"({"decision":true,"context":{"cause":"permitted","reason":"permitted by view",)"
        R"("reasons":["view"],"version":"v1"}})");
  CHECK(store.ask("/domains/none/access/v1/evaluation", view).status == 404);
}

TEST_CASE("authzen: without a name the domain default answers, or reeve's own policies") {
  Fixture store;
  auto const ours =
      store.ask("/access/v1/evaluation",
                R"({"subject":{"type":"Agent","id":"a"},"action":{"name":"tool.call"},)"
                R"("resource":{"type":"Tool","id":"t"}})");
  CHECK(ours.status == 200);
  CHECK(ours.text().starts_with(R"({"decision":false,"context":{"cause":"not_permitted")"));
  CHECK(ours.text().contains("no policy permits it"));
  store.service->domains().add({"default", std::make_unique<pdp::CedarEngine>(pdp::records())});
  CHECK(store.ask("/access/v1/evaluation", view).text().starts_with(R"({"decision":true)"));
}

TEST_CASE("authzen: nobody becomes somebody's role by saying so") {
  Fixture store;
  auto const out =
      store.ask("/access/v1/evaluation",
                R"({"subject":{"type":"Token","id":"9","parents":[{"type":"Role","id":"owner"}]},)"
                R"("action":{"name":"token.create"},"resource":{"type":"Estate","id":"all"}})");
  CHECK(out.text().starts_with(R"({"decision":false,"context":{"cause":"not_permitted")"));
}

TEST_CASE("authzen: what cannot be asked is 400, and what is denied is 200") {
  Fixture store;
  auto const target = "/domains/shop/access/v1/evaluation";
  for (auto const* body : {"", "{", "[]", "{}", R"({"subject":"cyd"})"}) {
    CAPTURE(body);
    CHECK(store.ask(target, body).status == 400);
  }
  CHECK(store.call("POST", target, view).status == 400);
  CHECK(store.call("POST", target, view, {{"Content-Type", "text/plain"}}).status == 400);
  CHECK(store.ask(target, archived).status == 200);
  CHECK(store
            .ask("/domains/shop/access/v1/evaluations",
                 R"({"evaluations":[{}, {}],"options":{"evaluations_semantic":"none"}})")
            .status == 400);
}

TEST_CASE("authzen: properties are believed of whom policies believe, and else refused") {
  Fixture store;
  auto const target = "/domains/shop/access/v1/evaluation";
  CHECK(store.ask(target, archived).text().starts_with(R"({"decision":false,)"));
  store.decisions = pdp::engine_without({"access.assert"});
  auto const refused = store.ask(target, archived);
  CHECK(refused.status == 403);
  CHECK(refused.text().contains("access.assert is denied"));
  CHECK(store.ask(target, view).status == 200);
}

TEST_CASE("authzen: an enforcer asks and does nothing else, and others do not ask") {
  Fixture store;
  for (auto const role : {"enforcer", "reader", "auditor", "operator", "agent"}) {
    CAPTURE(role);
    store.gate.who = {"token:tok_2", role};
    bool const asks = std::string_view(role) == "enforcer";
    CHECK((store.ask("/domains/shop/access/v1/evaluation", view).status == 200) == asks);
    CHECK((store.call("GET", "/.well-known/authzen-configuration").status != 403) == asks);
    if (asks) CHECK(store.call("GET", "/v1/identities").status == 403);
  }
}

TEST_CASE("authzen: metadata name the endpoints of the domain where the caller reached it") {
  Fixture store;
  auto const read = [&](FakeService::Fields fields) {
    return std::string(
        store.call("GET", "/.well-known/authzen-configuration/domains/shop", "", std::move(fields))
            .text());
  };
  auto const shop = parse_json(read({{"Host", "pdp.example.com:8443"}}));
  REQUIRE(shop.has_value());
  CHECK(shop->text_at("policy_decision_point") == "https://pdp.example.com:8443/domains/shop");
  CHECK(shop->text_at("access_evaluation_endpoint") ==
        "https://pdp.example.com:8443/domains/shop/access/v1/evaluation");
  CHECK(shop->text_at("search_action_endpoint") ==
        "https://pdp.example.com:8443/domains/shop/access/v1/search/action");
  CHECK(read({{"Host", "evil/\"x"}}).contains("public_url"));
}

TEST_CASE("authzen: an engine in the shadow is counted and never enforced") {
  Fixture store;
  auto const all = std::make_shared<pdp::CedarEngine const>(pdp::records());
  auto const none = std::make_shared<pdp::CedarEngine const>(pdp::domain_of("", "[]"));
  auto const shadow = std::make_shared<pdp::Aside const>(all, none);
  store.service->domains().add({"tried", shadow, shadow});
  for (int n = 0; n < 12; ++n) {
    auto const out = store.ask("/domains/tried/access/v1/evaluation", view);
    CHECK(out.text().starts_with(R"({"decision":true)"));
  }
  CHECK(store.ask("/domains/tried/access/v1/evaluation", archived).status == 200);
  shadow->wait_until_compared();
  auto const told = store.json("GET", "/v1/policy-domains/tried");
  auto const* compared = told.find("compared");
  REQUIRE(compared);
  CHECK(*compared->find("agreements")->integer() == 1);
  CHECK(*compared->find("differences")->integer() == 12);
  CHECK(*compared->find("skipped")->integer() == 0);
  REQUIRE(compared->find("first")->array()->size() == 10);
  auto const& first = compared->find("first")->array()->front();
  CHECK(*first.find("enforced")->find("decision")->boolean());
  CHECK_FALSE(*first.find("candidate")->find("decision")->boolean());
  CHECK(store.json("GET", "/v1/policy-domains").find("items")->array()->size() == 2);
  CHECK(store.call("GET", "/v1/policy-domains/none").status == 404);
}

TEST_CASE("authzen: to ask changes nothing, so it needs no audit entry before it is answered") {
  for (auto const* route : routes())
    if (route->action.starts_with("access.")) CHECK_FALSE(is_act(*route));
}

}  // namespace
}  // namespace reeve::server
