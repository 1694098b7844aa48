// The front of every Changer. What makes acting safe stands here once and cannot be forgotten by an
// implementation: a step is looked at before it is taken, a key has one effect, an error after
// sending is doubt and not failure, and an irreversible step has no undo.

#include "connect/action.hpp"

#include <algorithm>

namespace reeve::connect {
namespace {

constexpr std::size_t key_bytes_max = 256;

bool knows(Info const& info, std::string_view kind) {
  return std::ranges::find(info.acts, kind, &Act::kind) != info.acts.end();
}

ApplyOutcome rejected(std::string why) {
  return {Outcome::rejected, std::move(why)};
}

/// Only an error that proves that nothing was sent, or that it was refused, is not doubt.
ApplyOutcome outcome_of(Error const& error) {
  using enum Errc;
  auto outcome = Outcome::unknown;
  switch (error.code()) {
    case rate_limited: return {Outcome::retry_after, error.to_string(), std::chrono::seconds(1)};
    case invalid:
    case unauthenticated:
    case denied:
    case not_found:
    case conflict:
    case unsupported: outcome = Outcome::rejected; break;
    case unavailable:
    case timeout:
    case corrupt:
    case internal: break;
  }
  return {outcome, error.to_string()};
}

}  // namespace

Result<Plan> Changer::plan(Action const& action) {
  auto const during = "plan " + action.kind + " at " + std::string(source());
  if (action.subject.empty()) return fail(Errc::invalid, during + ": no subject");
  auto out = TRY_DURING(do_plan(action), during);
  for (auto const& step : out.steps) {
    if (!knows(info(), step.kind))
      return fail(Errc::internal, during + ": a step of unknown kind " + step.kind);
    if (step.reversible != step.loss.empty() || step.before == step.after)
      return fail(Errc::internal, during + ": a step that does not say what it does");
  }
  return out;
}

ApplyOutcome Changer::apply(Step const& step, std::string_view key) {
  if (key.empty() || key.size() > key_bytes_max) return rejected("no usable idempotency key");
  if (!knows(info(), step.kind)) return rejected("no step of kind " + step.kind + " here");
  if (auto const found = done_.find(key); found != done_.end())
    return found->second.step == step ? found->second.outcome
                                      : rejected("this key was used for another step");
  auto const seen = verify(step);
  if (seen.truth == Truth::yes) return {Outcome::already, seen.evidence};
  if (seen.truth == Truth::unknown)
    return rejected("not tried, because the world cannot be seen: " + seen.evidence);
  auto const answer = do_apply(step);
  auto const out = answer ? *answer : outcome_of(answer.error());
  if (out.outcome != Outcome::retry_after)
    done_.insert_or_assign(std::string(key), Done{step, out});
  return out;
}

Verdict Changer::verify(Step const& step) {
  if (!knows(info(), step.kind)) return {Truth::unknown, "no step of kind " + step.kind + " here"};
  auto const answer = do_verify(step);
  return answer ? *answer : Verdict{Truth::unknown, answer.error().to_string()};
}

Result<Step> Changer::undo(Step const& step) const {
  if (!step.reversible)
    return fail(Errc::unsupported,
                "cannot be undone: " + (step.loss.empty() ? step.title : step.loss));
  auto inverse = step;
  std::swap(inverse.before, inverse.after);
  return do_undo(std::move(inverse));
}

std::string_view parameter(Action const& action, std::string_view name) {
  for (auto const& [key, value] : action.parameters)
    if (key == name) return value;
  return {};
}

}  // namespace reeve::connect
