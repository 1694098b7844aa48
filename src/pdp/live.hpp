// Engines made of engines: one whose answer can be replaced while it serves, and one that runs
// another in its shadow.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string_view>

#include "pdp/comparison.hpp"
#include "pdp/engine.hpp"

namespace reeve::pdp {

/// Answers with whatever engine is in place; each decision by one of them as a whole.
class LiveEngine final : public Engine {
 public:
  explicit LiveEngine(std::shared_ptr<Engine const> engine) : engine_(std::move(engine)) {}

  std::string_view kind() const override { return engine_.load()->kind(); }
  std::shared_ptr<Domain const> domain() const override { return engine_.load()->domain(); }
  void replace(std::shared_ptr<Engine const> engine) { engine_.store(std::move(engine)); }
  std::shared_ptr<Engine const> now() const { return engine_.load(); }

 private:
  Decision do_decide(Request const& request) const override {
    return engine_.load()->decide(request);
  }

  std::atomic<std::shared_ptr<Engine const>> engine_;
};

/// `enforced` decides, `candidate` is asked the same and only counted: how a change of policies, or
/// of engines, is tried on real traffic.
class ShadowEngine final : public Engine {
 public:
  ShadowEngine(std::shared_ptr<Engine const> enforced, std::shared_ptr<Engine const> candidate)
      : enforced_(std::move(enforced)), candidate_(std::move(candidate)) {}

  std::string_view kind() const override { return enforced_->kind(); }
  std::shared_ptr<Domain const> domain() const override { return enforced_->domain(); }
  std::shared_ptr<Engine const> enforced() const { return enforced_; }

  Comparison comparison() const;

 private:
  Decision do_decide(Request const& request) const override;

  std::shared_ptr<Engine const> enforced_, candidate_;
  std::mutex mutable counting_;
  Comparison mutable comparison_;  // under counting_
};

}  // namespace reeve::pdp
