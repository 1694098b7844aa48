#include "pdp/comparison.hpp"

namespace reeve::pdp {

void Comparison::add(Request const& request, Decision const& enforced, Decision const& candidate) {
  if (enforced.permit == candidate.permit) {
    ++agreements;
    return;
  }
  ++differences;
  if (candidate.cause == Cause::failed) ++failures;
  if (first.size() < first_max) first.push_back({request, enforced, candidate});
}

Json to_json(Decision const& decision) {
  Json::Array reasons, errors;
  for (auto const& id : decision.reasons) reasons.emplace_back(id);
  for (auto const& error : decision.errors)
    errors.push_back(Json().add("policy", error.policy).add("message", error.message));
  Json out;
  out.add("decision", decision.permit).add("cause", name(decision.cause));
  out.add("reasons", std::move(reasons)).add("errors", std::move(errors));
  return out.add("version", decision.version).add("text", decision.text);
}

Json to_json(Comparison const& comparison) {
  Json::Array first;
  for (auto const& [request, enforced, candidate] : comparison.first)
    first.push_back(Json()
                        .add("request", to_json(request))
                        .add("enforced", to_json(enforced))
                        .add("candidate", to_json(candidate)));
  Json out;
  out.add("agreements", comparison.agreements).add("differences", comparison.differences);
  out.add("failures", comparison.failures).add("skipped", comparison.skipped);
  return out.add("first", std::move(first));
}

}  // namespace reeve::pdp
