#include "pdp/obligation.hpp"

#include <algorithm>

namespace reeve::pdp {

Result<Obligation> obligation_from_json(Json const& json) {
  Obligation out{json.text_at("id"), json.text_at("type")};
  if (out.type.empty()) return fail(Errc::invalid, "an obligation is an object with a type");
  auto const* properties = json.find("properties");
  if (!properties) return out;
  if (!properties->object())
    return fail(Errc::invalid, "properties of an obligation are an object");
  out.properties = *properties;
  return out;
}

Json to_json(Obligation const& obligation) {
  Json out;
  out.add("id", obligation.id).add("type", obligation.type);
  return out.add("properties", obligation.properties);
}

Result<std::vector<Obligation>> obligations_of(cedar::Policy const& policy) {
  std::vector<Obligation> out;
  auto const* text = policy.annotation("obligation");
  if (!text) return out;
  auto json = TRY_DURING(parse_json(*text), "read @obligation");
  if (!json.array()) json = Json(Json::Array{std::move(json)});
  for (auto const& item : *json.array()) {
    auto one = TRY_DURING(obligation_from_json(item), "read @obligation");
    if (one.id.empty()) one.id = policy.id;
    out.push_back(std::move(one));
  }
  return out;
}

Decision enforceable(Decision decision, std::span<std::string_view const> known) {
  if (!decision.permit) return decision;
  auto const strange = std::ranges::find_if(decision.obligations, [&](Obligation const& one) {
    return std::ranges::find(known, one.type) == known.end();
  });
  if (strange == decision.obligations.end()) return decision;
  decision.permit = false;
  decision.cause = Cause::failed;
  decision.text = "it obliges to " + strange->type + ", not known here";
  decision.errors.push_back({"", decision.text});
  return decision;
}

}  // namespace reeve::pdp
