// Everything anybody can ask us to do, as constants: routes, docs, the policy schema and the tests
// all read this table, so an action that is not in it cannot be asked for or granted.
#pragma once

#include <cstdint>
#include <string_view>

namespace reeve::pdp {

/// Actions that are given together; `Action::"read"` in a policy is all of them.
enum class Group : std::uint8_t {
  read,        ///< Look, and change nothing.
  audit,       ///< Look at what others did and may do.
  operate,     ///< Decide about the estate and change it.
  administer,  ///< Decide who may do what.
  use,         ///< What workloads do themselves.
  ask,         ///< Ask for decisions, as gateways and applications do.
};
inline constexpr std::string_view group_names[] = {"read",       "audit", "operate",
                                                   "administer", "use",   "ask"};
constexpr std::string_view name(Group group) {
  return group_names[std::size_t(group)];
}
inline constexpr std::string_view group_texts[] = {
    "look at the estate, and change nothing",
    "look at what others did and may do",
    "decide about the estate and change it",
    "decide who may do what",
    "use a tool or a credential, as workloads do",
    "ask what others may do, as gateways and applications do"};

/// A route or an act that names none of these does not exist.
struct Action {
  std::string_view name;  ///< "identity.read".
  Group group = Group::administer;
  /// Types of what it is done to, a blank between two; the first is that of an id without type.
  /// `Estate` is always possible beside them: the whole, as in a list.
  std::string_view resources;
  std::string_view text;  ///< For people, behind "may not".
};

inline constexpr std::string_view inventory_types =
    "Identity Source Person Resource Credential Grant Sighting Consumer Usage Finding Plan";

inline constexpr Action actions[] = {
    {"inventory.read", Group::read, inventory_types, "read what was discovered"},
    {"finding.read", Group::read, "Finding", "read findings"},
    {"finding.accept", Group::operate, "Finding", "accept a finding until a day"},
    {"owner.decide", Group::operate, "Identity", "decide who answers for an identity"},
    {"resource.mark", Group::operate, "Resource", "say how sensitive a resource is"},
    {"cluster.split", Group::operate, "Credential", "say that two credentials are not the same"},
    {"person.read", Group::read, "Person", "read about persons and what depends on them"},
    {"source.read", Group::read, "Source", "read how sources are reached"},
    {"source.add", Group::operate, "Source", "add a source"},
    {"source.remove", Group::operate, "Source", "remove a source"},
    {"source.test", Group::operate, "Source", "log in to a source to test it"},
    {"discovery.run", Group::operate, "Source", "look at sources"},
    {"rule.read", Group::read, "Rule", "read rules"},
    {"sql.query", Group::operate, "", "query the inventory with SQL of one's own"},
    {"export.read", Group::read, "", "export the whole estate"},
    {"report.read", Group::read, "", "make a report"},
    {"plan.read", Group::read, "Plan", "read plans"},
    {"plan.preview", Group::operate, "Plan Finding", "preview a change"},
    {"plan.apply", Group::operate, "Plan", "change a source"},
    {"plan.undo", Group::operate, "Plan", "take a change back"},
    {"audit.read", Group::audit, "", "read the audit log"},
    {"access.read", Group::audit, "Domain", "read how policy domains decide and would decide"},
    {"decision.read", Group::audit, "", "read which decisions were made"},
    {"policy.read", Group::audit, "", "read policies and their versions"},
    {"policy.write", Group::administer, "", "change policies"},
    {"token.read", Group::administer, "Token", "list API tokens"},
    {"token.create", Group::administer, "Token", "make an API token"},
    {"token.revoke", Group::administer, "Token", "revoke an API token"},
    {"api.read", Group::read, "", "read what the API offers"},
    {"event.read", Group::read, "", "follow changes as they happen"},
    {"tool.list", Group::use, "Tool Resource", "see that a tool exists"},
    {"tool.call", Group::use, "Tool", "call a tool"},
    {"access.evaluate", Group::ask, "Domain", "ask whether somebody may do something"},
    {"access.search", Group::ask, "Domain", "ask who may, what with, and which actions"},
    {"access.assert", Group::ask, "Domain", "be believed about attributes of those it asks about"},
};

/// Who a token can be, and whoever is on this machine's socket. What each may do is policy.
struct Role {
  std::string_view name, text;
};
inline constexpr Role roles[] = {
    {"reader", "looks at the estate"},
    {"auditor", "also reads the audit log"},
    {"operator", "decides about the estate and changes it"},
    {"owner", "also makes tokens and policies; the user that runs reeve, and root"},
    {"enforcer", "asks for decisions and does nothing else: a gateway or an application"},
    {"agent", "a workload of its own, which may do what a policy of yours says and nothing else"},
};
constexpr bool is_role(std::string_view name) {
  for (auto const& role : roles)
    if (role.name == name) return true;
  return false;
}

/// Null: there is no such action.
constexpr Action const* find_action(std::string_view name) {
  for (auto const& action : actions)
    if (action.name == name) return &action;
  return nullptr;
}

/// For constants: naming an action that does not exist does not compile. No pointer is compared
/// with null here: GCC 12 under UBSan does not count that as constant.
consteval std::string_view action(std::string_view name) {
  for (auto const& action : actions)
    if (action.name == name) return name;
  throw "no such action in pdp/actions.hpp";
}

}  // namespace reeve::pdp
