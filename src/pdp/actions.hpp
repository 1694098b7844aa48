#pragma once

#include <cstdint>
#include <string_view>

namespace reeve::pdp {

/// Who may do it when nobody has said otherwise.
enum class Role : std::uint8_t { reader, operator_ };

/// Everything anybody can ask us to do. A route or an act that names none of these does not exist.
struct Action {
  std::string_view name;  ///< "identity.read"; resource type and verb.
  Role least = Role::operator_;
  std::string_view text;  ///< For people, behind "may not".
};

inline constexpr Action actions[] = {
    {"inventory.read", Role::reader, "read what was discovered"},
    {"finding.read", Role::reader, "read findings"},
    {"finding.accept", Role::operator_, "accept a finding until a day"},
    {"owner.decide", Role::operator_, "decide who answers for an identity"},
    {"resource.mark", Role::operator_, "say how sensitive a resource is"},
    {"cluster.split", Role::operator_, "say that two credentials are not the same"},
    {"person.read", Role::reader, "read about persons and what depends on them"},
    {"source.read", Role::reader, "read how sources are reached"},
    {"source.add", Role::operator_, "add a source"},
    {"source.remove", Role::operator_, "remove a source"},
    {"source.test", Role::operator_, "log in to a source to test it"},
    {"discovery.run", Role::operator_, "look at sources"},
    {"rule.read", Role::reader, "read rules"},
    {"sql.query", Role::operator_, "query the inventory with SQL of one's own"},
    {"export.read", Role::reader, "export the whole estate"},
    {"report.read", Role::reader, "make a report"},
    {"plan.read", Role::reader, "read plans"},
    {"plan.preview", Role::operator_, "preview a change"},
    {"plan.apply", Role::operator_, "change a source"},
    {"plan.undo", Role::operator_, "take a change back"},
    {"audit.read", Role::operator_, "read the audit log"},
    {"token.read", Role::operator_, "list API tokens"},
    {"token.create", Role::operator_, "make an API token"},
    {"token.revoke", Role::operator_, "revoke an API token"},
    {"api.read", Role::reader, "read what the API offers"},
    {"event.read", Role::reader, "follow changes as they happen"},
};

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
