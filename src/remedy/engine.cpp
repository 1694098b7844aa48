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

Hold hold_of(Tools const& tools, std::string const& by) {
  auto const now = tools.now();
  return {this_holder(), by, now, now + tools.hold};
}

/// One plan in our hands.
class Work {
 public:
  enum class Way : std::uint8_t { forward, back };

  /// `recovered`: another process began it.
  Work(sql::Store& state, Tools const& tools, Plan plan, Way way, bool recovered = false)
      : state_(state),
        tools_(tools),
        plan_(std::move(plan)),
        verb_(way == Way::forward ? "apply" : "undo"),
        crash_prefix_(way == Way::forward ? "plan:" : "undo:"),
        recovered_(recovered) {}

  Result<Plan> go(Changer& changer) && {
    return verb_ == "apply" ? std::move(*this).forward(changer) : std::move(*this).back(changer);
  }

 private:
  enum class Went : std::uint8_t { well, failed, unseen };

  Result<Plan> forward(Changer& changer) && {
    for (std::size_t n = 0; n < plan_.steps.size(); ++n) {
      if (plan_.steps[n].state == StepState::verified) continue;
      auto const went = TRY(take(changer, n));
      if (went == Went::failed) return end(PlanState::failed, place(n) + plan_.steps[n].detail);
      if (went == Went::unseen) return stay(place(n) + plan_.steps[n].detail);
    }
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
    return end(PlanState::undone, "");
  }

  static std::string place(std::size_t n) { return "step " + std::to_string(n + 1) + ": "; }
  void crash(std::string_view where) const { crash_point(crash_prefix_ + std::string(where)); }
  void crash(std::size_t n, std::string_view where) const {
    crash("step:" + std::to_string(n + 1) + ":" + std::string(where));
  }
  std::string key(std::size_t n) const {
    return to_string(plan_.id) + ":" + std::to_string(n + 1) + ":" + std::string(verb_);
  }
  Hold hold() const { return hold_of(tools_, plan_.changed_by); }

  Result<> note(std::size_t step, Deed::What what, std::string detail) const {
    if (!tools_.note) return {};
    TRY_DURING(tools_.note({plan_, verb_, step, what, std::move(detail), recovered_}), "note it");
    return {};
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

  /// Goes on record and gets `on_record`, or stays `meanwhile` and fails: then the next try finds
  /// it so and notes it.
  Result<Went> done(std::size_t n, StepState on_record, StepState meanwhile,
                    std::string const& evidence) {
    auto const noted = note(n + 1, Deed::What::done, evidence);
    crash(n, "noted");
    TRY(write(n, noted ? on_record : meanwhile,
              noted ? evidence : evidence + "; " + noted.error().to_string()));
    return noted ? Went::well : Went::failed;
  }
  Result<Went> stopped(std::size_t n, StepState to, Deed::What what, std::string why) {
    auto const noted = note(n + 1, what, why);
    crash(n, "noted");
    if (!noted) why += "; " + noted.error().to_string();
    TRY(write(n, to, std::move(why)));
    return what == Deed::What::unknown ? Went::unseen : Went::failed;
  }
  /// Failed: it cannot be put on record, so it is not begun, and its detail says why.
  Result<Went> announce(std::size_t n, StepState to) {
    if (auto const noted = note(n + 1, Deed::What::begun, ""); !noted) {
      plan_.steps[n].detail = "not begun: " + noted.error().to_string();
      return Went::failed;
    }
    crash(n, "intent");
    TRY(write(n, to, ""));
    crash(n, "before");
    return Went::well;
  }

  Result<Plan> end(PlanState to, std::string detail) {
    crash("commit");
    auto const what = to == PlanState::failed                            ? Deed::What::failed
                      : to == PlanState::done || to == PlanState::undone ? Deed::What::done
                                                                         : Deed::What::unknown;
    if (auto const noted = note(0, what, detail); !noted) {
      if (what == Deed::What::done) to = PlanState::failed;
      detail += (detail.empty() ? "" : "; ") + noted.error().to_string();
    }
    crash("noted");
    auto const held = hold();
    TRY(state_.commit([&](sql::Database& db) { return finish(db, plan_.id, to, detail, held); }));
    plan_.state = to;
    plan_.note = std::move(detail);
    plan_.changed = held.now;
    plan_.holder.clear();
    return std::move(plan_);
  }

  /// Nobody knows how the world is: the plan stays open, so nothing else touches its subject.
  Result<Plan> stay(std::string detail) { return end(plan_.state, std::move(detail)); }

  Result<Went> take(Changer& changer, std::size_t n) {
    auto const& step = plan_.steps[n].step;
    if (plan_.steps[n].state == StepState::unknown || plan_.steps[n].state == StepState::started ||
        plan_.steps[n].state == StepState::done) {
      auto const seen = changer.verify(step);
      if (seen.truth == Truth::yes) return verified(n, seen.evidence);
      if (seen.truth == Truth::unknown) return unseen(n, seen.evidence);
    }
    auto const begun = TRY(announce(n, StepState::started));
    if (begun != Went::well) return begun;
    auto const answer = changer.apply(step, key(n));
    crash(n, "after");
    return settle(changer, n, answer);
  }

  Result<Went> settle(Changer& changer, std::size_t n, connect::ApplyOutcome const& answer) {
    auto const& step = plan_.steps[n].step;
    switch (answer.outcome) {
      case Outcome::done: TRY(write(n, StepState::done, answer.detail)); break;
      case Outcome::already: return verified(n, answer.detail);
      case Outcome::rejected:
      case Outcome::retry_after:
        return stopped(n, StepState::failed, Deed::What::failed,
                       explained(changer, step, answer.detail));
      case Outcome::unknown: break;
    }
    crash(n, "done");
    auto const seen = changer.verify(step);
    if (seen.truth == Truth::yes) return verified(n, seen.evidence);
    if (seen.truth == Truth::unknown)
      return unseen(n,
                    answer.detail.empty() ? seen.evidence : answer.detail + "; " + seen.evidence);
    return stopped(n, StepState::failed, Deed::What::failed,
                   answer.detail.empty() ? "the source said done and it is not so: " + seen.evidence
                                         : explained(changer, step, answer.detail));
  }

  Result<Went> verified(std::size_t n, std::string const& evidence) {
    return done(n, StepState::verified, StepState::done, evidence);
  }
  Result<Went> unseen(std::size_t n, std::string const& why) {
    return stopped(n, StepState::unknown, Deed::What::unknown, why);
  }

  /// A step that failed or was never answered may or may not stand: only what stands is taken back.
  Result<Went> take_back(Changer& changer, std::size_t n) {
    auto const inverse = changer.undo(plan_.steps[n].step);
    if (!inverse) return not_undone(changer, n, inverse.error().to_string());
    auto const seen = changer.verify(*inverse);
    if (seen.truth == Truth::yes) return undone(n, seen.evidence);
    if (seen.truth == Truth::unknown && plan_.steps[n].state == StepState::undoing)
      return unseen_back(n, seen.evidence);
    auto const begun = TRY(announce(n, StepState::undoing));
    if (begun != Went::well) return begun;
    auto const answer = changer.apply(*inverse, key(n));
    crash(n, "after");
    if (answer.outcome == Outcome::rejected || answer.outcome == Outcome::retry_after)
      return not_undone(changer, n, answer.detail);
    auto const now = changer.verify(*inverse);
    if (now.truth == Truth::yes) return undone(n, now.evidence);
    if (now.truth == Truth::unknown) return unseen_back(n, answer.detail + now.evidence);
    return not_undone(changer, n, answer.detail.empty() ? now.evidence : answer.detail);
  }

  Result<Went> undone(std::size_t n, std::string const& evidence) {
    return done(n, StepState::undone, StepState::undoing, evidence);
  }
  /// The world stands as the plan left it.
  Result<Went> not_undone(Changer& changer, std::size_t n, std::string const& why) {
    auto const stands = changer.verify(plan_.steps[n].step).truth == Truth::yes;
    return stopped(n, stands ? StepState::verified : StepState::unknown, Deed::What::failed,
                   explained(changer, plan_.steps[n].step, why));
  }
  Result<Went> unseen_back(std::size_t n, std::string const& why) {
    return stopped(n, StepState::undoing, Deed::What::unknown, why);
  }

  sql::Store& state_;
  Tools const& tools_;
  Plan plan_;
  std::string_view const verb_;
  std::string const crash_prefix_;
  bool const recovered_;
};

Result<Plan> read(sql::Store& state, PlanId id) {
  auto const db = TRY(state.reader());
  return plan(*db, id);
}

Work::Way way_to(PlanState state) {
  return state == PlanState::started ? Work::Way::forward : Work::Way::back;
}

/// Takes the plan and works on it. The changer is opened first: a source that is not there costs
/// the plan nothing.
Result<Plan> begin(sql::Store& state, Tools const& tools, PlanId id, std::string const& by,
                   std::vector<PlanState> const& from, PlanState to) {
  auto plan = TRY(read(state, id));
  auto const changer = TRY_DURING(tools.open(plan), "open source " + plan.source);
  auto const hold = hold_of(tools, by);
  TRY(state.commit([&](sql::Database& db) { return take(db, id, from, to, hold); }));
  plan.state = to;
  plan.changed_by = by;
  crash_point(to == PlanState::started ? "plan:begin" : "undo:begin");
  return Work(state, tools, std::move(plan), way_to(to)).go(*changer);
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
  auto const hold = hold_of(tools, plan.changed_by);
  TRY(state.commit([&](sql::Database& db) { return take_over(db, id, plan.holder, hold); }));
  if (!changer) {
    auto const why = "cannot go on: " + changer.error().to_string();
    TRY(state.commit([&](sql::Database& db) { return finish(db, id, plan.state, why, hold); }));
    return read(state, id);
  }
  auto const way = way_to(plan.state);
  return Work(state, tools, std::move(plan), way, /*recovered=*/true).go(**changer);
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
  auto const hold = hold_of(tools, by);
  auto const why = "given up by " + by + ": " + plan.note;
  if (tools.note) {
    auto given_up = plan;
    given_up.changed_by = by;
    TRY(tools.note({given_up, "give-up", 0, Deed::What::failed, why}));
  }
  auto const over = [&](sql::Database& db) -> Result<> {
    TRY(take_over(db, id, plan.holder, hold));
    return finish(db, id, PlanState::failed, why, hold);
  };
  TRY(state.commit(over));
  return read(state, id);
}

}  // namespace reeve::remedy
