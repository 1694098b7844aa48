#include "report/findings.hpp"

#include <doctest/doctest.h>

#include <set>

namespace reeve::report {
namespace {

constexpr Instant now = from_micros(1'772'359'200'000'000);

Json finding(std::string_view id, std::string_view state, std::string_view severity,
             std::string_view rule = "N1-04") {
  Json out;
  out.add("id", id).add("rule", rule).add("subject", "cred_7").add("source", "pg \"x\"");
  out.add("identity", "nhi_1").add("title", "Not in use").add("severity", severity);
  out.add("reason", "for 46 days <b>").add("state", state).add("risk", 45);
  return out.add("opened", "2026-02-01T10:00:00Z");
}

Json::Array rules() {
  Json out;
  out.add("id", "N1-04").add("title", "Credential is not in use").add("severity", "medium");
  out.add("owasp", "NHI1:2025")
      .add("why", "a door")
      .add("remedy", Json::Array{"Disable it.", "Delete it."});
  return {out.add("frameworks", Json::Array{"CIS Controls 8.1 5.3"})};
}

Json const& at(Json const& json, std::initializer_list<std::string_view> path) {
  auto const* here = &json;
  for (auto const step : path) {
    here = here->array() ? &here->array()->front() : here;
    here = here->find(step);
    REQUIRE_MESSAGE(here, step);
  }
  return *here;
}

TEST_CASE("sarif: what the standard requires is there, with levels it knows") {
  Json::Array const all{finding("fnd_1", "open", "critical"),
                        finding("fnd_2", "accepted", "medium"), finding("fnd_3", "resolved", "low"),
                        finding("fnd_4", "open", "low", "X-9")};
  auto const log = sarif(all, rules(), "0.1");
  CHECK(log.text_at("version") == "2.1.0");
  CHECK(at(log, {"runs", "tool", "driver", "name"}) == Json("reeve"));
  auto const& results = *at(log, {"runs", "results"}).array();
  REQUIRE(results.size() == 3);
  std::set<std::string> const levels{"none", "note", "warning", "error"};
  for (auto const& result : results) {
    CHECK(levels.contains(result.text_at("level")));
    CHECK(!at(result, {"message", "text"}).text()->empty());
    CHECK(at(result, {"partialFingerprints", "ruleAndSubject/v1"}).text()->size() == 64);
  }
  CHECK(results[0].text_at("level") == "error");
  CHECK(*results[0].find("ruleIndex")->integer() == 0);
  CHECK(results[0].find("suppressions") == nullptr);
  CHECK(at(results[1], {"suppressions", "status"}) == Json("accepted"));
  CHECK(results[2].find("ruleIndex") == nullptr);
  CHECK(at(log, {"runs", "tool", "driver", "rules"}).array()->size() == 1);
}

TEST_CASE("sarif: a finding keeps its fingerprint over runs, another subject has another") {
  auto first = finding("fnd_1", "open", "low"), again = finding("fnd_99", "open", "high");
  auto const print = [](Json const& log) {
    return at(log, {"runs", "results", "partialFingerprints"});
  };
  auto const one = sarif({first}, rules(), "0.1"), two = sarif({again}, rules(), "0.1");
  CHECK(print(one) == print(two));
  auto const other = sarif({finding("fnd_1", "open", "low", "N1-05")}, rules(), "0.1");
  CHECK(print(one) != print(other));
}

TEST_CASE("ocsf: the attributes that class 2003 requires are there, and agree") {
  struct Case {
    std::string state, severity;
    int activity, status, severity_id, compliance;
  };
  Case const cases[] = {{"open", "critical", 1, 1, 5, 3},
                        {"accepted", "medium", 2, 3, 3, 3},
                        {"resolved", "low", 3, 4, 2, 1}};
  for (auto const& c : cases) {
    CAPTURE(c.state);
    auto const made = ocsf({finding("fnd_1", c.state, c.severity)}, rules(), "0.1", now);
    REQUIRE(made.has_value());
    auto const& event = made->front();
    CHECK(event.find("class_uid")->integer()[0] == 2003);
    CHECK(*event.find("activity_id")->integer() == c.activity);
    CHECK(*event.find("type_uid")->integer() == 200300 + c.activity);
    CHECK(*event.find("status_id")->integer() == c.status);
    CHECK(*event.find("severity_id")->integer() == c.severity_id);
    CHECK(*at(event, {"compliance", "status_id"}).integer() == c.compliance);
    CHECK(*event.find("time")->integer() == 1'772'359'200'000);
    CHECK(*at(event, {"finding_info", "created_time"}).integer() == 1'769'940'000'000);
    for (auto const* name : {"metadata", "compliance", "finding_info", "resources"})
      CHECK_MESSAGE(event.find(name), name);
  }
}

TEST_CASE("ocsf: a time that is none is an error that names the finding") {
  auto broken = finding("fnd_1", "open", "low");
  for (auto& member : std::get<Json::Object>(broken.value))
    if (member.key == "opened") member.value = "yesterday";
  auto const made = ocsf({broken}, {}, "0.1", now);
  REQUIRE(!made.has_value());
  CHECK(made.error().to_string().contains("fnd_1"));
}

}  // namespace
}  // namespace reeve::report
