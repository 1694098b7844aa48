#include "server/replay.hpp"

#include <algorithm>

#include "crypto/encode.hpp"
#include "crypto/hash.hpp"
#include "server/conditional.hpp"
#include "server/service.hpp"
#include "sql/migrate.hpp"

namespace reeve::server {
namespace {

constexpr char tables[] = R"(
create table replays (
  key_hash text not null primary key,   -- SHA-256 of caller and key
  request_hash text not null,           -- SHA-256 of method, path, query and body
  created bigint not null,
  status integer,                       -- null: no answer yet
  content_type text not null, answer text not null
);
create index replays_created on replays (created);
)";
constexpr auto kept = std::chrono::hours(24);

/// Parts of a hash, each with its length, so that none can end inside another.
std::string hash_of(std::initializer_list<std::string_view> parts) {
  crypto::Sha256 hash;
  for (auto const part : parts) hash.add(std::to_string(part.size()) + ":").add(part);
  return crypto::to_hex(crypto::bytes_of(hash.digest()));
}

Result<> check_key(Route const& route, std::string_view key) {
  constexpr std::size_t longest = 255;
  bool const printable = std::ranges::all_of(key, [](char c) { return c > ' ' && c < 0x7f; });
  if (key.empty() || key.size() > longest || !printable)
    return fail(Errc::invalid, "Idempotency-Key is 1 to 255 printable characters without blanks");
  if (route.keeps == Route::Keeps::no)
    return fail(Errc::invalid,
                "Idempotency-Key is not taken here: the answer is a secret or a stream, and is "
                "kept nowhere");
  return {};
}

struct Known {
  std::string request_hash, content_type, answer;
  std::optional<std::int64_t> status;
};

/// What stands under the key; when nothing does, it is taken. One transaction.
Result<std::optional<Known>> take(sql::Database& db, std::string const& key,
                                  std::string const& request, Instant now) {
  TRY(sql::run(db, "delete from replays where created < :end", {{":end", to_micros(now - kept)}}));
  std::optional<Known> out;
  auto const read = [&](sql::Row const& row) -> Result<> {
    out = Known{row.text(0), row.text(2), row.text(3), std::nullopt};
    if (!row.is_null(1)) out->status = row.integer(1);
    return {};
  };
  TRY(sql::each(db,
                "select request_hash, status, content_type, answer from replays "
                "where key_hash = :key",
                {{":key", key}}, read));
  if (out) return out;
  TRY(sql::run(db,
               "insert into replays (key_hash, request_hash, created, content_type, answer) "
               "values (:key, :request, :now, '', '')",
               {{":key", key}, {":request", request}, {":now", to_micros(now)}}));
  return out;
}

Result<net::Response> again(Known known, std::string const& request) {
  if (known.request_hash != request)
    return fail(Errc::invalid, "this Idempotency-Key named another request: use a new one");
  if (!known.status)
    return fail(Errc::conflict,
                "the first request of this Idempotency-Key has no answer yet: wait, or look what "
                "it did and use a new key");
  net::Response out{.status = int(*known.status),
                    .content_type = std::move(known.content_type),
                    .body = std::move(known.answer)};
  out.fields.emplace_back("Idempotency-Replayed", "true");
  return out;
}

/// The answer, or that another try may be made.
Result<> keep(sql::Database& db, std::string const& key, net::Response const& response) {
  constexpr int server_errors = 500, rate_limited = 429;
  if (response.status >= server_errors || response.status == rate_limited)
    return sql::run(db, "delete from replays where key_hash = :key", {{":key", key}});
  return sql::run(db,
                  "update replays set status = :status, content_type = :type, answer = :answer "
                  "where key_hash = :key",
                  {{":status", std::int64_t{response.status}},
                   {":type", response.content_type},
                   {":answer", response.text()},
                   {":key", key}});
}

}  // namespace

Result<> create_replays(sql::Database& state) {
  sql::Migration const steps[] = {{"answers to repeat", tables}};
  return sql::migrate(state, "replays", steps);
}

Result<net::Response> handle_once(Api& api, Route const& route, Request& request,
                                  std::string_view key) {
  TRY(check_key(route, key));
  auto const& body = request.body.emplace(TRY(request.call.body(body_bytes_max)));
  auto const& head = request.call.head();
  auto const name = hash_of({request.caller.id, key});
  auto const what = hash_of({head.method, head.path, head.query, body});
  std::optional<Known> known;
  auto const begin = [&] {
    return api.service.state().commit([&](sql::Database& db) -> Result<> {
      known = TRY(take(db, name, what, api.service.now()));
      return {};
    });
  };
  TRY(request.call.blocking(begin));
  if (known) return again(*std::move(known), what);
  auto handled = route.handle(api, request);
  auto response = handled ? *std::move(handled) : error_response(handled.error(), request.call);
  auto const end = [&] {
    return api.service.state().commit([&](sql::Database& db) { return keep(db, name, response); });
  };
  TRY(request.call.blocking(end));
  return response;
}

}  // namespace reeve::server
