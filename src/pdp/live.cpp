#include "pdp/live.hpp"

namespace reeve::pdp {

Decision ShadowEngine::do_decide(Request const& request) const {
  auto out = enforced_->decide(request);
  auto const other = candidate_->decide(request);
  std::scoped_lock const hold(counting_);
  if (out.permit == other.permit) {
    ++tally_.agreements;
    return out;
  }
  ++tally_.differences;
  if (other.cause == Cause::failed) ++tally_.failures;
  if (tally_.first.size() < kept) tally_.first.push_back({request, out, other});
  return out;
}

ShadowEngine::Tally ShadowEngine::tally() const {
  std::scoped_lock const hold(counting_);
  return tally_;
}

Json to_json(Decision const& decision) {
  Json::Array reasons, errors;
  for (auto const& id : decision.reasons) reasons.emplace_back(id);
  for (auto const& error : decision.errors)
    errors.push_back(Json().add("policy", error.policy).add("message", error.message));
  Json out;
  out.add("decision", decision.permit).add("cause", name(decision.cause));
  out.add("reasons", std::move(reasons)).add("errors", std::move(errors));
  return out.add("version", decision.version);
}

Json to_json(ShadowEngine::Tally const& tally) {
  Json::Array first;
  for (auto const& [request, enforced, candidate] : tally.first)
    first.push_back(Json()
                        .add("request", to_json(request))
                        .add("enforced", to_json(enforced))
                        .add("candidate", to_json(candidate)));
  Json out;
  out.add("agreements", tally.agreements).add("differences", tally.differences);
  return out.add("failures", tally.failures).add("first", std::move(first));
}

}  // namespace reeve::pdp
