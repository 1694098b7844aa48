// The SQL that changes a role. A role is found by oid and named again each time, because a name may
// have moved to another role since the plan. ALTER ROLE takes no parameters and no oid: name and
// time are quoted by the server itself (format, %I and %L) in the session that runs the statement,
// in one transaction with the look at the state it was planned on.
//
// A session that is open survives NOLOGIN, a new password and a past VALID UNTIL: it has to be
// ended. pg_terminate_backend only asks; so we look until it is gone.
//
// Sources: PostgreSQL 15 documentation, ALTER ROLE, 9.27.2 (pg_terminate_backend).

#include <algorithm>

#include "connectors/postgres/client.hpp"
#include "connectors/postgres/session.hpp"

namespace reeve::pg {
namespace {

constexpr char state_sql[] = R"sql(
  select r.oid::bigint, r.rolname, r.rolcanlogin, r.rolsuper,
         case when r.rolvaliduntil = '-infinity' then 0
              when isfinite(r.rolvaliduntil) then (extract(epoch from r.rolvaliduntil) * 1000000)::bigint end,
         (select count(*) from pg_stat_activity s where s.usesysid = r.oid and s.pid <> pg_backend_pid())
    from pg_roles r where r.oid::bigint = $1::bigint)sql";
constexpr char others_sql[] = R"sql(
  select count(*) from pg_roles where rolsuper and rolcanlogin and rolconnlimit <> 0
     and (rolvaliduntil is null or rolvaliduntil > now()) and oid::bigint <> $1::bigint)sql";
constexpr char login_sql[] = R"sql(
  select format('alter role %I ', rolname) || case when $2 = 't' then 'login' else 'nologin' end
    from pg_roles where oid::bigint = $1::bigint)sql";
constexpr char expiry_sql[] = R"sql(
  select format('alter role %I valid until %L', rolname,
                case when $2 = '' then 'infinity'
                     else (timestamptz 'epoch' + $2::bigint * interval '1 microsecond')::text end)
    from pg_roles where oid::bigint = $1::bigint)sql";
constexpr char end_sql[] = R"sql(
  select count(pg_terminate_backend(pid)), pg_sleep(0.02) from pg_stat_activity
   where usesysid::bigint = $1::bigint and pid <> pg_backend_pid())sql";
constexpr int looks_max = 250;  ///< 5 s.

class LibpqAdmin final : public Admin {
 public:
  explicit LibpqAdmin(std::unique_ptr<Session> session) : session_(std::move(session)) {}

  Result<std::string> user() override { return text(TRY(one("select current_user", {})), 0); }

  Result<RoleState> role(Oid oid) override {
    auto const row =
        TRY_DURING(one(state_sql, {std::to_string(oid)}), "look at role " + std::to_string(oid));
    RoleState out;
    out.oid = TRY(number(row, 0));
    out.name = text(row, 1);
    out.login = yes(row, 2);
    out.superuser = yes(row, 3);
    out.valid_until = None{};
    if (row.at(4)) out.valid_until = from_micros(TRY(number(row, 4)));
    out.sessions = TRY(number(row, 5));
    return out;
  }

  Result<std::int64_t> other_superusers(Oid oid) override {
    return number(TRY(one(others_sql, {std::to_string(oid)})), 0);
  }

  Result<> set_login(Oid oid, bool from, bool to) override {
    return change([&]() -> Result<> {
      auto const state = TRY(role(oid));
      if (state.login != from) return moved("login is " + std::string(state.login ? "on" : "off"));
      return run_built(login_sql, {std::to_string(oid), to ? "t" : "f"});
    });
  }

  Result<> set_expiry(Oid oid, Known<Instant> const& from, Known<Instant> const& to) override {
    return change([&]() -> Result<> {
      auto const state = TRY(role(oid));
      if (state.valid_until != from) return moved("VALID UNTIL is another");
      auto const* until = std::get_if<Instant>(&to);
      return run_built(expiry_sql,
                       {std::to_string(oid), until ? std::to_string(to_micros(*until)) : ""});
    });
  }

  Result<> end_sessions(Oid oid) override {
    for (int look = 0; look < looks_max; ++look) {
      auto const row = TRY(one(end_sql, {std::to_string(oid)}));
      if (TRY(number(row, 0)) == 0) return {};
    }
    return fail(Errc::timeout, "sessions of role " + std::to_string(oid) + " do not end");
  }

 private:
  static std::unexpected<Error> moved(std::string what) {
    return fail(Errc::conflict, "the role is not as it was planned on: " + std::move(what));
  }

  Result<Row> one(char const* sql, std::vector<std::string> const& args) {
    auto rows = TRY(session_->query(sql, args));
    if (rows.empty()) return fail(Errc::not_found, "no such role");
    return std::move(rows.front());
  }

  /// Runs the statement that `sql` builds.
  Result<> run_built(char const* sql, std::vector<std::string> const& args) {
    auto const statement = text(TRY(one(sql, args)), 0);
    TRY(session_->query(statement.c_str(), {}));
    return {};
  }

  template <class F>
  Result<> change(F const& body) {
    TRY(session_->query("begin", {}));
    auto done = body();
    if (!done) {
      auto const back =
          session_->query("rollback", {});  // a session that is gone rolls back itself
      return std::unexpected(back ? std::move(done).error()
                                  : std::move(done.error().during("and roll back")));
    }
    TRY_DURING(session_->query("commit", {}), "commit");
    return {};
  }

  std::unique_ptr<Session> session_;
};

}  // namespace

Result<std::unique_ptr<Admin>> connect_admin(Secret const& url, Duration timeout) {
  SessionOptions options{.read_only = false};
  if (timeout > Duration::zero())
    options.statement_timeout = std::max(std::chrono::seconds(1),
                                         std::chrono::duration_cast<std::chrono::seconds>(timeout));
  auto session = TRY(open_session(url, options));
  return std::make_unique<LibpqAdmin>(std::move(session));
}

}  // namespace reeve::pg
