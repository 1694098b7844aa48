#include <doctest/doctest.h>

#include "audit/log.hpp"
#include "server/audit.hpp"
#include "server/service_fake.hpp"

namespace reeve::server {
namespace {

/// Decides by the policies of the service, as the program does.
struct Served : FakeService {
  net::Response ask(std::string method, std::string target, std::string body = "") {
    calls.push_back(
        std::make_unique<net::FakeCall>(std::move(method), std::move(target), std::move(body)));
    Api api{*service, gate, service->engine()};
    return serve(api, *calls.back());
  }
  Json answer(std::string method, std::string target, std::string body = "", int status = 200) {
    auto const response = ask(std::move(method), std::move(target), std::move(body));
    CAPTURE(response.text());
    REQUIRE(response.status == status);
    auto out = parse_json(response.text());
    REQUIRE(out.has_value());
    return *std::move(out);
  }
  std::vector<std::unique_ptr<net::FakeCall>> calls;
};

std::string body_of(std::string_view text, std::string_view mode = "enforce") {
  Json::Array files{Json().add("name", "own.cedar").add("text", text)};
  return to_json(Json().add("files", std::move(files)).add("mode", mode).add("note", "a try"));
}
constexpr char no_reports[] =
    "@id(\"no-reports\") forbid (principal, action == Action::\"report.read\", resource);";

TEST_CASE("policies: one put through the API decides the next call, until it is rolled back") {
  Served store;
  CHECK(store.answer("GET", "/v1/policies").text_at("active") == "shipped");
  CHECK(store.ask("GET", "/v1/report").status == 200);
  auto const put = store.answer("POST", "/v1/policies", body_of(no_reports), 201);
  CHECK(put.text_at("id") == "pol_1");
  auto const denied = store.ask("GET", "/v1/report");
  CHECK(denied.status == 403);
  CHECK(denied.text().contains("forbidden by no-reports"));
  CHECK(store.answer("GET", "/v1/policy-versions").find("items")->array()->size() == 1);
  CHECK(store.answer("GET", "/v1/policy-versions/pol_1").find("files")->array()->size() == 1);
  store.answer("POST", "/v1/policy-versions/shipped/activate");
  CHECK(store.ask("GET", "/v1/report").status == 200);
  store.answer("POST", "/v1/policy-versions/pol_1/activate");
  CHECK(store.ask("GET", "/v1/report").status == 403);
}

TEST_CASE("policies: in the shadow they are counted, checked they are not kept") {
  Served store;
  CHECK(store.ask("GET", "/v1/policies/shadow").status == 404);
  store.answer("POST", "/v1/policies", body_of(no_reports, "shadow"), 201);
  CHECK(store.ask("GET", "/v1/report").status == 200);
  auto const compared = store.answer("GET", "/v1/policies/shadow");
  CHECK(compared.text_at("shadow") == "pol_1");
  CHECK(*compared.find("compared")->find("differences")->integer() == 1);
  store.answer("DELETE", "/v1/policies/shadow");
  auto const checked = store.answer("POST", "/v1/policies", body_of("permit (", "check"));
  CHECK_FALSE(checked.find("notices")->array()->empty());
  CHECK(store.answer("GET", "/v1/policy-versions").find("items")->array()->size() == 1);
}

TEST_CASE("policies: bad ones are refused with the place, and leave all as it was") {
  Served store;
  struct Case {
    std::string name, body, says;
  };
  Case const cases[] = {
      {"no files", "{}", "files"},
      {"files of text", R"({"files": ["a"]})", "files"},
      {"a mode that is not", body_of("", "try"), "mode"},
      {"no Cedar", body_of("permit ("), "own.cedar:1:"},
      {"a lock-out", body_of("forbid (principal, action, resource);"), "owner"},
  };
  for (auto const& c : cases) {
    CAPTURE(c.name);
    auto const response = store.ask("POST", "/v1/policies", c.body);
    CAPTURE(response.text());
    CHECK(response.status == 400);
    CHECK(response.text().contains(c.says));
  }
  CHECK(store.ask("POST", "/v1/policy-versions/pol_9/activate").status == 404);
  CHECK(store.ask("POST", "/v1/policy-versions/nhi_1/activate").status == 400);
  CHECK(store.answer("GET", "/v1/policies").text_at("active") == "shipped");
}

TEST_CASE("decisions: each is in the log with its input, and a denial's audit entry says why") {
  Served store;
  store.gate.who = {.id = "token:tok_7", .role = "reader", .proof = proof_by_token};
  CHECK(store.ask("POST", "/v1/sql", R"({"query": "select 1"})").status == 403);
  store.gate.who = {.id = "local:0", .role = "owner", .proof = proof_by_socket};
  auto const events = store.answer("GET", "/v1/decisions?count=10");
  REQUIRE(events.array()->size() >= 1);
  auto const& event = (*events.array())[0];
  CHECK_FALSE(*event.find("result")->find("allow")->boolean());
  CHECK(event.find("input")->find("action")->text_at("name") == "sql.query");
  CHECK((*event.find("actors")->array())[0].text_at("id") == "token:tok_7");
  CHECK(event.find("bundles")->find("reeve")->text_at("revision").starts_with("shipped@sha256:"));
  auto const entries = store.answer("GET", "/v1/audit/entries?from=0");
  auto const text = to_json(entries);
  CAPTURE(text);
  CHECK(text.contains(event.text_at("decision_id")));
  CHECK(text.contains("not_permitted"));
  CHECK(text.contains("sha256:"));
  CHECK(store.ask("GET", "/v1/decisions?count=0").status == 400);
}

TEST_CASE("policies: an agent's token may nothing until a policy names the agent") {
  Served store;
  store.gate.who = {
      .id = "token:tok_7", .role = "agent", .name = "ledger", .proof = proof_by_token};
  CHECK(store.ask("GET", "/v1/findings").status == 403);
  auto const agent = store.gate.who;
  store.gate.who = {.id = "local:0", .role = "owner", .proof = proof_by_socket};
  store.answer("POST", "/v1/policies",
               body_of("permit (principal == Agent::\"ledger\", action == "
                       "Action::\"finding.read\", resource);"),
               201);
  store.gate.who = agent;
  CHECK(store.ask("GET", "/v1/findings").status == 200);
  CHECK(store.ask("GET", "/v1/identities").status == 403);
}

}  // namespace
}  // namespace reeve::server
