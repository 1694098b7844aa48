#include "remedy/engine.hpp"

#include <cstddef>

#include "base/crash.hpp"
#include "connect/connector.hpp"
#include "remedy/holder.hpp"
#include "sql/store.hpp"

namespace reeve::remedy {
namespace {

using connect::Changer;
using connect::Outcome;
using connect::Truth;

/// A denial names the permission that is missing and the line that gives it.
std::string explained(Changer const& changer, connect::Step const& step, std::string detail) {
  if (!detail.contains("[denied]")) return detail;
  for (auto const& act : changer.info().acts) {
    if (act.kind != step.kind) continue;
    auto const* permission = connect::find_permission(changer.info(), act.permission);
    if (permission)
      detail += "; needs: " + std::string(permission->name) +
                "; to give it: " + connect::fill_in(permission->fix, "", step.subject);
  }
  return detail;
}

/// One plan in our hands.
class Work {
 public:
  Work(sql::Store& state, Tools const& tools, Plan plan, std::string by)
      : state_(state), tools_(tools), plan_(std::move(plan)), by_(std::move(by)) {}

  Result<Plan> forward(Changer& changer) && {
    for (std::size_t n = 0; n < plan_.steps.size(); ++n) {
      if (plan_.steps[n].state == StepState::verified) continue;
      auto const went = TRY(take(changer, n));
      if (went == Went::failed) return end(PlanState::failed, place(n) + plan_.steps[n].detail);
      if (went == Went::unseen) return stay(place(n) + plan_.steps[n].detail);
    }
    crash_point("plan:commit");
    return end(PlanState::done, "");
  }

  Result<Plan> back(Changer& changer) && {
    for (std::size_t n = plan_.steps.size(); n-- > 0;) {
      auto const state = plan_.steps[n].state;
      if (state == StepState::planned || state == StepState::undone) continue;
      if (!plan_.steps[n].step.reversible) continue;
      auto const went = TRY(take_back(changer, n));
      if (went == Went::failed)
        return end(PlanState::failed, "undo " + place(n) + plan_.steps[n].detail);
      if (went == Went::unseen) return stay("undo " + place(n) + plan_.steps[n].detail);
    }
    crash_point("undo:commit");
    return end(PlanState::undone, "");
  }

  Hold hold() const {
    auto const now = tools_.now();
    return {this_holder(), by_, now, now + tools_.hold};
  }

 private:
  enum class Went : std::uint8_t { well, failed, unseen };

  static std::string place(std::size_t n) { return "step " + std::to_string(n + 1) + ": "; }
  static void crash(std::string_view verb, std::size_t n, std::string_view where) {
    crash_point(std::string(verb) + ":step:" + std::to_string(n + 1) + ":" + std::string(where));
  }
  std::string key(std::string_view verb, std::size_t n) const {
    return to_string(plan_.id) + ":" + std::to_string(n + 1) + ":" + std::string(verb);
  }

  Result<> write(std::size_t n, StepState to, std::string detail) {
    auto& step = plan_.steps[n];
    auto const held = hold();
    TRY(state_.commit(
        [&](sql::Database& db) { return set_step(db, plan_.id, n, to, detail, held); }));
    step.state = to;
    step.detail = std::move(detail);
    step.changed = held.now;
    return {};
  }

  Result<Plan> end(PlanState to, std::string note) {
    auto const held = hold();
    TRY(state_.commit([&](sql::Database& db) { return finish(db, plan_.id, to, note, held); }));
    plan_.state = to;
    plan_.note = std::move(note);
    plan_.changed = held.now;
    plan_.holder.clear();
    return std::move(plan_);
  }

  /// Nobody knows how the world is: the plan stays open, so nothing else touches its subject.
  Result<Plan> stay(std::string note) { return end(plan_.state, std::move(note)); }

  Result<Went> take(Changer& changer, std::size_t n) {
    auto const& step = plan_.steps[n].step;
    if (plan_.steps[n].state == StepState::unknown || plan_.steps[n].state == StepState::started ||
        plan_.steps[n].state == StepState::done) {
      auto const seen = changer.verify(step);
      if (seen.truth == Truth::yes) return verified(n, seen.evidence);
      if (seen.truth == Truth::unknown) return unseen(n, seen.evidence);
    }
    TRY(write(n, StepState::started, ""));
    crash("plan", n, "before");
    auto const answer = changer.apply(step, key("apply", n));
    crash("plan", n, "after");
    return settle(changer, n, answer);
  }

  Result<Went> settle(Changer& changer, std::size_t n, connect::ApplyOutcome const& answer) {
    auto const& step = plan_.steps[n].step;
    switch (answer.outcome) {
      case Outcome::done: TRY(write(n, StepState::done, answer.detail)); break;
      case Outcome::already: return verified(n, answer.detail);
      case Outcome::rejected:
      case Outcome::retry_after: {
        TRY(write(n, StepState::failed, explained(changer, step, answer.detail)));
        return Went::failed;
      }
      case Outcome::unknown: break;
    }
    crash("plan", n, "done");
    auto const seen = changer.verify(step);
    if (seen.truth == Truth::yes) return verified(n, seen.evidence);
    if (seen.truth == Truth::unknown)
      return unseen(n,
                    answer.detail.empty() ? seen.evidence : answer.detail + "; " + seen.evidence);
    TRY(write(n, StepState::failed,
              answer.detail.empty() ? "the source said done and it is not so: " + seen.evidence
                                    : explained(changer, step, answer.detail)));
    return Went::failed;
  }

  Result<Went> verified(std::size_t n, std::string const& evidence) {
    TRY(write(n, StepState::verified, evidence));
    return Went::well;
  }
  Result<Went> unseen(std::size_t n, std::string const& why) {
    TRY(write(n, StepState::unknown, why));
    return Went::unseen;
  }

  /// A step that failed or was never answered may or may not stand: only what stands is taken back.
  Result<Went> take_back(Changer& changer, std::size_t n) {
    auto const inverse = changer.undo(plan_.steps[n].step);
    if (!inverse) return not_undone(changer, n, inverse.error().to_string());
    auto const seen = changer.verify(*inverse);
    if (seen.truth == Truth::yes) return undone(n, seen.evidence);
    if (seen.truth == Truth::unknown && plan_.steps[n].state == StepState::undoing)
      return unseen_back(n, seen.evidence);
    TRY(write(n, StepState::undoing, ""));
    crash("undo", n, "before");
    auto const answer = changer.apply(*inverse, key("undo", n));
    crash("undo", n, "after");
    if (answer.outcome == Outcome::rejected || answer.outcome == Outcome::retry_after)
      return not_undone(changer, n, answer.detail);
    auto const now = changer.verify(*inverse);
    if (now.truth == Truth::yes) return undone(n, now.evidence);
    if (now.truth == Truth::unknown) return unseen_back(n, answer.detail + now.evidence);
    return not_undone(changer, n, answer.detail.empty() ? now.evidence : answer.detail);
  }

  Result<Went> undone(std::size_t n, std::string const& evidence) {
    TRY(write(n, StepState::undone, evidence));
    return Went::well;
  }
  /// The world stands as the plan left it.
  Result<Went> not_undone(Changer& changer, std::size_t n, std::string const& why) {
    auto const stands = changer.verify(plan_.steps[n].step).truth == Truth::yes;
    TRY(write(n, stands ? StepState::verified : StepState::unknown,
              explained(changer, plan_.steps[n].step, why)));
    return Went::failed;
  }
  Result<Went> unseen_back(std::size_t n, std::string const& why) {
    TRY(write(n, StepState::undoing, why));
    return Went::unseen;
  }

  sql::Store& state_;
  Tools const& tools_;
  Plan plan_;
  std::string by_;
};

Result<Plan> read(sql::Store& state, PlanId id) {
  auto const db = TRY(state.reader());
  return plan(*db, id);
}

/// Takes the plan and works on it. The changer is opened first: a source that is not there costs
/// the plan nothing.
Result<Plan> begin(sql::Store& state, Tools const& tools, PlanId id, std::string const& by,
                   std::vector<PlanState> const& from, PlanState to) {
  auto plan = TRY(read(state, id));
  auto const changer = TRY_DURING(tools.open(plan), "open source " + plan.source);
  Work work(state, tools, plan, by);
  auto const hold = work.hold();
  TRY(state.commit([&](sql::Database& db) { return take(db, id, from, to, hold); }));
  plan.state = to;
  plan.changed_by = by;
  crash_point(to == PlanState::started ? "plan:begin" : "undo:begin");
  Work held(state, tools, std::move(plan), by);
  return to == PlanState::started ? std::move(held).forward(*changer)
                                  : std::move(held).back(*changer);
}

/// Whether a process that lives is at work on it.
bool in_hands(Plan const& plan, Instant now) {
  if (plan.holder.empty()) return false;
  switch (life_of(plan.holder)) {
    case Life::alive: return true;
    case Life::gone: return false;
    case Life::unknown: return plan.held_until > now;
  }
  return true;
}

Result<Plan> go_on(sql::Store& state, Tools const& tools, PlanId id) {
  auto plan = TRY(read(state, id));
  if (in_hands(plan, tools.now())) return plan;
  auto const changer = tools.open(plan);
  Work work(state, tools, plan, plan.changed_by);
  auto const hold = work.hold();
  TRY(state.commit([&](sql::Database& db) { return take_over(db, id, plan.holder, hold); }));
  if (!changer) {
    auto const why = "cannot go on: " + changer.error().to_string();
    TRY(state.commit([&](sql::Database& db) { return finish(db, id, plan.state, why, hold); }));
    return read(state, id);
  }
  return plan.state == PlanState::started ? std::move(work).forward(**changer)
                                          : std::move(work).back(**changer);
}

}  // namespace

Result<Plan> apply(sql::Store& state, Tools const& tools, PlanId id, std::string const& by) {
  return begin(state, tools, id, by, {PlanState::planned, PlanState::failed}, PlanState::started);
}

Result<Plan> undo(sql::Store& state, Tools const& tools, PlanId id, std::string const& by) {
  return begin(state, tools, id, by, {PlanState::done, PlanState::failed}, PlanState::undoing);
}

Result<std::vector<Plan>> recover(sql::Store& state, Tools const& tools) {
  std::vector<Plan> open;
  {
    auto const db = TRY(state.reader());
    open = TRY(plans(*db, name(PlanState::started)));
    for (auto& undoing : TRY(plans(*db, name(PlanState::undoing))))
      open.push_back(std::move(undoing));
  }
  std::vector<Plan> out;
  for (auto const& plan : open) {
    auto went = go_on(state, tools, plan.id);
    if (!went && went.error().code() == Errc::conflict) continue;  // another was faster
    if (!went)
      return std::unexpected(
          std::move(went.error().during("go on with plan " + to_string(plan.id))));
    out.push_back(std::move(*went));
  }
  return out;
}

Result<Plan> give_up(sql::Store& state, Tools const& tools, PlanId id, std::string const& by) {
  auto const plan = TRY(read(state, id));
  if (plan.state != PlanState::started && plan.state != PlanState::undoing)
    return fail(Errc::conflict, "plan " + to_string(id) + " is " + std::string(name(plan.state)));
  if (in_hands(plan, tools.now()))
    return fail(Errc::conflict, "a process is at work on plan " + to_string(id));
  auto const now = tools.now();
  Hold const hold{this_holder(), by, now, now + tools.hold};
  auto const over = [&](sql::Database& db) -> Result<> {
    TRY(take_over(db, id, plan.holder, hold));
    return finish(db, id, PlanState::failed, "given up by " + by + ": " + plan.note, hold);
  };
  TRY(state.commit(over));
  return read(state, id);
}

}  // namespace reeve::remedy
