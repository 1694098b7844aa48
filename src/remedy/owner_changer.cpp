// Who answers for an identity is a decision of ours, in our own store. It is changed by a plan all
// the same, so that one journal tells of every change and one verb takes it back.
//
// A state is the decision as JSON: whose, for what, in which role, and "state", empty where nothing
// was decided.

#include "remedy/owner_changer.hpp"

#include "base/json.hpp"
#include "inventory/decisions.hpp"
#include "sql/store.hpp"

namespace reeve::remedy {
namespace {

using connect::Action;
using connect::Step;
using connect::Truth;
using inventory::OwnerDecision;

constexpr connect::Permission permissions[] = {{ObjectClass::identity, connect::Purpose::act,
                                                "operator", "reeve token create --role operator"}};
constexpr connect::Act acts[] = {
    {"owner", ObjectClass::identity, true, "Says who answers for an identity.", "operator"}};
constexpr connect::Info info_of_owners{
    .kind = "owners", .title = "Owners", .permissions = permissions, .acts = acts};

std::string spell(OwnerDecision const& d) {
  return to_json(Json()
                     .add("person_source", d.person.source)
                     .add("person", d.person.native_id)
                     .add("role", d.role)
                     .add("state", d.state)
                     .add("by", d.by));
}

class OwnerChanger final : public connect::Changer {
 public:
  OwnerChanger(std::string source, sql::Store& state, std::function<Instant()> now)
      : source_(std::move(source)), state_(state), now_(std::move(now)) {}

  connect::Info const& info() const override { return info_of_owners; }
  std::string_view source() const override { return source_; }

 private:
  Result<connect::Plan> do_plan(Action const& action) override {
    auto const text = [&](char const* name) { return std::string(parameter(action, name)); };
    if (action.kind != "assign_owner") return fail(Errc::invalid, "one of: assign_owner");
    OwnerDecision to{.identity = {source_, action.subject},
                     .person = {text("person_source"), text("person")},
                     .state = "assigned",
                     .by = text("by")};
    if (auto const role = text("role"); !role.empty()) to.role = role;
    if (to.role != "owner" && to.role != "sponsor" && to.role != "reviewer")
      return fail(Errc::invalid, "role is owner, sponsor or reviewer");
    if (to.person.native_id.empty()) return fail(Errc::invalid, "parameter person is missing");
    auto const from = TRY(stands(to));
    connect::Plan out;
    if (from.state == to.state) return out;
    out.steps.push_back({.kind = "owner",
                         .subject = action.subject,
                         .title = text("name") + " answers for it as " + to.role + ".",
                         .before = spell(from),
                         .after = spell(to),
                         .reversible = true,
                         .preview = to.role + ": " +
                                    (from.state.empty() ? "nobody decided" : from.state) + " -> " +
                                    text("name") + ", assigned"});
    return out;
  }

  /// The decision about the same person and role as it is; without a state when there is none.
  Result<OwnerDecision> stands(OwnerDecision const& like) {
    auto const db = TRY(state_.reader());
    for (auto const& found : TRY(inventory::decisions(*db)).owners)
      if (found.identity == like.identity && found.person == like.person && found.role == like.role)
        return found;
    auto none = like;
    none.state.clear();
    none.by.clear();
    return none;
  }

  Result<OwnerDecision> parse(Step const& step, std::string const& state) const {
    auto const json = parse_json(state);
    if (!json || !json->find("state")) return fail(Errc::conflict, "not a decision about an owner");
    return OwnerDecision{.identity = {source_, step.subject},
                         .person = {json->text_at("person_source"), json->text_at("person")},
                         .role = json->text_at("role"),
                         .state = json->text_at("state"),
                         .by = json->text_at("by")};
  }

  Result<connect::ApplyOutcome> do_apply(Step const& step) override {
    auto const from = TRY(parse(step, step.before)), to = TRY(parse(step, step.after));
    auto const now = TRY(stands(to));
    if (now.state != from.state)
      return fail(Errc::conflict, "somebody decided about it since the preview: " + now.state);
    auto const db = TRY(state_.writer());
    if (to.state.empty())
      TRY(inventory::undecide(*db, to));
    else
      TRY(inventory::decide(*db, to, now_()));
    return connect::ApplyOutcome{.outcome = connect::Outcome::done};
  }

  Result<connect::Verdict> do_verify(Step const& step) override {
    auto const to = TRY(parse(step, step.after));
    auto const now = TRY(stands(to));
    return connect::Verdict{now.state == to.state ? Truth::yes : Truth::no,
                            now.state.empty() ? "nobody decided" : "decided: " + now.state};
  }

  Step do_undo(Step inverse) const override {
    inverse.title = "Take back: " + inverse.title;
    return inverse;
  }

  std::string source_;
  sql::Store& state_;
  std::function<Instant()> now_;
};

}  // namespace

std::unique_ptr<connect::Changer> make_owner_changer(std::string source, sql::Store& state,
                                                     std::function<Instant()> now) {
  return std::make_unique<OwnerChanger>(std::move(source), state, std::move(now));
}

}  // namespace reeve::remedy
