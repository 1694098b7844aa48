// The one question every gate of the product asks, in the form of OpenID AuthZEN Authorization API
// 1.0 (section 5): may this subject do this action on this resource, as things are now?
#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"

namespace reeve::pdp {

/// Names an entity of a policy: `Role::"reader"`.
struct EntityName {
  std::string type, id;

  auto operator<=>(EntityName const&) const = default;
};

/// Somebody or something, as AuthZEN names both subjects and resources.
struct Entity {
  std::string type, id;
  Json properties{Json::Object{}};  ///< Attributes for this request, before those that are stored.
  /// What it belongs to, by word of whoever enforces and never of whoever asks. Not of AuthZEN:
  /// a reader of foreign requests leaves it empty.
  std::vector<EntityName> parents = {};
};

struct Request {
  Entity subject;
  std::string action;
  Entity resource;
  Json context{Json::Object{}};            ///< context.hpp makes it; null members are absent.
  Json action_properties{Json::Object{}};  ///< AuthZEN's `action.properties`.
};

/// The AuthZEN form, members in this order: subject, action, resource, context. `parents` stands in
/// subject and resource when there are some.
Json to_json(Request const& request);
/// As text that equal requests have equal, whatever the order of their members: to take a digest of
/// (keys sorted, as RFC 8785 does for these types).
std::string canonical(Request const& request);
std::string canonical(Json const& json);

}  // namespace reeve::pdp
