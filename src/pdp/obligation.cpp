#include "pdp/obligation.hpp"

namespace reeve::pdp {

Result<std::vector<Obligation>> obligations_of(cedar::Policy const& policy) {
  std::vector<Obligation> out;
  auto const* text = policy.annotation("obligation");
  if (!text) return out;
  auto const json = TRY_DURING(parse_json(*text), "read @obligation");
  Obligation one{json.text_at("id"), json.text_at("type")};
  if (one.id.empty()) one.id = policy.id;
  if (one.type.empty()) return fail(Errc::invalid, "@obligation is a JSON object with a type");
  if (auto const* properties = json.find("properties")) {
    if (!properties->object()) return fail(Errc::invalid, "properties of @obligation: an object");
    one.properties = *properties;
  }
  out.push_back(std::move(one));
  return out;
}

}  // namespace reeve::pdp
