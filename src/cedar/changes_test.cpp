#include "cedar/changes.hpp"

#include <doctest/doctest.h>

#include "cedar/parser.hpp"

namespace reeve::cedar {
namespace {

PolicySet set_of(std::vector<std::pair<std::string, std::string>> const& policies) {
  PolicySet out;
  for (auto const& [id, text] : policies)
    REQUIRE(out.add(parse_policy(text, id).value()).has_value());
  return out;
}

TEST_CASE("changes: by id; layout and order mean nothing") {
  auto const any = "permit(principal, action, resource);";
  auto before = set_of({{"same", any}, {"gone", any}, {"other", any}, {"moved", any}});
  auto after = set_of({{"moved", "permit (\n principal, action,\n resource\n);"},
                       {"same", any},
                       {"other", "forbid(principal, action, resource);"},
                       {"new", any}});
  std::string told;
  for (auto const& each : changes(before, after))
    told += std::string(name(each.kind)) + " " + each.id + "; ";
  CHECK(told == "removed gone; added new; changed other; ");
  CHECK(changes(before, before).empty());
}

TEST_CASE("changes: a link is one of its own") {
  auto const text = "permit(principal == ?principal, action, resource);";
  auto before = set_of({{"t", text}});
  auto after = before;
  REQUIRE(before.link({"l", "t", EntityUid{"Agent", "ann"}, {}}).has_value());
  REQUIRE(after.link({"l", "t", EntityUid{"Agent", "bob"}, {}}).has_value());
  auto const found = changes(before, after);
  REQUIRE(found.size() == 1);
  CHECK(found[0].link);
  CHECK(found[0].before == "link of t, ?principal = Agent::\"ann\"");
  CHECK(found[0].after == "link of t, ?principal = Agent::\"bob\"");
}

}  // namespace
}  // namespace reeve::cedar
