#include "report/estate.hpp"

#include <algorithm>
#include <numeric>

#include "model/id.hpp"
#include "sql/database.hpp"

namespace reeve::report {
namespace {

constexpr std::string_view quadrants[] = {"human_user", "human_driven", "multi_actor",
                                          "system_driven", "unknown"};

Quadrant* find(Estate& out, std::string const& name) {
  auto const found = std::ranges::find(out.map, name, &Quadrant::name);
  return found == out.map.end() ? &out.map.back() : &*found;
}

std::size_t severity_rank(std::string_view name) {
  auto const* found = std::ranges::find(posture::severity_names, name);
  return std::min(std::size_t(found - std::begin(posture::severity_names)), severities - 1);
}

// An identity without a profile was not judged yet: it is not placed. Groups are not to be.
Result<> read_map(sql::Database& db, Estate& out) {
  for (std::size_t n = 0; n < std::size(quadrants); ++n) out.map[n].name = quadrants[n];
  auto const cell = [&](sql::Row const& row) -> Result<> {
    auto& at = *find(out, row.text(0));
    at.identities += row.integer(1);
    at.highest_risk = std::max(at.highest_risk, row.integer(2));
    return {};
  };
  TRY(sql::each(db,
                "select coalesce(p.quadrant, 'unknown'), count(*), max(p.risk) from v_identity i "
                "left join v_profile p on p.identity_id = i.id "
                "where coalesce(p.quadrant, 'unknown') <> 'not_an_actor' group by "
                "coalesce(p.quadrant, 'unknown')",
                {}, cell));
  auto const findings = [&](sql::Row const& row) -> Result<> {
    find(out, row.text(0))->findings[severity_rank(row.text(1))] += row.integer(2);
    return {};
  };
  return sql::each(db,
                   "select coalesce(p.quadrant, 'unknown'), f.severity, count(*) from v_finding f "
                   "left join v_profile p on p.identity_id = f.identity_id "
                   "where f.state = 'open' group by coalesce(p.quadrant, 'unknown'), f.severity",
                   {}, findings);
}

Result<> read_rules(sql::Database& db, Estate& out) {
  auto const read = [&](sql::Row const& row) -> Result<> {
    out.rules.push_back({row.text(0), row.text(1), row.integer(2)});
    return {};
  };
  TRY(sql::each(db,
                "select rule, min(title), count(*) from v_finding where state = 'open' "
                "group by rule order by 3 desc nulls last, rule nulls last",
                {}, read));
  out.accepted =
      TRY(sql::integer(db, "select count(*) from v_finding where state = 'accepted'", {}));
  return {};
}

Result<> read_worst(sql::Database& db, Estate& out) {
  auto const read = [&](sql::Row const& row) -> Result<> {
    Finding one{.id = std::string(FindingKind::prefix) + row.text(0),
                .rule = row.text(1),
                .title = row.text(2),
                .severity = row.text(3),
                .reason = row.text(4),
                .subject = row.text(5),
                .identity = row.text(6),
                .source = row.text(7),
                .risk_parts = row.text(8),
                .risk = row.integer(9)};
    if (one.identity.empty()) one.identity = "nobody known";
    out.worst.push_back(std::move(one));
    return {};
  };
  return sql::each(db,
                   "select f.id, f.rule, f.title, f.severity, f.reason, f.subject_class, i.name, "
                   "f.source, f.risk_parts, f.risk from v_finding f "
                   "left join v_identity i on i.id = f.identity_id where f.state = 'open' "
                   "order by f.risk desc nulls last, f.id desc nulls last limit 20",
                   {}, read);
}

/// Edges of a histogram over a time, before or after now; a value before the first edge is in the
/// first bucket. Facts that are none or not reported have buckets of their own: silence is no age.
struct Edge {
  std::string_view label;
  int days;  ///< The bucket holds what is at most that far from now.
};
struct Histogram {
  std::string_view column;
  bool ahead;  ///< The times lie ahead of now (an expiry), else behind it.
  std::vector<Edge> edges;
  std::string_view beyond, none;
};

std::string cases(Histogram const& h) {
  std::string const column(h.column);
  std::string out = "select bucket, count(*) from (select case when " + column +
                    "_is = 'not_reported' then 'n' when " + column + "_is = 'none' then 'z'";
  for (std::size_t n = 0; n < h.edges.size(); ++n)
    out += " when " + column + (h.ahead ? " <= :e" : " >= :e") + std::to_string(n) + " then '" +
           std::to_string(n) + "'";
  return out + " else 'b' end as bucket from v_credential) x group by bucket";
}

Result<std::vector<Bucket>> histogram(sql::Database& db, Instant now, Histogram const& h) {
  std::vector<Bucket> out;
  std::vector<std::string> names;
  std::vector<sql::Param> params;
  names.reserve(h.edges.size());
  for (auto const& edge : h.edges) {
    out.push_back({std::string(edge.label)});
    auto const& name = names.emplace_back(":e" + std::to_string(names.size()));
    auto const at = h.ahead ? now + Days(edge.days) : now - Days(edge.days);
    params.push_back({name, to_micros(at)});
  }
  out.push_back({std::string(h.beyond)});
  out.push_back({std::string(h.none)});
  out.push_back({"not reported"});
  auto const read = [&](sql::Row const& row) -> Result<> {
    auto const key = row.text(0);
    auto const at = key == "n"   ? out.size() - 1
                    : key == "z" ? out.size() - 2
                    : key == "b" ? out.size() - 3
                                 : std::size_t(key[0] - '0');
    out[at].count = row.integer(1);
    return {};
  };
  TRY(sql::each(db, cases(h), params, read));
  return out;
}

Result<> read_credentials(sql::Database& db, Instant now, Estate& out) {
  out.age = TRY(histogram(
      db, now,
      {.column = "created",
       .ahead = false,
       .edges =
           {{"30 days", 30}, {"90 days", 90}, {"1 year", 365}, {"2 years", 730}, {"5 years", 1826}},
       .beyond = "older",
       .none = "none"}));
  out.expiry = TRY(histogram(
      db, now,
      {.column = "expires",
       .ahead = true,
       .edges = {{"expired", 0}, {"7 days", 7}, {"30 days", 30}, {"90 days", 90}, {"1 year", 365}},
       .beyond = "later",
       .none = "never"}));
  out.last_use =
      TRY(histogram(db, now,
                    {.column = "last_used",
                     .ahead = false,
                     .edges = {{"1 day", 1}, {"7 days", 7}, {"30 days", 30}, {"90 days", 90}},
                     .beyond = "longer ago",
                     .none = "never"}));
  return {};
}

Result<> read_sources(sql::Database& db, Estate& out) {
  auto const read = [&](sql::Row const& row) -> Result<> {
    out.sources.push_back({row.text(0), row.text(1),
                           row.is_null(2) ? "" : rfc3339(from_micros(row.integer(2))),
                           row.text(3)});
    return {};
  };
  return sql::each(db,
                   "select s.name, s.kind, r.finished, l.error from sources s "
                   "left join v_run r on r.id = s.complete_run "
                   "left join v_run l on l.state = 'abandoned' and l.id = "
                   "(select max(m.id) from runs m where m.source_id = s.id) "
                   "order by s.name nulls last",
                   {}, read);
}

Result<> read_coverage(sql::Database& db, Estate& out) {
  auto const read = [&](sql::Row const& row) -> Result<> {
    out.coverage.push_back({row.text(0), row.text(1), row.text(2), row.text(3), row.text(4),
                            row.text(5), row.integer(6)});
    return {};
  };
  return sql::each(db,
                   "select c.source, c.class, c.state, c.missing, c.reason, c.fix, "
                   "coalesce((select sum(u.verdicts) from v_unknown u "
                   "where u.source_id = c.source_id and u.class = c.class), 0) from v_coverage c "
                   "order by 7 desc nulls last, c.source nulls last, c.class nulls last",
                   {}, read);
}

Result<> read_owners(sql::Database& db, Estate& out) {
  auto& o = out.owners;
  constexpr char decided[] =
      "select count(*) from (select distinct o.identity_id from v_owner o "
      "join v_identity i on i.id = o.identity_id where o.state in ('accepted', 'assigned')) x";
  constexpr char any[] =
      "select count(*) from (select distinct o.identity_id from v_owner o "
      "join v_identity i on i.id = o.identity_id) x";
  o.decided = TRY(sql::integer(db, decided, {}));
  auto const owned = TRY(sql::integer(db, any, {}));
  o.proposed = owned - o.decided;
  o.nobody = out.identities() - owned;
  auto const read = [&](sql::Row const& row) -> Result<> {
    o.most.push_back({row.text(0), row.integer(1), row.integer(2) != 0});
    return {};
  };
  return sql::each(
      db,
      "select o.person, count(*), max(case when o.active_is = 'value' and o.active = 0 then 1 "
      "when o.left_at_is = 'value' then 1 else 0 end) from v_owner o "
      "join v_identity i on i.id = o.identity_id group by o.person_id, o.person "
      "order by 2 desc nulls last, o.person nulls last limit 15",
      {}, read);
}

}  // namespace

BySeverity Estate::by_severity() const {
  BySeverity out{};
  for (auto const& cell : map)
    for (std::size_t n = 0; n < out.size(); ++n) out[n] += cell.findings[n];
  return out;
}

std::int64_t Estate::identities() const {
  std::int64_t out = 0;
  for (auto const& cell : map) out += cell.identities;
  return out;
}

std::int64_t Estate::open() const {
  auto const all = by_severity();
  return std::accumulate(all.begin(), all.end(), std::int64_t{0});
}

Result<Estate> read_estate(sql::Database& db, Instant now) {
  auto const snapshot = TRY(sql::Transaction::begin(db, sql::Access::read));
  Estate out;
  TRY_DURING(read_map(db, out), "read the map");
  TRY_DURING(read_rules(db, out), "count findings");
  TRY_DURING(read_worst(db, out), "read the worst findings");
  TRY_DURING(read_credentials(db, now, out), "count credentials");
  TRY_DURING(read_sources(db, out), "read sources");
  TRY_DURING(read_coverage(db, out), "read coverage");
  TRY_DURING(read_owners(db, out), "read owners");
  return out;
}

}  // namespace reeve::report
