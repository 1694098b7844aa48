#include "remedy/journal.hpp"

#include <algorithm>
#include <optional>

#include "remedy/plans_sql.hpp"
#include "sql/database.hpp"
#include "sql/migrate.hpp"

namespace reeve::remedy {
namespace {

using sql::Database;

constexpr char put_plan[] = R"(insert into plans (id, finding, rule, kind, source, source_kind,
    subject, title, about, state, note, created_by, created, changed_by, changed, holder, held_until)
  values (:id, :finding, :rule, :kind, :source, :source_kind, :subject, :title, :about, 'planned', '',
    :by, :now, :by, :now, '', 0))";
constexpr char put_step[] = R"(insert into plan_steps (plan_id, n, kind, subject, title,
    before_state, after_state, reversible, loss, preview, state, detail, changed)
  values (:id, :n, :kind, :subject, :title, :before, :after, :reversible, :loss, :preview,
    'planned', '', :now))";
constexpr char drop_steps[] = R"(delete from plan_steps where plan_id in
  (select id from plans where finding = :finding and state = 'planned'))";
constexpr char drop_plans[] = "delete from plans where finding = :finding and state = 'planned'";
constexpr char get_plans[] = R"(select id, finding, rule, kind, source, source_kind, subject, title,
    about, state, note, created_by, created, changed_by, changed, holder, held_until
  from plans where (:id = 0 or id = :id) and (:state = '' or state = :state)
  order by id desc nulls last limit :limit)";
constexpr char get_steps[] = R"(select kind, subject, title, before_state, after_state, reversible,
    loss, preview, state, detail, changed
  from plan_steps where plan_id = :id order by n nulls last)";
constexpr char change_plan[] = R"(update plans set state = :state, note = :note, changed = :now,
    changed_by = :by, holder = :holder, held_until = :until where id = :id)";
constexpr char hold_plan[] =
    "update plans set holder = :holder, held_until = :until where id = :id";
constexpr char change_step[] = R"(update plan_steps set state = :state, detail = :detail,
    changed = :now where plan_id = :id and n = :n)";

template <class State, std::size_t N>
Result<State> state_of(std::string const& text, std::string_view const (&names)[N]) {
  auto const* const found = std::ranges::find(names, text);
  if (found == std::end(names)) return fail(Errc::corrupt, "\"" + text + "\" is no state");
  return State(found - std::begin(names));
}

Result<Plan> plan_of(sql::Row const& row) {
  Plan out{.id = {row.integer(0)},
           .finding = {row.integer(1)},
           .rule = row.text(2),
           .kind = row.text(3),
           .source = row.text(4),
           .source_kind = row.text(5),
           .subject = row.text(6),
           .title = row.text(7),
           .note = row.text(10),
           .created_by = row.text(11),
           .changed_by = row.text(13),
           .created = from_micros(row.integer(12)),
           .changed = from_micros(row.integer(14)),
           .holder = row.text(15),
           .held_until = from_micros(row.integer(16))};
  out.about = TRY_DURING(parse_json(row.text(8)), "read plan " + to_string(out.id));
  out.state = TRY(state_of<PlanState>(row.text(9), plan_state_names));
  return out;
}

Result<PlannedStep> step_of(sql::Row const& row) {
  PlannedStep out{.step = {.kind = row.text(0),
                           .subject = row.text(1),
                           .title = row.text(2),
                           .before = row.text(3),
                           .after = row.text(4),
                           .reversible = row.integer(5) != 0,
                           .loss = row.text(6),
                           .preview = row.text(7)},
                  .detail = row.text(9),
                  .changed = from_micros(row.integer(10))};
  out.state = TRY(state_of<StepState>(row.text(8), step_state_names));
  return out;
}

Result<> add_step(Database& state, Plan const& plan, std::size_t n) {
  auto const& step = plan.steps[n].step;
  return sql::run(state, put_step,
                  {{":id", plan.id.value},
                   {":n", std::int64_t(n + 1)},
                   {":kind", step.kind},
                   {":subject", step.subject},
                   {":title", step.title},
                   {":before", step.before},
                   {":after", step.after},
                   {":reversible", std::int64_t(step.reversible)},
                   {":loss", step.loss},
                   {":preview", step.preview},
                   {":now", to_micros(plan.created)}});
}

struct Held {
  PlanState state{};
  std::string holder, source, subject;
  Instant until;
};

Result<Held> held(Database& state, PlanId id) {
  std::optional<Held> out;
  auto const read = [&](sql::Row const& row) -> Result<> {
    Held found{{}, row.text(1), row.text(2), row.text(3), from_micros(row.integer(4))};
    found.state = TRY(state_of<PlanState>(row.text(0), plan_state_names));
    out = std::move(found);
    return {};
  };
  TRY(sql::each(state,
                "select state, holder, source, subject, held_until from plans where id = :id",
                {{":id", id.value}}, read));
  if (!out) return fail(Errc::not_found, "there is no plan " + to_string(id));
  return std::move(*out);
}

/// The other plan that is at work on the same thing; 0: none.
Result<std::int64_t> other_at_work(Database& state, PlanId id, Held const& plan) {
  return sql::integer(state, R"(select id from plans where source = :source and subject = :subject
      and state in ('started', 'undoing') and id <> :id order by id nulls last limit 1)",
                      {{":source", plan.source}, {":subject", plan.subject}, {":id", id.value}});
}

Result<> write(Database& state, PlanId id, PlanState to, std::string_view note, Hold const& hold,
               bool release) {
  return sql::run(state, change_plan,
                  {{":id", id.value},
                   {":state", name(to)},
                   {":note", note},
                   {":by", hold.by},
                   {":now", to_micros(hold.now)},
                   {":holder", release ? std::string_view() : hold.holder},
                   {":until", release ? 0 : to_micros(hold.until)}});
}

Result<> still_ours(Database& state, PlanId id, Hold const& hold) {
  auto const now = TRY(held(state, id));
  if (now.holder == hold.holder) return {};
  return fail(Errc::conflict, "plan " + to_string(id) + " was taken over by another process");
}

}  // namespace

Result<> create_plans(Database& state) {
  sql::Migration const steps[] = {{"plans and their steps", plans_sql}};
  TRY_DURING(sql::migrate(state, "plans", steps), "prepare the journal of plans");
  return {};
}

Result<> add(Database& state, Plan& plan) {
  if (plan.steps.empty()) return fail(Errc::invalid, "a plan without a step");
  if (plan.finding.value != 0) {
    std::vector<sql::Param> const finding{{":finding", plan.finding.value}};
    TRY(sql::run(state, drop_steps, finding));
    TRY(sql::run(state, drop_plans, finding));
  }
  plan.id.value = 1 + TRY(sql::integer(state, "select max(id) from plans", {}));
  auto const about = to_json(plan.about);
  TRY(sql::run(state, put_plan,
               {{":id", plan.id.value},
                {":finding", plan.finding.value},
                {":rule", plan.rule},
                {":kind", plan.kind},
                {":source", plan.source},
                {":source_kind", plan.source_kind},
                {":subject", plan.subject},
                {":title", plan.title},
                {":about", about},
                {":by", plan.created_by},
                {":now", to_micros(plan.created)}}));
  for (std::size_t n = 0; n < plan.steps.size(); ++n) TRY(add_step(state, plan, n));
  return {};
}

Result<Plan> plan(Database& state, PlanId id) {
  std::optional<Plan> out;
  auto const read = [&](sql::Row const& row) -> Result<> {
    out = TRY(plan_of(row));
    return {};
  };
  TRY(sql::each(state, get_plans, {{":id", id.value}, {":state", ""}, {":limit", std::int64_t(1)}},
                read));
  if (!out) return fail(Errc::not_found, "there is no plan " + to_string(id));
  auto const read_step = [&](sql::Row const& row) -> Result<> {
    out->steps.push_back(TRY(step_of(row)));
    return {};
  };
  TRY(sql::each(state, get_steps, {{":id", id.value}}, read_step));
  return std::move(*out);
}

Result<std::vector<Plan>> plans(Database& state, std::string_view in_state, std::int64_t limit) {
  std::vector<Plan> out;
  auto const read = [&](sql::Row const& row) -> Result<> {
    out.push_back(TRY(plan_of(row)));
    return {};
  };
  TRY(sql::each(state, get_plans,
                {{":id", std::int64_t(0)}, {":state", in_state}, {":limit", limit}}, read));
  return out;
}

Result<PlanId> planned_for(Database& state, FindingId finding) {
  auto const id = TRY(sql::integer(
      state, "select max(id) from plans where finding = :finding and state = 'planned'",
      {{":finding", finding.value}}));
  return PlanId{id};
}

Result<> take(Database& state, PlanId id, std::vector<PlanState> const& from, PlanState to,
              Hold const& hold) {
  auto const now = TRY(held(state, id));
  if (std::ranges::find(from, now.state) == from.end())
    return fail(Errc::conflict, "plan " + to_string(id) + " is " + std::string(name(now.state)));
  auto const other = TRY(other_at_work(state, id, now));
  if (other != 0)
    return fail(Errc::conflict, "plan " + to_string(PlanId{other}) + " is at work on the same " +
                                    "thing; wait for its end");
  return write(state, id, to, "", hold, /*release=*/false);
}

Result<> take_over(Database& state, PlanId id, std::string const& was, Hold const& hold) {
  auto const now = TRY(held(state, id));
  if (now.holder != was || (now.state != PlanState::started && now.state != PlanState::undoing))
    return fail(Errc::conflict, "plan " + to_string(id) + " is in other hands");
  return write(state, id, now.state, "", hold, /*release=*/false);
}

Result<> set_step(Database& state, PlanId id, std::size_t n, StepState to,
                  std::string const& detail, Hold const& hold) {
  TRY(still_ours(state, id, hold));
  TRY(sql::run(state, hold_plan,
               {{":id", id.value}, {":holder", hold.holder}, {":until", to_micros(hold.until)}}));
  return sql::run(state, change_step,
                  {{":id", id.value},
                   {":n", std::int64_t(n + 1)},
                   {":state", name(to)},
                   {":detail", detail},
                   {":now", to_micros(hold.now)}});
}

Result<> finish(Database& state, PlanId id, PlanState to, std::string const& note,
                Hold const& hold) {
  TRY(still_ours(state, id, hold));
  return write(state, id, to, note, hold, /*release=*/true);
}

}  // namespace reeve::remedy
