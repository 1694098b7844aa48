#include "pdp/join.hpp"

#include <algorithm>
#include <iterator>

namespace reeve::pdp {

std::shared_ptr<Domain const> DenyOverrides::domain() const {
  auto own = first_->domain();
  return own ? own : second_->domain();
}

Decision DenyOverrides::do_decide(Request const& request) const {
  auto first = first_->decide(request);
  if (!first.permit) return first;
  auto second = second_->decide(request);
  // What the first obliges to was for a permit, which this no longer is.
  if (!second.permit) return second;
  std::ranges::move(second.reasons, std::back_inserter(first.reasons));
  std::ranges::move(second.errors, std::back_inserter(first.errors));
  std::ranges::move(second.obligations, std::back_inserter(first.obligations));
  if (first.version.empty()) first.version = std::move(second.version);
  first.text += "; " + second.text;
  return first;
}

Aside::Aside(std::shared_ptr<Engine const> enforced, std::shared_ptr<Engine const> candidate)
    : enforced_(std::move(enforced)),
      candidate_(std::move(candidate)),
      worker_([this](std::stop_token const& stop) { work(stop); }) {}

Aside::~Aside() = default;

Decision Aside::do_decide(Request const& request) const {
  auto out = enforced_->decide(request);
  std::scoped_lock const hold(counting_);
  if (waiting_.size() == waiting_max) {
    ++comparison_.skipped;
    return out;
  }
  waiting_.push_back({request, out});
  more_.notify_one();
  return out;
}

void Aside::compare(Waiting const& one) {
  auto const other = candidate_->decide(one.request);
  std::scoped_lock const hold(counting_);
  comparison_.add(one.request, one.enforced, other);
}

void Aside::work(std::stop_token const& stop) {
  for (;;) {
    std::unique_lock hold(counting_);
    busy_ = false;
    done_.notify_all();
    if (!more_.wait(hold, stop, [this] { return !waiting_.empty(); })) return;
    if (stop.stop_requested()) return;
    auto const next = std::move(waiting_.front());
    waiting_.pop_front();
    busy_ = true;
    hold.unlock();
    compare(next);
  }
}

Comparison Aside::comparison() const {
  std::scoped_lock const hold(counting_);
  return comparison_;
}

void Aside::wait_until_compared() const {
  std::unique_lock hold(counting_);
  done_.wait(hold, [this] { return waiting_.empty() && !busy_; });
}

}  // namespace reeve::pdp
