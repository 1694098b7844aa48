#include "cedar/lifetime.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "cedar/entity_json.hpp"
#include "cedar/parser.hpp"

namespace reeve::cedar {
namespace {

constexpr std::string_view world = R"([
  {"uid": {"type": "Agent", "id": "a"}, "parents": [],
   "attrs": {"boss": {"__entity": {"type": "Agent", "id": "b"}},
             "until": {"__extn": {"fn": "datetime", "arg": "2026-03-02T00:00:00Z"}}}, "tags": {}},
  {"uid": {"type": "Agent", "id": "b"}, "parents": [], "attrs": {"level": 3}}])";

Request request_at(std::string_view now) {
  auto const at = *parse_datetime(now);
  Record const time({{"now", at}, {"dow", 1}, {"zone", "UTC"}});
  return {{"Agent", "a"}, {"Action", "x"}, {"Tool", "t"}, Record({{"time", time}, {"n", 1}})};
}

Entities const& entities() {
  static auto const all = parse_entities(world).value();
  return all;
}

/// "never", or the instant.
std::string change(std::string const& condition, std::string_view now, Clock const& clock = {}) {
  auto const policies =
      parse_policies("permit(principal, action, resource) when { " + condition + " };").value();
  auto const found = lifetime(policies, request_at(now), entities(), clock);
  return found.changes_at ? to_string(*found.changes_at) : "never";
}

TEST_CASE("lifetime: when a comparison with the clock turns") {
  struct Case {
    std::string_view condition, now, want;
  };
  auto const noon = "2026-03-01T12:00:00Z";
  Case const cases[] = {
      {"context.time.now < datetime(\"2026-03-05\")", noon, "2026-03-05T00:00:00.000Z"},
      {"context.time.now <= datetime(\"2026-03-05\")", noon, "2026-03-05T00:00:00.001Z"},
      {"datetime(\"2026-03-05\") >= context.time.now", noon, "2026-03-05T00:00:00.001Z"},
      {"context.time.now > datetime(\"2026-03-05\")", noon, "2026-03-05T00:00:00.001Z"},
      {"context.time.now == datetime(\"2026-03-05\")", noon, "2026-03-05T00:00:00.000Z"},
      {"context.time.now == datetime(\"2026-03-01T12:00:00Z\")", noon, "2026-03-01T12:00:00.001Z"},
      {"context.time.now < datetime(\"2026-02-05\")", noon, "never"},
      {"context.time.now < principal.until", noon, "2026-03-02T00:00:00.000Z"},
      {"context.time.now < principal.nothing", noon, "never"},
      {"context.time.now < 5", noon, "never"},
      {"context.time.zone == \"UTC\"", noon, "never"},
      {"context.n == 1", noon, "never"},
      {"context has time.now", noon, "never"},
      {"context.time.now.offset(duration(\"1d\")) < datetime(\"2026-03-05\")", noon,
       "2026-03-04T00:00:00.000Z"},
      {"principal.until.offset(duration(\"-1h\")) > context.time.now", noon,
       "2026-03-01T23:00:00.000Z"},
      {"context.time.now.durationSince(datetime(\"2026-03-01\")) < duration(\"13h\")", noon,
       "2026-03-01T13:00:00.000Z"},
      {"principal.until.durationSince(context.time.now) > duration(\"1h\")", noon,
       "2026-03-01T23:00:00.000Z"},
      {"context.time.now.durationSince(datetime(\"2026-03-01\")).toHours() < 14", noon,
       "2026-03-01T14:00:00.000Z"},
      {"principal.until.durationSince(context.time.now).toHours() > 9", noon,
       "2026-03-01T14:00:00.001Z"},
      {"context.time.now.toTime() >= duration(\"18h\")", noon, "2026-03-01T18:00:00.000Z"},
      {"context.time.now.toTime() >= duration(\"8h\")", noon, "2026-03-02T00:00:00.000Z"},
      {"context.time.now.offset(duration(\"1h\")).toTime() >= duration(\"18h\")", noon,
       "2026-03-01T17:00:00.000Z"},
      {"context.time.now.toDate() == datetime(\"2026-03-01\")", noon, "2026-03-02T00:00:00.000Z"},
      {"context.time.now.toDate() == datetime(\"2026-03-03\")", noon, "2026-03-03T00:00:00.000Z"},
      // What turns without making a difference is passed over.
      {"context.time.now < datetime(\"2026-03-05\") || context.time.now < datetime(\"2026-03-07\")",
       noon, "2026-03-07T00:00:00.000Z"},
      {"context.n == 2 && context.time.now < datetime(\"2026-03-05\")", noon, "never"},
      {"if context.time.now < datetime(\"2026-03-05\") then 1 == 1 else context.n == 2", noon,
       "2026-03-05T00:00:00.000Z"},
  };
  for (auto const& each : cases) {
    CAPTURE(each.condition);
    CHECK(change(std::string(each.condition), each.now) == each.want);
  }
}

TEST_CASE("lifetime: a use of the clock that is not understood changes at once") {
  auto const at = "2026-03-01T12:00:00Z";
  CHECK(change("[context.time.now].contains(context.time.now)", at) == "2026-03-01T12:00:00.064Z");
  CHECK(change("context.time == {now: datetime(\"2026-03-01T12:00:00Z\"), dow: 1, zone: \"UTC\"}",
               at) == "2026-03-01T12:00:00.001Z");
  CHECK(change("[context.time.now].contains(datetime(\"2026-03-01T12:00:00Z\"))", at) ==
        "2026-03-01T12:00:00.001Z");
}

TEST_CASE("lifetime: a derived attribute changes when its maker says") {
  auto const at = "2026-03-01T12:00:00Z";
  Clock const clock{.derived = {{{"time", "dow"}, *parse_datetime("2026-03-01T23:00:00Z")}}};
  CHECK(change("context.time.dow < 6", at, clock) == "2026-03-01T23:00:00.000Z");
  CHECK(change("context.time.dow < 6 && context.time.now < datetime(\"2026-03-05\")", at, clock) ==
        "2026-03-01T23:00:00.000Z");
  CHECK(change("context.time.dow < 6 && context.time.now < datetime(\"2026-03-01T13:00:00Z\")", at,
               clock) == "2026-03-01T13:00:00.000Z");
  CHECK(change("context.time.now < datetime(\"2026-03-05\")", at, clock) ==
        "2026-03-05T00:00:00.000Z");
}

TEST_CASE("lifetime: without a clock nothing moves; the end of time is no overflow") {
  auto const policies = parse_policies(
                            "permit(principal, action, resource) when { context.time.now < "
                            "datetime(\"9999-12-31\") };")
                            .value();
  Request request{{"Agent", "a"}, {"Action", "x"}, {"Tool", "t"}, {}};
  CHECK_FALSE(lifetime(policies, request, entities()).changes_at);
  constexpr auto last = std::numeric_limits<std::int64_t>::max();
  request.context = Record({{"time", Record({{"now", Datetime{last}}})}});
  CHECK_FALSE(lifetime(policies, request, entities()).changes_at);
}

TEST_CASE("lifetime: a nest of comparisons is walked once") {
  std::string nest = "context.time.now < datetime(\"2026-03-05\")";
  for (int i = 0; i < 100; ++i) nest = "(" + nest + ") == (1 == 1)";
  CHECK(change(nest, "2026-03-01") == "2026-03-05T00:00:00.000Z");
}

TEST_CASE("reads: paths and entities of the policies in scope") {
  auto const policies =
      parse_policies(
          "permit(principal, action, resource) when { principal.boss.level > 2 && context has a.b "
          "&& principal.boss in Team::\"t\" && resource.hasTag(\"x\") };"
          "permit(principal, action == Action::\"other\", resource) when { context.unseen };")
          .value();
  auto const found = reads(policies, request_at("2026-03-01"), entities());
  CHECK(found.paths == std::vector<std::string>{"context.a.b", "principal.boss",
                                                "principal.boss.level", "resource.getTag(\"x\")"});
  CHECK(found.entities ==
        std::vector<EntityUid>{{"Action", "x"}, {"Agent", "a"}, {"Agent", "b"}, {"Tool", "t"}});
}

}  // namespace
}  // namespace reeve::cedar
