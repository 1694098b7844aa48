// Whom a change would hurt, from what was seen. It is a lower bound: `since` and `reason` say how
// far back and how completely somebody looked, and a use that no log keeps is not in it.

#include "remedy/impact.hpp"

#include <vector>

#include "base/time.hpp"
#include "sql/database.hpp"

namespace reeve::remedy {
namespace {

constexpr std::int64_t shown_max = 200;

constexpr char consumers_sql[] = R"(select kind, name, how from v_consumer
  where (identity_id = :identity and :identity <> 0)
     or (source_id = :source and native_id = :consumer and :consumer <> '')
  order by name nulls last, id nulls last limit :max)";
constexpr char places_sql[] = R"(select mode, place, evidence from v_sighting
  where fingerprint = :fingerprint and :fingerprint <> ''
  order by place nulls last, id nulls last limit :max)";
constexpr char usage_sql[] = R"(select u.action, u.network_is, u.network, u.client, u.last,
    u.count_is, u.count, coalesce(c.name, u.consumer) as consumer
  from v_usage u
  left join v_consumer c on c.source_id = u.source_id and c.native_id = u.consumer and u.consumer <> ''
 where u.source_id = :source
   and ((:credential <> '' and u.credential = :credential)
     or (:credential = '' and u.identity_id = :identity))
 order by u.last desc nulls last, u.id nulls last)";
constexpr char coverage_sql[] =
    R"(select state, reason, window_start_is, window_start from v_coverage
  where source_id = :source and class = 'usage')";

std::vector<sql::Param> params(Target const& t) {
  return {{":source", t.source_id},      {":identity", t.identity_id},
          {":credential", t.credential}, {":fingerprint", t.fingerprint},
          {":consumer", t.consumer},     {":max", shown_max}};
}

struct Seen {
  std::int64_t count = 0;
  Json::Array uses;
};

Json use(sql::Row const& row, std::string const& network) {
  return Json()
      .add("action", row.text(0))
      .add("network", network)
      .add("client", row.text(3))
      .add("consumer", row.text(7))
      .add("last", rfc3339(from_micros(row.integer(4))))
      .add("count", row.text(5) == "value" ? row.integer(6) : 1);
}

/// How far back, and how well, uses were looked for.
Result<> add_window(sql::Database& inventory, Target const& target, Json& out) {
  std::string reason = "nobody looked for uses at this source", since;
  bool known = false;
  auto const read = [&](sql::Row const& row) -> Result<> {
    known = row.text(0) != "unsupported";
    reason = row.text(0) == "complete" ? "" : row.text(1);
    if (row.text(2) == "value") since = rfc3339(from_micros(row.integer(3)));
    return {};
  };
  TRY(sql::each(inventory, coverage_sql, params(target), read));
  out.add("known", known);
  out.add("since", since.empty() ? Json() : Json(since));
  out.add("reason", reason);
  return {};
}

}  // namespace

Result<Json> uses_now(sql::Database& inventory, Target const& target) {
  Json::Array out;
  auto const all = params(target);
  auto const consumer = [&](sql::Row const& row) -> Result<> {
    out.push_back(
        Json().add("what", row.text(0)).add("name", row.text(1)).add("detail", row.text(2)));
    return {};
  };
  auto const place = [&](sql::Row const& row) -> Result<> {
    out.push_back(Json()
                      .add("what", "the secret, " + row.text(0))
                      .add("name", row.text(1))
                      .add("detail", row.text(2)));
    return {};
  };
  // Where the secret itself lies says more than who else acts as the identity.
  TRY(sql::each(inventory, places_sql, all, place));
  TRY(sql::each(inventory, consumers_sql, all, consumer));
  return Json(std::move(out));
}

Result<Json> would_have_failed(sql::Database& inventory, Target const& target,
                               GoesOn const& goes_on) {
  Seen seen;
  auto const read = [&](sql::Row const& row) -> Result<> {
    auto const network = row.text(1) == "value" ? row.text(2) : "";
    if (goes_on(network)) return {};
    seen.count += row.text(5) == "value" ? row.integer(6) : 1;
    if (std::int64_t(seen.uses.size()) < shown_max) seen.uses.push_back(use(row, network));
    return {};
  };
  TRY(sql::each(inventory, usage_sql, params(target), read));
  Json out;
  TRY(add_window(inventory, target, out));
  out.add("count", seen.count).add("uses", Json(std::move(seen.uses)));
  return out;
}

Result<std::vector<std::string>> networks_seen(sql::Database& inventory, Target const& target) {
  std::vector<std::string> out;
  auto const read = [&](sql::Row const& row) -> Result<> {
    out.push_back(row.text(0));
    return {};
  };
  TRY(sql::each(inventory, R"(select distinct coalesce(network, '') as network from v_usage
      where source_id = :source and credential = :credential and :credential <> ''
      order by network nulls last)",
                params(target), read));
  return out;
}

}  // namespace reeve::remedy
