#include "audit/entry.hpp"

#include <doctest/doctest.h>

namespace reeve::audit {
namespace {

Entry example() {
  return {.time = from_micros(1'700'000'000'000'000),
          .kind = Kind::act,
          .action = "source.add",
          .object = "source:prod-pg",
          .outcome = "ok",
          .actors = {{"person", "local:alice"}, {"credential", "tok_3"}},
          .request = "req_1",
          .details = {{"ip", "127.0.0.1"}}};
}

TEST_CASE("audit: an entry has one form and comes back from it") {
  auto const json = to_json(example());
  CHECK(
      json ==
      R"({"time":"2023-11-14T22:13:20Z","kind":"act","action":"source.add",)"
      R"("object":"source:prod-pg","outcome":"ok","actors":[{"kind":"person","id":"local:alice"},)"
      R"({"kind":"credential","id":"tok_3"}],"request":"req_1","details":{"ip":"127.0.0.1"}})");
  auto const again = parse_entry(json);
  REQUIRE(again);
  CHECK(*again == example());
}

TEST_CASE("audit: whatever somebody asks for fits into an entry") {
  auto hostile = example();
  hostile.object = std::string(1'000'000, '\x01');
  hostile.request = "\xff\xfe\x1b[2J";
  for (int i = 0; i < 100; ++i) {
    hostile.actors.push_back({std::string(5000, '"'), std::string(5000, '\n')});
    hostile.details.emplace_back("key" + std::to_string(i), std::string(100'000, '\x02'));
    hostile.details.emplace_back("same", "twice");
  }
  auto const json = to_json(hostile);
  CHECK(json.size() <= entry_bytes_max);
  CHECK(parse_entry(json));
  auto cut = example();
  cut.object = std::string(1021, 'a') + "\u2014\u2014";
  CHECK(parse_entry(to_json(cut)));
}

TEST_CASE("audit: an entry in another shape is refused") {
  auto const good = to_json(example());
  auto const with = [&](std::string_view from, std::string_view to) {
    auto out = good;
    return out.replace(out.find(from), from.size(), to);
  };
  for (auto const& bad :
       {std::string(), std::string("{}"), std::string("[]"), good + " ", " " + good,
        with("\"act\"", "\"deed\""), with("2023", "2o23"), with("\"ok\"", "1"),
        with("\"ok\"", "\"ok\",\"more\":1"), with("\"127.0.0.1\"", "null"),
        with("\"person\",\"id\"", "\"person\",\"it\""), with("\"req_1\"", "\"req\\u005f1\"")}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_entry(bad));
  }
}

}  // namespace
}  // namespace reeve::audit
