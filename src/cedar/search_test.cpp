#include "cedar/search.hpp"

#include <doctest/doctest.h>

#include "cedar/entity_json.hpp"
#include "cedar/parser.hpp"

namespace reeve::cedar {
namespace {

constexpr std::string_view world = R"([
  {"uid": {"type": "Agent", "id": "cyd"}, "attrs": {"level": 1}, "parents": []},
  {"uid": {"type": "Agent", "id": "ann"}, "attrs": {"level": 3}, "parents": [{"type": "Team", "id": "web"}]},
  {"uid": {"type": "Agent", "id": "bob"}, "attrs": {"level": 2}, "parents": [{"type": "Team", "id": "web"}]},
  {"uid": {"type": "Team", "id": "web"}, "attrs": {}, "parents": []},
  {"uid": {"type": "Action", "id": "call"}, "attrs": {}, "parents": []},
  {"uid": {"type": "Action", "id": "stop"}, "attrs": {}, "parents": []},
  {"uid": {"type": "Tool", "id": "db"}, "attrs": {}, "parents": []},
  {"uid": {"type": "Tool", "id": "mail"}, "attrs": {}, "parents": []}])";

struct Searched {
  Entities entities = parse_entities(world).value();
  PolicySet policies;
  std::unique_ptr<Snapshot const> snapshot;
  SearchIndex index;
  Scratch scratch;

  explicit Searched(std::string_view text)
      : policies(parse_policies(text).value()),
        snapshot(Snapshot::make(policies, entities).value()),
        index(entities, policies) {}

  std::string ask(SearchQuestion const& question, std::string_view after = {},
                  std::size_t count_max = 10) {
    auto const page = search(index, *snapshot, question, scratch, after, count_max);
    std::string out;
    for (auto const& uid : page.found) out += uid.id + " ";
    return out + (page.more ? "…" : ".");
  }
};

TEST_CASE("search: each of the three is found by the other two") {
  Searched s(
      "permit(principal in Team::\"web\", action, resource == Tool::\"db\");"
      "permit(principal == Agent::\"cyd\", action == Action::\"stop\", resource);"
      "forbid(principal, action == Action::\"stop\", resource == Tool::\"mail\");");
  SearchQuestion q{Open::principal, {"Agent", ""}, {"Action", "call"}, {"Tool", "db"}};
  CHECK(s.ask(q) == "ann bob .");
  q = {Open::action, {"Agent", "ann"}, {"Action", ""}, {"Tool", "db"}};
  CHECK(s.ask(q) == "call stop .");
  q = {Open::resource, {"Agent", "cyd"}, {"Action", "stop"}, {"Tool", ""}};
  CHECK(s.ask(q) == "db .");
  q.resource.type = "Nothing";
  CHECK(s.ask(q) == ".");
  CHECK(s.index.types() == std::vector<std::string>{"Action", "Agent", "Team", "Tool"});
}

TEST_CASE("search: what only a policy names is found, once") {
  Searched s(
      "permit(principal == Agent::\"dan\", action == Action::\"wipe\", resource == "
      "Tool::\"db\");"
      "permit(principal == Agent::\"dan\", action, resource == Tool::\"db\");");
  CHECK(s.ask({Open::principal, {"Agent", ""}, {"Action", "wipe"}, {"Tool", "db"}}) == "dan .");
  CHECK(s.ask({Open::action, {"Agent", "dan"}, {"Action", ""}, {"Tool", "db"}}) ==
        "call stop wipe .");
}

TEST_CASE("search: conditions count, with the context of the question") {
  Searched s("permit(principal, action, resource) when { principal.level >= context.least };");
  Record const context({{"least", 2}});
  CHECK(s.ask({Open::principal, {"Agent", ""}, {"Action", "call"}, {"Tool", "db"}, &context}) ==
        "ann bob .");
  CHECK(s.ask({Open::principal, {"Agent", ""}, {"Action", "call"}, {"Tool", "db"}}) == ".");
}

TEST_CASE("search: pages go on where the last one ended") {
  Searched s("permit(principal, action, resource);");
  SearchQuestion const q{Open::principal, {"Agent", ""}, {"Action", "call"}, {"Tool", "db"}};
  CHECK(s.ask(q, "", 2) == "ann bob …");
  CHECK(s.ask(q, "bob", 2) == "cyd .");
  CHECK(s.ask(q, "", 3) == "ann bob cyd .");
}

}  // namespace
}  // namespace reeve::cedar
