// Changes roles of a PostgreSQL cluster: login, expiry of the password, open sessions.
//
// A login that is taken away leaves open sessions open, so "disable_login" is two steps: first no
// new sessions, then none of the old. In this order nobody slips in between. The second cannot be
// undone, and says so when it is planned.
//
// The state of an expiry is spelled as RFC 3339, or "infinity" for both null and infinity, which
// mean the same; undo writes infinity where null was.
//
// Nothing is planned that would lock everybody out: our own role, or the last superuser that can
// log in.

#include <algorithm>

#include "connectors/postgres/client.hpp"
#include "connectors/postgres/postgres.hpp"
#include "connectors/postgres/session.hpp"

namespace reeve::connect {
namespace {

using pg::Oid;
using pg::RoleState;

constexpr std::string_view no_more = "no session is open";

std::string login_text(bool login) {
  return login ? "LOGIN" : "NOLOGIN";
}

std::string expiry_text(Known<Instant> const& until) {
  auto const* at = std::get_if<Instant>(&until);
  return at ? rfc3339(*at) : "infinity";
}

Result<Known<Instant>> parse_expiry(std::string_view text) {
  if (text == "infinity") return Known<Instant>(None{});
  auto const at = TRY(parse_rfc3339(text));
  return Known<Instant>(at);
}

Result<bool> parse_login(std::string_view text) {
  if (text != "LOGIN" && text != "NOLOGIN")
    return fail(Errc::conflict, "not a state of a login: " + std::string(text));
  return text == "LOGIN";
}

Result<Oid> parse_oid(std::string const& text) {
  auto const oid = pg::number(pg::Row{text}, 0);
  if (!oid || *oid < 1) return fail(Errc::invalid, "not the oid of a role: " + text);
  return *oid;
}

Step login_step(RoleState const& role, bool to) {
  return {.kind = "role_login",
          .subject = std::to_string(role.oid),
          .title = "Role " + role.name + (to ? " may log in." : " may no longer log in."),
          .before = login_text(role.login),
          .after = login_text(to),
          .reversible = true,
          .preview = "ALTER ROLE " + pg::quote_name(role.name) + " " + login_text(to) + ";"};
}

Step expiry_step(RoleState const& role, Known<Instant> const& to) {
  return {.kind = "role_expiry",
          .subject = std::to_string(role.oid),
          .title = "The password of role " + role.name + " ends: " + expiry_text(to) + ".",
          .before = expiry_text(role.valid_until),
          .after = expiry_text(to),
          .reversible = true,
          .preview = "ALTER ROLE " + pg::quote_name(role.name) + " VALID UNTIL '" +
                     expiry_text(to) + "';"};
}

Step sessions_step(RoleState const& role) {
  return {.kind = "end_sessions",
          .subject = std::to_string(role.oid),
          .title = "End what role " + role.name + " has open (" + std::to_string(role.sessions) +
                   " sessions now).",
          .before = "sessions may be open",
          .after = std::string(no_more),
          .reversible = false,
          .loss = "what a session was doing is rolled back and its client loses the connection",
          .preview = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usesysid = " +
                     std::to_string(role.oid) + ";"};
}

class PostgresChanger final : public Changer {
 public:
  PostgresChanger(std::string source, std::unique_ptr<pg::Admin> admin)
      : source_(std::move(source)), admin_(std::move(admin)) {}

  Info const& info() const override { return postgres_info(); }
  std::string_view source() const override { return source_; }

 private:
  Result<Plan> do_plan(Action const& action) override {
    if (action.kind != "disable_login" && action.kind != "expire")
      return fail(Errc::invalid, "unknown here; one of: disable_login, expire");
    auto const oid = TRY(parse_oid(action.subject));
    auto const role = TRY(admin_->role(oid));
    TRY(guard(role));
    return action.kind == "expire" ? plan_expiry(role, action) : plan_disable(role);
  }

  Result<> guard(RoleState const& role) {
    if (role.name == TRY(admin_->user()))
      return fail(Errc::invalid, "role " + role.name + " is the one we change roles with");
    if (role.superuser && role.login && TRY(admin_->other_superusers(role.oid)) == 0)
      return fail(Errc::invalid, "role " + role.name + " is the last superuser that can log in");
    return {};
  }

  static Result<Plan> plan_disable(RoleState const& role) {
    Plan plan;
    if (role.login) plan.steps.push_back(login_step(role, /*to=*/false));
    plan.steps.push_back(sessions_step(role));
    if (role.sessions > 0)
      plan.warnings.push_back("Open sessions of " + role.name + ": " +
                              std::to_string(role.sessions) + "; their clients will fail.");
    return plan;
  }

  static Result<Plan> plan_expiry(RoleState const& role, Action const& action) {
    auto const until = TRY_DURING(parse_rfc3339(parameter(action, "until")), "parameter until");
    Plan plan;
    if (role.valid_until != Known<Instant>(until)) plan.steps.push_back(expiry_step(role, until));
    if (parameter(action, "sessions") == "end") plan.steps.push_back(sessions_step(role));
    plan.warnings.emplace_back(
        "VALID UNTIL ends the password alone: other ways to authenticate and open sessions stay.");
    return plan;
  }

  Result<ApplyOutcome> do_apply(Step const& step) override {
    auto const oid = TRY(parse_oid(step.subject));
    if (step.kind == "role_login") {
      auto const from = TRY(parse_login(step.before)), to = TRY(parse_login(step.after));
      TRY(admin_->set_login(oid, from, to));
    } else if (step.kind == "role_expiry") {
      auto const from = TRY(parse_expiry(step.before)), to = TRY(parse_expiry(step.after));
      TRY(admin_->set_expiry(oid, from, to));
    } else {
      TRY(admin_->end_sessions(oid));
    }
    return ApplyOutcome{.outcome = Outcome::done};
  }

  Result<Verdict> do_verify(Step const& step) override {
    auto const oid = TRY(parse_oid(step.subject));
    auto const role = TRY(admin_->role(oid));
    if (step.kind == "role_login") return verdict(step, login_text(role.login), "rolcanlogin");
    if (step.kind == "role_expiry")
      return verdict(step, expiry_text(role.valid_until), "rolvaliduntil");
    return verdict(step,
                   role.sessions == 0 ? std::string(no_more)
                                      : std::to_string(role.sessions) + " sessions are open",
                   "pg_stat_activity");
  }

  static Verdict verdict(Step const& step, std::string const& is, std::string const& where) {
    return {is == step.after ? Truth::yes : Truth::no,
            where + " of role oid " + step.subject + ": " + is};
  }

  Step do_undo(Step inverse) const override {
    inverse.title = "Take back: " + inverse.title;
    auto const what =
        inverse.kind == "role_login" ? inverse.after : "VALID UNTIL '" + inverse.after + "'";
    auto const name_end = inverse.preview.rfind(
        inverse.kind == "role_login" ? " " + inverse.before + ";" : " VALID UNTIL '");
    if (name_end != inverse.preview.npos)
      inverse.preview = inverse.preview.substr(0, name_end) + " " + what + ";";
    return inverse;
  }

  std::string source_;
  std::unique_ptr<pg::Admin> admin_;
};

}  // namespace

std::unique_ptr<Changer> make_postgres_changer(std::string source,
                                               std::unique_ptr<pg::Admin> admin) {
  return std::make_unique<PostgresChanger>(std::move(source), std::move(admin));
}

}  // namespace reeve::connect
