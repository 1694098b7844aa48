#include "cedar/snapshot.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <new>

#include "cedar/entity_json.hpp"
#include "cedar/parser.hpp"

namespace {

std::size_t allocations = 0;

}  // namespace

// Counts for the whole test program; only one test looks.
void* operator new(std::size_t size) {
  ++allocations;
  if (auto* const out = std::malloc(size)) return out;
  std::abort();
}
void* operator new(std::size_t size, std::nothrow_t const&) noexcept {
  ++allocations;
  return std::malloc(size);
}
void operator delete(void* at) noexcept {
  std::free(at);
}
void operator delete(void* at, std::size_t) noexcept {
  std::free(at);
}

namespace reeve::cedar {
namespace {

constexpr std::string_view world = R"([
  {"uid": {"type": "User", "id": "a"}, "parents": [{"type": "Group", "id": "g"}],
   "attrs": {"age": 5, "r": {"x": {"y": 1}}, "files": [{"__entity": {"type": "File", "id": "f"}}]}, "tags": {"color": "red"}},
  {"uid": {"type": "Group", "id": "g"}, "parents": [{"type": "Group", "id": "gone"}], "attrs": {}},
  {"uid": {"type": "Action", "id": "read"}, "parents": [{"type": "Action", "id": "all"}], "attrs": {}},
  {"uid": {"type": "File", "id": "f"}, "parents": [{"type": "Folder", "id": "d"}], "attrs": {}}])";

PolicySet linked(std::string_view text, std::vector<Link> links) {
  auto set = parse_policies(text).value();
  for (auto& link : links) REQUIRE(set.link(std::move(link)).has_value());
  return set;
}

TEST_CASE("snapshot: answers as the tree walk does, whatever the scope") {
  auto const entities = parse_entities(world).value();
  auto const policies = linked(
      "permit(principal, action, resource);"
      "permit(principal == User::\"a\", action, resource);"
      "permit(principal in Group::\"gone\", action in Action::\"all\", resource);"
      "permit(principal in Group::\"g\", action == Action::\"read\", resource in Folder::\"d\");"
      "permit(principal is User, action in [Action::\"all\", Action::\"x\"], resource is File in "
      "Folder::\"d\");"
      "permit(principal is User in Group::\"g\", action in [], resource);"
      "permit(principal, action, resource == File::\"f\") when { principal.nope };"
      "permit(principal, action, resource is File) when { context has a && context.a == context.b "
      "};"
      "permit(principal, action, resource) when { principal.files.contains(resource) };"
      "permit(principal, action, resource) unless { principal has age && principal.age > 3 };"
      "permit(principal == ?principal, action, resource in ?resource);"
      "permit(principal, action, resource == ?resource) when { {a: [1, 2], b: context} == {b: "
      "context, a: [2, 1, 1]} };"
      "forbid(principal, action == Action::\"write\", resource);",
      {{"l1", "policy10", EntityUid{"User", "a"}, EntityUid{"Folder", "d"}},
       {"l2", "policy10", EntityUid{"User", "b"}, EntityUid{"Folder", "d"}},
       {"l3", "policy11", {}, EntityUid{"File", "f"}},
       {"l4", "policy11", {}, EntityUid{"File", "none"}}});
  auto const snapshot = Snapshot::make(policies, entities).value();
  Scratch scratch;
  Record const contexts[] = {Record(), Record({{"a", 1}, {"b", 1}}),
                             Record({{"a", "x"}, {"b", EntityUid{"No", "one"}}})};
  for (auto const& principal : {"a", "b", "stranger"})
    for (auto const& action : {"read", "write", "all", "x", "stranger"})
      for (auto const& resource : {"f", "g", "none"})
        for (auto const& context : contexts) {
          Request const request{
              {"User", principal}, {"Action", action}, {"File", resource}, context};
          auto const slow = authorize(policies, request, entities);
          auto const fast = snapshot->authorize(request, scratch);
          CAPTURE(principal);
          CAPTURE(action);
          CAPTURE(resource);
          CHECK(fast.decision == slow.decision);
          CHECK(fast.reasons == slow.reasons);
          REQUIRE(fast.errors.size() == slow.errors.size());
          for (std::size_t i = 0; i < fast.errors.size(); ++i)
            CHECK(fast.errors[i].policy == slow.errors[i].policy);
        }
}

TEST_CASE("snapshot: more than 4096 uids give the same answers by lists as by bits") {
  std::vector<Entity> all;
  for (int i = 0; i < 5000; ++i)
    all.push_back(
        {.uid = {"User", std::to_string(i)}, .parents = {{"Group", std::to_string(i % 7)}}});
  for (int i = 0; i < 7; ++i)
    all.push_back({.uid = {"Group", std::to_string(i)}, .parents = {{"Group", "top"}}});
  auto const entities = Entities::make(std::move(all)).value();
  auto const policies =
      parse_policies(
          "permit(principal in Group::\"3\", action, resource);"
          "forbid(principal, action, resource) when { principal in [Group::\"1\", Group::\"3\"] && "
          "principal in Group::\"top\" && resource == User::\"x\" };")
          .value();
  auto const snapshot = Snapshot::make(policies, entities).value();
  Scratch scratch;
  for (int i = 0; i < 100; ++i)
    for (auto const* resource : {"x", "y"}) {
      Request const request{{"User", std::to_string(i)}, {"Action", "a"}, {"User", resource}, {}};
      CHECK(snapshot->authorize(request, scratch).reasons ==
            authorize(policies, request, entities).reasons);
    }
}

TEST_CASE("snapshot: a decision allocates nothing") {
  auto const entities = parse_entities(world).value();
  auto const policies = linked(
      "permit(principal in ?principal, action, resource in ?resource) when { "
      "principal.files.contains(resource) };"
      "permit(principal, action, resource) when { [context.n, 2, 3].contains(1) && {a: context.ip} "
      "has a };"
      "permit(principal, action, resource) when { ip(context.ip).isInRange(ip(\"10.0.0.0/8\")) };"
      "permit(principal, action, resource) when { context.ip like \"10.*.3\" && context.who == "
      "principal };"
      "permit(principal, action, resource) when { principal.getTag(\"color\") == \"red\" && "
      "principal.nope };"
      "permit(principal, action, resource) when { "
      "datetime(\"2024-01-01\").offset(duration(\"1d\")) < datetime(context.day) };",
      {{"l", "policy0", EntityUid{"Group", "gone"}, EntityUid{"Folder", "d"}}});
  auto const snapshot = Snapshot::make(policies, entities).value();
  Record const context({{"n", 1},
                        {"ip", "10.1.2.3"},
                        {"day", "2024-02-01"},
                        {"unknown", Set({Value(EntityUid{"New", "one"}), Value(2)})},
                        {"who", EntityUid{"User", "a"}}});
  Question const question{"User", "a", "Action", "read", "File", "f", &context};
  Scratch scratch;
  auto const first = snapshot->decide(question, scratch);
  CHECK(first.reasons.size() == 5);
  CHECK(first.errors.size() == 1);
  auto const before = allocations;
  std::size_t reasons = 0;
  for (int i = 0; i < 1000; ++i) reasons += snapshot->decide(question, scratch).reasons.size();
  auto const after = allocations;
  CHECK(after == before);
  CHECK(reasons == 5000);
}

TEST_CASE("snapshot: a set of very many computed items is refused, not cut") {
  std::string text = "permit(principal, action, resource) when { [";
  for (int i = 0; i < 70'000; ++i) text += "context.a,";
  auto const policies = parse_policies(text + "].isEmpty() };").value();
  CHECK(Snapshot::make(policies, Entities()).error().code() == Errc::unsupported);
}

TEST_CASE("snapshot: a chain of ten thousand alternatives runs without recursion") {
  std::string text = "permit(principal, action, resource) when { context.n == -1";
  for (int i = 0; i < 10'000; ++i) text += " || context.n == " + std::to_string(i);
  auto const policies = parse_policies(text + " };").value();
  auto const snapshot = Snapshot::make(policies, Entities()).value();
  Scratch scratch;
  CHECK(snapshot
            ->authorize({{"U", "a"}, {"Action", "a"}, {"U", "a"}, Record({{"n", 9'999}})}, scratch)
            .decision == Decision::allow);
  CHECK(snapshot
            ->authorize({{"U", "a"}, {"Action", "a"}, {"U", "a"}, Record({{"n", 10'000}})}, scratch)
            .decision == Decision::deny);
}

}  // namespace
}  // namespace reeve::cedar
