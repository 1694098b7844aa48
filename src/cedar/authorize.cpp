#include "cedar/authorize.hpp"

#include <algorithm>

#include "cedar/evaluate.hpp"

namespace reeve::cedar {

std::string_view name(Decision decision) {
  return decision == Decision::allow ? "allow" : "deny";
}

Response authorize(PolicySet const& policies, Request const& request, Entities const& entities) {
  Response out;
  std::vector<std::string> permits, forbids;
  for (auto const& active : policies.active()) {
    auto const verdict = evaluate(active, request, entities);
    if (!verdict)
      out.errors.push_back({*active.id, std::string(verdict.error().message())});
    else if (*verdict == Verdict::satisfied)
      (active.policy->effect == Effect::permit ? permits : forbids).push_back(*active.id);
  }
  bool const allow = forbids.empty() && !permits.empty();
  out.decision = allow ? Decision::allow : Decision::deny;
  out.reasons = std::move(allow ? permits : forbids);
  std::sort(out.reasons.begin(), out.reasons.end());
  std::sort(out.errors.begin(), out.errors.end(),
            [](auto const& a, auto const& b) { return a.policy < b.policy; });
  return out;
}

}  // namespace reeve::cedar
