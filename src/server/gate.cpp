#include "server/gate.hpp"

#include <unistd.h>

#include <charconv>

#include "crypto/random.hpp"
#include "crypto/token.hpp"
#include "pdp/actions.hpp"
#include "server/service.hpp"
#include "sql/migrate.hpp"

namespace reeve::server {
namespace {

constexpr char tables[] = R"(
create table tokens (
  id integer not null primary key,
  name text not null,
  hash text not null unique,      -- SHA-256 of the token, in hexadecimal
  role text not null,             -- one of pdp::roles
  created bigint not null, until bigint not null,
  revoked bigint                  -- null: it is not
);
)";
constexpr std::string_view id_prefix = "tok_";

Result<std::optional<Caller>> bearer(Service& service, std::string_view token) {
  auto const hash = crypto::token_hash(token);
  std::optional<Caller> out;
  auto const read = [&](sql::Row const& row) -> Result<> {
    out = Caller{"token:" + std::string(id_prefix) + row.text(0), row.text(1), row.text(2),
                 from_micros(row.integer(3))};
    return {};
  };
  auto const db = TRY(service.state().reader());
  TRY(sql::each(*db,
                "select id, role, name, created from tokens where hash = :hash and revoked is null "
                "and until > :now",
                {{":hash", hash}, {":now", to_micros(service.now())}}, read));
  return out;
}

class TokenGate final : public Gate {
 public:
  explicit TokenGate(Service& service) : service_(service) {}

  Result<Caller> caller(net::Call& call) override {
    if (auto const uid = call.peer().uid) {
      if (*uid == ::geteuid() || *uid == 0)
        return Caller{
            .id = "local:" + std::to_string(*uid), .role = "owner", .proof = proof_by_socket};
      return fail(Errc::unauthenticated, "this socket is for the server's own user");
    }
    auto const field = call.head().find("Authorization");
    constexpr std::string_view scheme = "Bearer ";
    if (!field || !field->starts_with(scheme))
      return fail(Errc::unauthenticated, "say who you are: Authorization: Bearer reeve_…");
    auto const token = std::string(field->substr(scheme.size()));
    auto found = TRY(call.blocking([&] { return bearer(service_, token); }));
    if (!found) return fail(Errc::unauthenticated, "this token is unknown, revoked or over");
    found->proof = call.peer().certificate.empty() ? proof_by_token : proof_by_certificate;
    return *std::move(found);
  }

 private:
  Service& service_;
};

Json json_of(sql::Row const& row) {
  Json out;
  out.add("id", std::string(id_prefix) + row.text(0)).add("name", row.text(1));
  out.add("role", row.text(2)).add("created", rfc3339(from_micros(row.integer(3))));
  out.add("until", rfc3339(from_micros(row.integer(4))));
  return out.add("revoked", row.is_null(5) ? Json() : Json(rfc3339(from_micros(row.integer(5)))));
}

Result<net::Response> list_tokens(Api& api, Request const& request) {
  auto const load = [&]() -> Result<Json::Array> {
    Json::Array items;
    auto const db = TRY(api.service.state().reader());
    TRY(sql::each(
        *db, "select id, name, role, created, until, revoked from tokens order by id nulls last",
        {}, [&](sql::Row const& row) -> Result<> {
          items.push_back(json_of(row));
          return {};
        }));
    return items;
  };
  auto items = TRY(request.call.blocking(load));
  return json_response(Json().add("items", std::move(items)).add("next", nullptr));
}

// Body: {"name", "role", "until": RFC 3339}.
Result<net::Response> create_token(Api& api, Request const& request) {
  auto const body = TRY(request.json());
  auto const until = TRY_DURING(parse_rfc3339(body.text_at("until")), "read until");
  auto const work = [&] {
    return make_token(api.service, body.text_at("name"), body.text_at("role"), until);
  };
  auto const made = TRY(request.call.blocking(work));
  return json_response(Json().add("id", made.id).add("token", made.secret.reveal()), 201);
}

Result<net::Response> delete_token(Api& api, Request const& request) {
  TRY(request.call.blocking([&] { return revoke_token(api.service, request.id); }));
  return json_response(Json().add("revoked", request.id));
}

constexpr Route routes_here[] = {
    {"GET", "/v1/tokens", pdp::action("token.read"), "API tokens, without their secrets",
     list_tokens},
    {"POST", "/v1/tokens", pdp::action("token.create"), "Makes a token; its secret is shown once",
     create_token, "name role until:time", "", "application/json", Route::Keeps::no},
    {"DELETE", "/v1/tokens/{id}", pdp::action("token.revoke"), "Revokes a token", delete_token},
};

}  // namespace

constinit std::span<Route const> const token_routes = routes_here;

std::unique_ptr<Gate> make_gate(Service& service) {
  return std::make_unique<TokenGate>(service);
}

Result<> create_tokens(sql::Database& state) {
  sql::Migration const steps[] = {{"API tokens", tables}};
  return sql::migrate(state, "tokens", steps);
}

Result<NewToken> make_token(Service& service, std::string const& name, std::string const& role,
                            Instant until) {
  if (!pdp::is_role(role)) {
    std::string all;
    for (auto const& each : pdp::roles) all += (all.empty() ? "" : ", ") + std::string(each.name);
    return fail(Errc::invalid, "role is one of " + all + ", not \"" + role + "\"");
  }
  auto const now = service.now();
  if (until <= now) return fail(Errc::invalid, "a token ends in the future: until");
  crypto::SystemRandom random;
  NewToken out{"", crypto::new_token(random)};
  auto const hash = crypto::token_hash(out.secret.reveal());
  auto const add = [&](sql::Database& db) -> Result<> {
    auto const id = TRY(sql::integer(db, "select coalesce(max(id), 0) + 1 from tokens", {}));
    out.id = std::string(id_prefix) + std::to_string(id);
    return sql::run(db,
                    "insert into tokens (id, name, hash, role, created, until) "
                    "values (:id, :name, :hash, :role, :now, :until)",
                    {{":id", id},
                     {":name", name},
                     {":hash", hash},
                     {":role", role},
                     {":now", to_micros(now)},
                     {":until", to_micros(until)}});
  };
  TRY(service.state().commit(add));
  return out;
}

Result<> revoke_token(Service& service, std::string_view id) {
  std::int64_t number = 0;
  auto const digits = id.starts_with(id_prefix) ? id.substr(id_prefix.size()) : "";
  auto const [end, error] = std::from_chars(digits.begin(), digits.end(), number);
  if (error != std::errc() || end != digits.end())
    return fail(Errc::invalid, "a token's id looks like tok_3");
  return service.state().commit([&](sql::Database& db) -> Result<> {
    auto const there =
        TRY(sql::integer(db, "select count(*) from tokens where id = :id", {{":id", number}}));
    if (there == 0) return fail(Errc::not_found, "there is no token " + std::string(id));
    return sql::run(db, "update tokens set revoked = :now where id = :id and revoked is null",
                    {{":id", number}, {":now", to_micros(service.now())}});
  });
}

Result<Secret> bootstrap(Service& service) {
  {
    auto const db = TRY(service.state().reader());
    if (TRY(sql::integer(*db, "select count(*) from tokens", {})) > 0) return Secret();
  }
  auto made = TRY(make_token(service, "bootstrap", "owner", service.now() + std::chrono::hours(1)));
  return std::move(made.secret);
}

}  // namespace reeve::server
