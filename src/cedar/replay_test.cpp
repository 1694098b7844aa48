#include "cedar/replay.hpp"

#include <doctest/doctest.h>

#include "cedar/parser.hpp"

namespace reeve::cedar {
namespace {

struct Bench {
  std::unique_ptr<Snapshot const> snapshot;
  Replay replay;

  explicit Bench(std::string_view policies, std::string entities = "")
      : snapshot(Snapshot::make(parse_policies(policies).value(), Entities()).value()),
        replay(*snapshot, std::move(entities)) {}
};

std::string entry(std::string const& who, std::string const& decision,
                  std::string const& more = "") {
  return R"({"principal":{"type":"Agent","id":")" + who +
         R"("},"action":{"type":"Action","id":"call"},"resource":{"type":"Tool","id":"db"},)" +
         R"("decision":")" + decision + "\"" + more + "}";
}

TEST_CASE("replay: flips are grouped by principal, action and direction") {
  Bench bench("permit(principal == Agent::\"ann\", action, resource) when { context.n < 3 };");
  auto& replay = bench.replay;
  replay.line(entry("ann", "allow", R"(,"context":{"n":1})"));
  replay.line(entry("ann", "allow", R"(,"context":{"n":5})"));
  replay.line("");
  replay.line(entry("ann", "allow", R"(,"context":{"n":6},"reasons":["old"],"errors":[])"));
  replay.line(entry("ann", "deny", R"(,"context":{"n":2})"));
  replay.line(entry("bob", "allow"));
  replay.line(entry("ann", "deny"));  // no context.n: an error, and still a deny
  auto const& counts = replay.counts();
  CHECK(counts.lines == 7);
  CHECK(counts.decisions == 6);
  CHECK(counts.allow_to_deny == 3);
  CHECK(counts.deny_to_allow == 1);
  CHECK(counts.with_errors == 1);
  auto const flips = replay.flips();
  REQUIRE(flips.size() == 3);
  CHECK(flips[0].principal == "Agent::\"ann\"");
  CHECK(flips[0].to == Decision::allow);
  CHECK(flips[0].reasons == std::vector<std::string>{"policy0"});
  CHECK(flips[1].to == Decision::deny);
  CHECK(flips[1].count == 2);
  CHECK(flips[1].line == 2);
  CHECK(flips[1].resource == "Tool::\"db\"");
  CHECK(flips[2].principal == "Agent::\"bob\"");
  CHECK(replay.mistakes().empty());
}

TEST_CASE("replay: a line is read alike by the scanner and by the parser") {
  // Each pair means the same; the second has what the scanner leaves to the parser.
  std::pair<std::string, std::string> const pairs[] = {
      {entry("ann", "allow"), entry("\\u0061nn", "allow")},
      {entry("ann", "allow", R"(,"context":{"n":5,"s":"}"})"),
       entry("ann", "allow", R"(,"context":{"n":5,"s":"}"},"unknown":{"a":[1]})")},
      {" { \"decision\" : \"allow\" , \"principal\" : {\"type\":\"Agent\", \"id\":\"ann\"}, "
       "\"action\":{\"type\":\"Action\",\"id\":\"call\"},\"resource\":{\"type\":\"Tool\",\"id\":"
       "\"db\"} } ",
       entry("ann", "allow", R"(,"note":"ü")")},
  };
  for (auto const& [plain, other] : pairs) {
    Bench bench("forbid(principal, action, resource);");
    bench.replay.line(plain);
    bench.replay.line(other);
    auto const flips = bench.replay.flips();
    REQUIRE(flips.size() == 1);
    CHECK(flips[0].count == 2);
    CHECK(bench.replay.mistakes().empty());
  }
}

TEST_CASE("replay: what is no line of a log is a mistake with its number, and judged no further") {
  std::string const lines[] = {
      "x",
      "{}",
      "[]",
      entry("ann", "maybe"),
      entry("ann", "allow") + "x",
      entry("ann", "allow", R"(,"decision":"deny")"),
      entry("ann", "allow", R"(,"context":{"n":1.5})"),
      entry("ann", "allow", R"(,"context":{"n":1,"n":1})"),
      entry("ann", "allow", R"(,"context":{]})"),
      entry("ann", "allow", R"(,"context":{"a":[1}})"),
      entry("ann", "allow", R"(,"context":[])"),
      entry("ann", "allow", R"(,"context":{"a":{"__entity":{}}})"),
      entry("a\x01", "allow"),
      entry("\xff", "allow"),
      entry("ann", "allow").substr(0, 40),
      std::string(300, '['),
  };
  Bench bench("");
  for (auto const& line : lines) {
    auto const before = bench.replay.mistake_count();
    bench.replay.line(line);
    CAPTURE(line);
    CHECK(bench.replay.mistake_count() == before + 1);
  }
  CHECK(bench.replay.counts().decisions == 0);
  CHECK(bench.replay.mistakes()[3].line == 4);
  CHECK(bench.replay.mistakes()[3].message == "`decision` is \"allow\" or \"deny\", not \"maybe\"");
}

TEST_CASE("replay: decisions on other entities are left out and counted") {
  Bench bench("", "sha256:aa");
  bench.replay.line(entry("ann", "allow", R"(,"entities":"sha256:aa")"));
  bench.replay.line(entry("ann", "allow", R"(,"entities":"sha256:bb")"));
  bench.replay.line(entry("ann", "allow"));
  CHECK(bench.replay.counts().decisions == 2);
  CHECK(bench.replay.counts().other_entities == 1);
}

TEST_CASE("replay: against other policies in place of the decisions of the log") {
  auto const old = Snapshot::make(parse_policies("permit(principal == Agent::\"ann\", action, "
                                                 "resource);")
                                      .value(),
                                  Entities())
                       .value();
  auto const now = Snapshot::make(parse_policies("permit(principal == Agent::\"bob\", action, "
                                                 "resource);")
                                      .value(),
                                  Entities())
                       .value();
  Replay replay(*now, "", old.get());
  for (auto const* who : {"ann", "bob", "cyd"}) replay.line(entry(who, "allow"));
  CHECK(replay.counts().allow_to_deny == 1);
  CHECK(replay.counts().deny_to_allow == 1);
  replay.line(R"({"principal":{"type":"Agent","id":"ann"},"action":{"type":"Action","id":"x"},)"
              R"("resource":{"type":"Tool","id":"db"}})");  // a request alone will do
  CHECK(replay.counts().allow_to_deny == 2);
  CHECK(replay.mistakes().empty());
}

}  // namespace
}  // namespace reeve::cedar
