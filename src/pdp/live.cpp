#include "pdp/live.hpp"

namespace reeve::pdp {

Decision ShadowEngine::do_decide(Request const& request) const {
  auto out = enforced_->decide(request);
  auto const other = candidate_->decide(request);
  std::scoped_lock const hold(counting_);
  comparison_.add(request, out, other);
  return out;
}

Comparison ShadowEngine::comparison() const {
  std::scoped_lock const hold(counting_);
  return comparison_;
}

}  // namespace reeve::pdp
