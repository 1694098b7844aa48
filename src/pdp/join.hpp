// Engines made of two: one that permits only what both permit, and one that enforces the first and
// compares the second.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string_view>
#include <thread>
#include <vector>

#include "pdp/comparison.hpp"
#include "pdp/engine.hpp"

namespace reeve::pdp {

/// The denial of either decides. The second is not asked when the first denies, so put the near one
/// first.
class DenyOverrides final : public Engine {
 public:
  DenyOverrides(std::shared_ptr<Engine const> first, std::shared_ptr<Engine const> second)
      : first_(std::move(first)), second_(std::move(second)) {}

  std::string_view kind() const override { return "deny-overrides"; }
  /// Of whichever has one: candidates of a search are then tried with both.
  std::shared_ptr<Domain const> domain() const override;

 private:
  Decision do_decide(Request const& request) const override;

  std::shared_ptr<Engine const> first_, second_;
};

/// `enforced` decides. A thread of its own asks `candidate` the same afterwards and counts, so one
/// that is slow or hangs delays nobody; what it has no room for is not compared. How another engine
/// is tried on real traffic.
class Aside final : public Engine {
 public:
  Aside(std::shared_ptr<Engine const> enforced, std::shared_ptr<Engine const> candidate);
  /// Waits for the one question that the candidate is asked just then.
  ~Aside() override;

  std::string_view kind() const override { return enforced_->kind(); }
  std::shared_ptr<Domain const> domain() const override { return enforced_->domain(); }
  Engine const& candidate() const { return *candidate_; }

  Comparison comparison() const;
  /// Returns when all that was asked so far is compared.
  void wait_until_compared() const;

 private:
  struct Waiting {
    Request request;
    Decision enforced;
  };
  Decision do_decide(Request const& request) const override;
  void compare(Waiting const& one);
  void work(std::stop_token const& stop);

  static constexpr std::size_t waiting_max = 1000;
  std::shared_ptr<Engine const> enforced_, candidate_;
  std::mutex mutable counting_;
  Comparison mutable comparison_;                    // under counting_
  std::deque<Waiting> mutable waiting_;              // under counting_
  bool busy_ = false;                                // under counting_
  std::condition_variable_any mutable more_, done_;  // of waiting_ and busy_
  std::jthread worker_;                              // last: it uses all others
};

}  // namespace reeve::pdp
