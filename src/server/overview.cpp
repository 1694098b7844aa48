#include "server/overview.hpp"

#include <map>

#include "base/text.hpp"
#include "pdp/actions.hpp"
#include "server/api.hpp"
#include "server/service.hpp"

namespace reeve::server {
namespace {

constexpr std::string_view quadrants[] = {"human_user", "human_driven", "multi_actor",
                                          "system_driven", "unknown"};

Result<Json> map_of(sql::Database& db) {
  struct Cell {
    std::int64_t identities = 0, findings = 0, risk = 0;
  };
  std::map<std::string, Cell> cells;
  auto const read = [&](sql::Row const& row) -> Result<> {
    cells[row.text(0)] = {row.integer(1), row.integer(2), row.integer(3)};
    return {};
  };
  TRY(sql::each(db,
                "select p.quadrant, count(*), sum(p.findings), max(p.risk) from v_profile p "
                "join v_identity i on i.id = p.identity_id group by p.quadrant",
                {}, read));
  Json out{Json::Object{}};
  for (auto const name : quadrants) {
    auto const& cell = cells[std::string(name)];
    out.add(std::string(name), Json()
                                   .add("identities", cell.identities)
                                   .add("open_findings", cell.findings)
                                   .add("highest_risk", cell.risk));
  }
  return out;
}

/// The riskiest finding of each rule, the five riskiest of those: five of one kind would hide the
/// others. `more` is how many else the rule has open.
constexpr char worst_sql[] = R"(
  select f.id, f.rule, f.title, f.severity, f.reason, f.risk, f.source, coalesce(i.name, ''), r.open
    from (select rule, max(risk) as top, count(*) as open from v_finding where state = 'open'
           group by rule) r
    join v_finding f on f.id = (select min(m.id) from findings m
           where m.rule = r.rule and m.state = 'open' and m.risk = r.top)
    left join v_identity i on i.id = f.identity_id
   order by f.risk desc nulls last, f.rule nulls last limit 5)";

Result<Json::Array> worst_of(sql::Database& db) {
  Json::Array out;
  auto const read = [&](sql::Row const& row) -> Result<> {
    Json one;
    one.add("id", "fnd_" + row.text(0)).add("rule", row.text(1)).add("title", row.text(2));
    one.add("severity", row.text(3)).add("reason", row.text(4)).add("risk", row.integer(5));
    one.add("source", row.text(6)).add("identity_name", row.text(7));
    one.add("more", row.integer(8) - 1).add("command", "reeve fix fnd_" + row.text(0));
    out.push_back(std::move(one));
    return {};
  };
  TRY(sql::each(db, worst_sql, {}, read));
  return out;
}

Result<Json> findings_of(sql::Database& db) {
  Json by_severity{Json::Object{}};
  auto const read = [&](sql::Row const& row) -> Result<> {
    by_severity.add(row.text(0), row.integer(1));
    return {};
  };
  TRY(sql::each(db,
                "select severity, count(*) from v_finding where state = 'open' group by severity "
                "order by severity nulls last",
                {}, read));
  auto top = TRY(worst_of(db));
  Json out;
  out.add("open", TRY(sql::integer(db, "select count(*) from v_finding where state = 'open'", {})));
  out.add("accepted",
          TRY(sql::integer(db, "select count(*) from v_finding where state = 'accepted'", {})));
  out.add("by_severity", std::move(by_severity));
  return out.add("worst", std::move(top));
}

/// What is not complete, with the line that would change it and how many verdicts wait for it.
constexpr char unseen_sql[] = R"(
  select c.source, c.class, c.state, c.missing, c.reason, c.fix,
         coalesce((select sum(u.verdicts) from v_unknown u
                    where u.source_id = c.source_id and u.class = c.class), 0)
    from v_coverage c where c.state = 'partial'
   order by 7 desc nulls last, c.source nulls last, c.class nulls last)";
/// Sources whose last look failed.
constexpr char failed_sql[] = R"(
  select r.source, r.error from v_run r
   where r.state = 'abandoned' and r.id = (select max(l.id) from runs l where l.source_id = r.source_id)
   order by r.source nulls last)";

Result<Json> coverage_of(sql::Database& db) {
  Json::Array partial, failed;
  auto const read = [&](sql::Row const& row) -> Result<> {
    Json one;
    constexpr char const* names[] = {"source", "class", "state", "missing", "reason", "fix"};
    for (int at = 0; at < 6; ++at) one.add(names[at], row.text(at));
    partial.push_back(std::move(one.add("verdicts", row.integer(6))));
    return {};
  };
  auto const read_failed = [&](sql::Row const& row) -> Result<> {
    failed.push_back(Json().add("source", row.text(0)).add("error", row.text(1)));
    return {};
  };
  TRY(sql::each(db, unseen_sql, {}, read));
  TRY(sql::each(db, failed_sql, {}, read_failed));
  Json out;
  out.add("complete",
          TRY(sql::integer(db, "select count(*) from v_coverage where state = 'complete'", {})));
  out.add("partial", std::move(partial));
  return out.add("failed", std::move(failed));
}

Json step(std::string text, std::string command) {
  return Json().add("text", std::move(text)).add("command", std::move(command));
}

Result<Json> next_steps(sql::Database& db, Json const& findings, Json const& coverage) {
  Json::Array out;
  auto const& worst = *findings.find("worst")->array();
  if (!worst.empty())
    out.push_back(step("Look at the riskiest finding, and what its fix would do",
                       "reeve fix " + worst.front().text_at("id")));
  auto const& partial = *coverage.find("partial")->array();
  if (!partial.empty() && !partial.front().text_at("fix").empty())
    out.push_back(step("See what could not be seen", partial.front().text_at("fix")));
  auto const people = TRY(sql::integer(db, "select count(*) from v_person", {}));
  if (people == 0)
    out.push_back(step("Say who the people are, so that identities get owners",
                       "reeve source add people people --file people.csv"));
  auto const sources = TRY(sql::integer(db, "select count(*) from sources", {}));
  if (sources < 2) out.push_back(step("Add another source", "reeve source kinds"));
  out.push_back(step("Look at every identity", "reeve identity list --sort risk"));
  return Json(std::move(out));
}

Result<net::Response> get_overview(Api& api, Request const& request) {
  auto const load = [&]() -> Result<Json> {
    auto const db = TRY(api.service.inventory().reader());
    return overview(*db);
  };
  return json_response(TRY(request.call.blocking(load)));
}

constexpr Route routes_here[] = {
    {"GET", "/v1/overview", pdp::action("inventory.read"),
     "The map of identities, the worst findings, what could not be seen, what to do next",
     get_overview},
};

}  // namespace

Result<Json> overview(sql::Database& db) {
  Json out;
  out.add("map", TRY(map_of(db)));
  auto findings = TRY(findings_of(db));
  auto coverage = TRY(coverage_of(db));
  auto next = TRY(next_steps(db, findings, coverage));
  out.add("findings", std::move(findings)).add("coverage", std::move(coverage));
  return out.add("next", std::move(next));
}

constinit std::span<Route const> const overview_routes = routes_here;

}  // namespace reeve::server
