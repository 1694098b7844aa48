// Changes to the world: preview, apply, undo, and what became of each.
//
// A preview is kept, so what is applied is what was seen; when the world moved on since, the plan
// fails and changes nothing. The states of steps stay inside: they may hold a line that undo has to
// put back. What is shown is their preview.

#include "server/plans.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "inventory/list.hpp"
#include "model/id.hpp"
#include "pdp/actions.hpp"
#include "remedy/owner_changer.hpp"
#include "remedy/propose.hpp"
#include "server/api.hpp"
#include "server/audit.hpp"
#include "server/service.hpp"

namespace reeve::server {
namespace {

/// The host that `reeve up` looks at without being told to.
constexpr std::string_view this_host = "this-host";

/// Null: it is not there.
inventory::SourceConfig const* named(std::vector<inventory::SourceConfig> const& all,
                                     remedy::Plan const& plan) {
  auto const found = std::ranges::find(all, plan.source, &inventory::SourceConfig::name);
  return found == all.end() || found->kind != plan.source_kind ? nullptr : &*found;
}

/// How to reach its source: as it is remembered, else as it stands in the configuration file, else
/// as it was named on the spot last.
Result<inventory::SourceConfig> config_of(Service& service, remedy::Plan const& plan) {
  auto const db = TRY(service.state().reader());
  auto const remembered = TRY(inventory::sources(*db)), spots = TRY(inventory::spots(*db));
  for (auto const* all : {&remembered, &service.declared(), &spots})
    if (auto const* config = named(*all, plan)) return *config;
  if (plan.source == this_host && plan.source_kind == "host")
    return inventory::SourceConfig{.name = plan.source, .kind = plan.source_kind};
  auto const name = shell_quote(plan.source);
  return fail(Errc::not_found, "how to reach it is not known any more: reeve source add " + name +
                                   " " + plan.source_kind +
                                   " with the options it was looked at with, then reeve discover " +
                                   name);
}

/// The command that looks at its source again, as it was reached.
Result<std::string> look_again(Service& service, remedy::Plan const& plan) {
  auto const db = TRY(service.state().reader());
  auto const remembered = TRY(inventory::sources(*db)), spots = TRY(inventory::spots(*db));
  auto const* spot = named(spots, plan);
  if (!spot || named(remembered, plan) || named(service.declared(), plan))
    return "reeve discover " + shell_quote(plan.source);
  auto out = "reeve discover " + spot->kind;
  if (spot->name != spot->kind) out += " --name " + shell_quote(spot->name);
  for (auto const& [name, value] : spot->options) {
    auto flag = name;
    std::ranges::replace(flag, '_', '-');
    out += " --" + flag + " " + shell_quote(value);
  }
  return out;
}

Result<std::unique_ptr<connect::Changer>> open_changer(Service& service, remedy::Plan const& plan) {
  if (plan.kind == "assign_owner")
    return remedy::make_owner_changer(plan.source, service.state(),
                                      [&service] { return service.now(); });
  auto const config = TRY(config_of(service, plan));
  auto const* kind = TRY(discover::find_kind(service.kinds(), config.kind));
  if (!kind->make_changer)
    return fail(Errc::unsupported, "nothing at a source of kind " + config.kind +
                                       " is changed by "
                                       "reeve");
  std::vector<std::pair<std::string, std::string>> const given(config.options.begin(),
                                                               config.options.end());
  auto const settings = TRY(connect::Settings::resolve(kind->info, given, service.environment()));
  return kind->make_changer(config.name, settings);
}

std::string_view outcome_of(remedy::Deed::What what) {
  using enum remedy::Deed::What;
  switch (what) {
    case begun: return "begun";
    case done: return "ok";
    case failed: return "failed";
    case unknown: return "unknown";
  }
  return "";
}

/// The call that wants a plan done; empty: a start goes on with what a kill left, and knows of who
/// wanted it what the journal says.
struct Asked {
  std::vector<audit::Actor> by;
  std::string request;
};

/// One entry for what a plan is about to do, or did. Titles and details hold no secret; states of
/// steps may, and stay out.
audit::Entry entry_of(remedy::Deed const& deed, Asked const& asked) {
  auto const& plan = deed.plan;
  audit::Entry out{.kind = audit::Kind::plan,
                   .action = "plan." + std::string(deed.verb),
                   .object = "plan:" + to_string(plan.id),
                   .outcome = std::string(outcome_of(deed.what)),
                   .actors = asked.by,
                   .request = asked.request};
  if (deed.detail.contains("[denied]")) out.outcome = "denied";
  if (asked.by.empty()) out.actors = audit_chain({.id = plan.changed_by, .role = ""});
  if (deed.recovered) out.actors.push_back({"system", "reeve"});
  out.details = {{"kind", plan.kind}, {"source", plan.source}};
  if (plan.finding.value != 0) {
    out.details.emplace_back("finding", to_string(plan.finding));
    out.details.emplace_back("rule", plan.rule);
  }
  if (deed.step > 0) {
    auto const& step = plan.steps.at(deed.step - 1).step;
    out.details.emplace_back(
        "step", std::to_string(deed.step) + " of " + std::to_string(plan.steps.size()));
    out.details.emplace_back("act", step.kind);
    out.details.emplace_back("subject", step.subject);
    out.details.emplace_back("title", step.title);
  }
  if (!deed.detail.empty()) out.details.emplace_back("detail", deed.detail);
  if (deed.recovered) out.details.emplace_back("recovered", "yes");
  return out;
}

remedy::Tools tools(Service& service, Asked asked = {}) {
  auto const note = [&service, asked = std::move(asked)](remedy::Deed const& deed) {
    return service.audit().note(entry_of(deed, asked));
  };
  return {.open = [&service](remedy::Plan const& plan) { return open_changer(service, plan); },
          .now = [&service] { return service.now(); },
          .note = note};
}

Json head(remedy::Plan const& plan) {
  return Json()
      .add("id", to_string(plan.id))
      .add("finding", plan.finding.value == 0 ? Json() : Json(to_string(plan.finding)))
      .add("rule", plan.rule)
      .add("kind", plan.kind)
      .add("source", plan.source)
      .add("title", plan.title)
      .add("state", remedy::name(plan.state))
      .add("note", plan.note)
      .add("created", rfc3339(plan.created))
      .add("created_by", plan.created_by)
      .add("changed", rfc3339(plan.changed))
      .add("changed_by", plan.changed_by);
}

Result<Json> json_of(Service& service, remedy::Plan const& plan) {
  Json::Array steps;
  for (std::size_t n = 0; n < plan.steps.size(); ++n) {
    auto const& [step, state, detail, changed] = plan.steps[n];
    steps.push_back(Json()
                        .add("n", n + 1)
                        .add("kind", step.kind)
                        .add("title", step.title)
                        .add("preview", step.preview)
                        .add("reversible", step.reversible)
                        .add("loss", step.loss)
                        .add("state", remedy::name(state))
                        .add("detail", detail));
  }
  auto out = head(plan);
  out.add("steps", std::move(steps));
  out.add("about", plan.about);
  out.add("look", TRY(look_again(service, plan)));
  return out;
}

Result<remedy::Plan> read(Service& service, PlanId id) {
  auto const db = TRY(service.state().reader());
  return remedy::plan(*db, id);
}

/// What the rule advises when it names no kind of plan, or one that is not for this subject
/// (`reason`), and the kinds that would do all the same.
Result<Json> manual(Service& service, posture::Rule const& rule, FindingId finding,
                    std::string_view reason = "") {
  Json::Array steps, ways;
  for (auto const line : split(rule.remedy, '\n'))
    if (!trim(line).empty()) steps.emplace_back(trim(line));
  auto const db = TRY(service.inventory().reader());
  for (auto const kind : TRY(remedy::ways(*db, finding))) ways.emplace_back(kind);
  Json out;
  out.add("rule", rule.id).add("title", rule.title).add("finding", to_string(finding));
  out.add("reason", reason);
  return out.add("manual", std::move(steps)).add("ways", std::move(ways));
}

Result<posture::Rule const*> rule_of(Service& service, std::string const& finding) {
  std::string id;
  {
    auto const db = TRY(service.inventory().reader());
    id = TRY(inventory::get(*db, "findings", finding)).text_at("rule");
  }
  auto const found = std::ranges::find(service.rules(), id, &posture::Rule::id);
  if (found == service.rules().end())
    return fail(Errc::not_found, "rule " + id + " is not known any more");
  return &*found;
}

Result<remedy::Wish> wish_of(Request const& request, posture::Rule const& rule, Json const& body) {
  remedy::Wish out{.kind = body.text_at("kind"), .by = request.caller.id};
  out.finding = TRY(parse_id<FindingKind>(request.id));
  if (out.kind.empty()) out.kind = rule.fix;
  if (auto const* given = body.find("parameters"); given && given->object())
    for (auto const& member : *given->object()) {
      if (!member.value.text())
        return fail(Errc::invalid, "parameter " + member.key + " is no text");
      out.parameters[member.key] = *member.value.text();
    }
  return out;
}

Result<remedy::Plan> propose(Service& service, remedy::Wish const& wish) {
  auto const db = TRY(service.inventory().reader());
  return remedy::propose(*db, tools(service), wish);
}

// Body: {"kind", "parameters": {…text…}}; both may be absent.
Result<net::Response> preview(Api& api, Request const& request) {
  auto const body = TRY(request.json());
  auto const work = [&]() -> Result<Json> {
    auto& service = api.service;
    auto const* rule = TRY(rule_of(service, request.id));
    auto const wish = TRY(wish_of(request, *rule, body));
    if (wish.kind.empty()) return manual(service, *rule, wish.finding);
    auto made = propose(service, wish);
    if (!made && made.error().code() == Errc::unsupported && body.text_at("kind").empty())
      return manual(service, *rule, wish.finding, made.error().message());
    auto plan = TRY(std::move(made));
    TRY(service.state().commit([&](sql::Database& db) { return remedy::add(db, plan); }));
    return json_of(service, plan);
  };
  auto const out = TRY(request.call.blocking(work));
  return json_response(out, out.find("id") ? 201 : 200);
}

using Act = Result<remedy::Plan> (*)(sql::Store&, remedy::Tools const&, PlanId, std::string const&);

Result<net::Response> act(Api& api, Request const& request, Act verb) {
  auto const id = TRY(parse_id<PlanKind>(request.id));
  auto const work = [&]() -> Result<Json> {
    auto& service = api.service;
    auto const with =
        tools(service, {audit_chain(request.caller), std::string(request.call.request_id())});
    bool const concerns_owners = TRY(read(service, id)).kind == "assign_owner";
    if (concerns_owners) TRY(service.doubt_conclusions());
    TRY(verb(service.state(), with, id, request.caller.id));
    if (concerns_owners) TRY(service.conclude());
    return json_of(service, TRY(read(service, id)));
  };
  return json_response(TRY(request.call.blocking(work)));
}
Result<net::Response> apply_plan(Api& api, Request const& request) {
  return act(api, request, remedy::apply);
}
Result<net::Response> undo_plan(Api& api, Request const& request) {
  return act(api, request, remedy::undo);
}
Result<net::Response> give_up_plan(Api& api, Request const& request) {
  return act(api, request, remedy::give_up);
}

// Query: finding, state.
Result<net::Response> list_plans(Api& api, Request const& request) {
  auto const finding = request.get("finding");
  auto const work = [&]() -> Result<std::vector<remedy::Plan>> {
    auto const db = TRY(api.service.state().reader());
    return remedy::plans(*db, request.get("state"));
  };
  Json::Array items;
  for (auto const& plan : TRY(request.call.blocking(work)))
    if (finding.empty() || to_string(plan.finding) == finding) items.push_back(head(plan));
  return json_response(Json().add("items", std::move(items)).add("next", nullptr));
}

Result<net::Response> show_plan(Api& api, Request const& request) {
  auto const id = TRY(parse_id<PlanKind>(request.id));
  auto const work = [&]() -> Result<Json> {
    return json_of(api.service, TRY(read(api.service, id)));
  };
  return json_response(TRY(request.call.blocking(work)));
}

constexpr Route routes_here[] = {
    {"POST", "/v1/findings/{id}/plan", pdp::action("plan.preview"),
     "Makes the plan that mends a finding, and keeps it; or the steps to do by hand", preview},
    {"GET", "/v1/plans", pdp::action("plan.read"), "Plans, newest first", list_plans},
    {"GET", "/v1/plans/{id}", pdp::action("plan.read"),
     "One plan with its steps and what became of them", show_plan},
    {"POST", "/v1/plans/{id}/apply", pdp::action("plan.apply"),
     "Takes the steps of a plan, or goes on with one that failed", apply_plan},
    {"POST", "/v1/plans/{id}/undo", pdp::action("plan.undo"), "Takes back what a plan changed",
     undo_plan},
    {"POST", "/v1/plans/{id}/give-up", pdp::action("plan.apply"),
     "Ends a plan whose outcome cannot be seen any more", give_up_plan},
};

}  // namespace

constinit std::span<Route const> const plan_routes = routes_here;

Result<> recover_plans(Service& service) {
  // Beside the process that has the audit log nothing is done to the world: it could not be noted.
  if (auto const log = service.audit().writer(); !log) {
    if (log.error().code() == Errc::conflict) return {};
    return std::unexpected(log.error());
  }
  TRY_DURING(remedy::recover(service.state(), tools(service)), "go on with plans");
  return {};
}

}  // namespace reeve::server
