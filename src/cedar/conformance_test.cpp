#include "cedar/conformance.hpp"

#include <doctest/doctest.h>

namespace reeve::cedar {
namespace {

Schema const& schema() {
  static auto const made = resolve(parse_schema(R"(
      entity User in [Group] = { age: Long, ip?: ipaddr, friend?: User, due?: { at: datetime } } tags decimal;
      entity Group; entity Color enum ["red"];
      action all; action read in [all] appliesTo { principal: User, resource: [Group, Color], context: { n: Long, who?: User } };)")
                                       .value())
                               .value();
  return made;
}

TEST_CASE("conformance: what an entity must be") {
  struct Case {
    std::string_view text;
    bool good;
  };
  Case const cases[] = {
      {R"({"uid": {"type": "User", "id": "a"}, "attrs": {"age": 1}, "parents": []})", true},
      {R"({"uid": {"type": "User", "id": "a"}, "attrs": {"age": 1, "ip": "10.0.0.1", "friend": {"type": "User", "id": "b"},
          "due": {"at": "2024-01-01"}}, "parents": [{"type": "Group", "id": "g"}], "tags": {"t": "1.5"}})",
       true},
      {R"({"uid": {"type": "User", "id": "a"}, "attrs": {"age": 1, "ip": {"fn": "ip", "arg": "::1"}}, "parents": []})",
       true},
      {R"({"uid": {"type": "User", "id": "a"}, "attrs": {"age": 1, "ip": {"__extn": {"fn": "ip", "arg": "::1"}}}, "parents": []})",
       true},
      {R"({"uid": {"type": "User", "id": "a"}, "attrs": {}, "parents": []})", false},
      {R"({"uid": {"type": "User", "id": "a"}, "attrs": {"age": "1"}, "parents": []})", false},
      {R"({"uid": {"type": "User", "id": "a"}, "attrs": {"age": 1, "ip": "nope"}, "parents": []})",
       false},
      {R"({"uid": {"type": "User", "id": "a"}, "attrs": {"age": 1, "ip": {"__extn": {"fn": "decimal", "arg": "1.0"}}}, "parents": []})",
       false},
      {R"({"uid": {"type": "User", "id": "a"}, "attrs": {"age": 1, "friend": "b"}, "parents": []})",
       false},
      {R"({"uid": {"type": "User", "id": "a"}, "attrs": {"age": 1, "friend": {"type": "Group", "id": "b"}}, "parents": []})",
       false},
      {R"({"uid": {"type": "User", "id": "a"}, "attrs": {"age": 1, "more": 1}, "parents": []})",
       false},
      {R"({"uid": {"type": "User", "id": "a"}, "attrs": {"age": 1}, "parents": [{"type": "User", "id": "b"}]})",
       false},
      {R"({"uid": {"type": "User", "id": "a"}, "attrs": {"age": 1}, "parents": [], "tags": {"t": 1}})",
       false},
      {R"({"uid": {"type": "Group", "id": "a"}, "attrs": {}, "parents": [], "tags": {"t": "1.0"}})",
       false},
      {R"({"uid": {"type": "Color", "id": "red"}, "attrs": {}, "parents": []})", true},
      {R"({"uid": {"type": "Color", "id": "blue"}, "attrs": {}, "parents": []})", false},
      {R"({"uid": {"type": "Nope", "id": "a"}, "attrs": {}, "parents": []})", false},
      {R"({"uid": {"type": "Action", "id": "read"}, "attrs": {}, "parents": [{"type": "Action", "id": "all"}]})",
       true},
      {R"({"uid": {"type": "Action", "id": "read"}, "attrs": {}, "parents": []})", false},
      {R"({"uid": {"type": "Action", "id": "write"}, "attrs": {}, "parents": []})", false},
  };
  for (auto const& c : cases) {
    CAPTURE(c.text);
    auto const json = parse_json(c.text).value();
    auto const one = entity_from_json(json, schema());
    CHECK(one.has_value() == c.good);
    CHECK(entities_from_json(Json::Array{json}, schema()).has_value() == c.good);
  }
}

TEST_CASE("conformance: the actions come with the schema") {
  auto const entities = entities_from_json(Json(Json::Array{}), schema()).value();
  CHECK(entities.is_ancestor({"Action", "all"}, {"Action", "read"}));
}

TEST_CASE("conformance: what a request must be") {
  auto const request = [](std::string_view principal, std::string_view action,
                          std::string_view resource, std::string_view context) {
    auto const text = R"({"principal": {"type": ")" + std::string(principal) +
                      R"(", "id": "a"}, "action": {"type": "Action", "id": ")" +
                      std::string(action) + R"("}, "resource": {"type": ")" +
                      std::string(resource) + R"(", "id": "red"}, "context": )" +
                      std::string(context) + "}";
    return request_from_json(parse_json(text).value(), schema()).has_value();
  };
  CHECK(request("User", "read", "Group", R"({"n": 1})"));
  CHECK(request("User", "read", "Color", R"({"n": 1, "who": {"type": "User", "id": "x"}})"));
  CHECK_FALSE(request("Group", "read", "Group", R"({"n": 1})"));
  CHECK_FALSE(request("User", "read", "User", R"({"n": 1})"));
  CHECK_FALSE(request("User", "all", "Group", R"({"n": 1})"));
  CHECK_FALSE(request("User", "nope", "Group", R"({"n": 1})"));
  CHECK_FALSE(request("Nope", "read", "Group", R"({"n": 1})"));
  CHECK_FALSE(request("User", "read", "Group", "{}"));
  CHECK_FALSE(request("User", "read", "Group", R"({"n": "1"})"));
  CHECK_FALSE(request("User", "read", "Group", R"({"n": 1, "more": 1})"));
  CHECK_FALSE(request("User", "read", "Group", "[]"));
}

}  // namespace
}  // namespace reeve::cedar
