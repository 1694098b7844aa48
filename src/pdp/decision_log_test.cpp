#include "pdp/decision_log.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "pdp/engine_fake.hpp"

namespace reeve::pdp {
namespace {

namespace fs = std::filesystem;
constexpr Instant noon = from_micros(1'772'366'400'000'000);

Decided decided(std::string_view role, std::string const& random = std::string(16, '\x01')) {
  auto const engine = engine_of(shipped_policies());
  Request request{.subject = {"Token", "tok_1"}, .action = "finding.read"};
  request.subject.parents.push_back({"Role", std::string(role)});
  request.resource = {"Estate", "all"};
  Facts const facts{.peer = "10.0.0.1", .chain = {{"credential", "token:tok_1"}}};
  request.context = make_context(facts, {}, noon);
  auto out = decide(*engine, std::move(request), noon, std::move(random));
  out.chain = facts.chain;
  return out;
}

TEST_CASE("decision log: an event has the members that readers of OPA's logs look for") {
  auto const event = opa_event(decided("reader"));
  CHECK(event.text_at("decision_id") == "01010101010101010101010101010101");
  CHECK(event.text_at("path") == "reeve/authz");
  CHECK(event.text_at("timestamp") == "2026-03-01T12:00:00Z");
  CHECK(event.text_at("requested_by") == "10.0.0.1");
  CHECK(*event.find("result")->find("allow")->boolean());
  CHECK(event.find("input")->find("subject")->text_at("id") == "tok_1");
  CHECK(event.find("bundles")->find("reeve")->text_at("revision").starts_with("sha256:"));
  CHECK(*event.find("metrics")->find("timer_server_handler_ns")->integer() >= 0);
  CHECK((*event.find("actors")->array())[0].text_at("kind") == "credential");
  CHECK_FALSE(event.find("error"));
}

TEST_CASE("decision log: equal inputs have equal digests, whatever the order of their members") {
  Request a{.subject = {"User", "u"}, .action = "x", .resource = {"R", "r"}};
  auto b = a;
  a.context.add("one", 1).add("two", Json().add("x", "1").add("y", Json::Array{1, "a", nullptr}));
  b.context.add("two", Json().add("y", Json::Array{1, "a", nullptr}).add("x", "1")).add("one", 1);
  CHECK(input_digest(a) == input_digest(b));
  b.action = "y";
  CHECK(input_digest(a) != input_digest(b));
  CHECK(canonical(Json().add("b", 1).add("a", Json::Array{true, 2.5})) ==
        R"({"a":[true,2.5],"b":1})");
}

TEST_CASE("decision log: denials are always written, permits one in so many") {
  auto const denied = decided("agent");
  CHECK(is_sampled(denied, 0));
  CHECK(is_sampled(denied, 1000));
  CHECK(audit_details(denied)[3] == std::pair<std::string, std::string>("cause", "not_permitted"));
  auto permitted = decided("reader");
  CHECK_FALSE(is_sampled(permitted, 0));
  CHECK(is_sampled(permitted, 1));
  int written = 0;
  for (int n = 0; n < 10'000; ++n) {
    char id[40];
    std::snprintf(id, sizeof id, "%08x%08x0000000000000000", unsigned(n) * 2654435761U,
                  unsigned(n));
    permitted.id = id;
    written += is_sampled(permitted, 10) ? 1 : 0;
  }
  CHECK(written > 800);
  CHECK(written < 1200);
  permitted.decision.errors.push_back({"odd", "overflow"});
  CHECK(is_sampled(permitted, 0));
}

TEST_CASE("decision log: the file starts anew at its size, and a line cut by a kill is left out") {
  auto pattern = (fs::temp_directory_path() / "reeve-decisions-XXXXXX").string();
  REQUIRE(::mkdtemp(pattern.data()));
  auto const path = pattern + "/decisions.ndjson";
  CHECK(read_events(path, 10)->empty());
  {
    auto const file = DecisionFile::open(path, 200);
    REQUIRE(file.has_value());
    for (int n = 0; n < 10; ++n)
      REQUIRE((*file)->append(Json().add("n", n).add("text", std::string(40, 'x'))).has_value());
  }
  auto const events = read_events(path, 100);
  REQUIRE(events.has_value());
  CHECK(*events->back().find("n")->integer() == 9);
  CHECK(events->size() < 4);
  CHECK(fs::exists(path + ".1"));
  std::ofstream(path, std::ios::app) << "\n{\"n\": 1";
  {
    auto const file = DecisionFile::open(path, 1'000'000);
    REQUIRE((*file)->append(Json().add("n", 11)).has_value());
  }
  auto const after = read_events(path, 2);
  REQUIRE(after->size() == 2);
  CHECK(*(*after)[0].find("n")->integer() == 9);
  CHECK(*(*after)[1].find("n")->integer() == 11);
  std::error_code ignored;
  fs::remove_all(pattern, ignored);
}

}  // namespace
}  // namespace reeve::pdp
