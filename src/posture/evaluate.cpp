#include "posture/evaluate.hpp"

#include "posture/exposures.hpp"
#include "posture/findings.hpp"
#include "posture/holders.hpp"
#include "posture/owners.hpp"
#include "posture/people.hpp"
#include "posture/profiles.hpp"
#include "sql/database.hpp"

namespace reeve::posture {
namespace {

Result<std::int64_t> number(sql::Database& db, std::string_view sql, Instant now) {
  return sql::integer(db, sql, {{":now", to_micros(now)}});
}

Result<Summary> summary(sql::Database& db, std::int64_t identities, Instant now) {
  Summary out{.identities = identities};
  out.open = TRY(number(db, "select count(*) from findings where state = 'open'", now));
  out.accepted = TRY(number(db, "select count(*) from findings where state = 'accepted'", now));
  out.opened = TRY(number(db, "select count(*) from findings where opened = :now", now));
  out.resolved = TRY(number(db, "select count(*) from findings where closed = :now", now));
  out.unknown = TRY(number(db, "select coalesce(sum(unknown), 0) from verdicts", now));
  return out;
}

/// Else SQLite guesses that there are many more conclusions than identities, and prepares for that
/// with each page of a list. A small inventory needs no figures.
Result<> count_for_planner(sql::Database& db, std::int64_t identities, std::string_view script) {
  constexpr std::int64_t few = 10'000;
  return identities < few ? Result<>{} : db.execute(script);
}

}  // namespace

// The order matters: profiles and owners read holders, rules read all of them, risk reads findings.
Result<Summary> evaluate(sql::Database& db, inventory::Decisions const& decisions,
                         std::span<Rule const> rules, Instant now, Watch const& watch) {
  auto const tell = [&](std::string_view what, std::string_view rule = {}) {
    if (watch) watch({what, rule});
  };
  tell("people");
  auto const people = TRY_DURING(People::load(db), "read people");
  TRY_DURING(find_holders(db, people), "find holders");
  tell("classify");
  auto const identities = TRY_DURING(classify_all(db), "classify");
  tell("owners");
  TRY_DURING(propose_owners(db, decisions.owners), "propose owners");
  TRY(count_for_planner(db, identities, "analyze profiles; analyze owners; analyze holders"));
  auto const exposures = TRY_DURING(Exposures::load(db), "exposure");
  for (auto const& rule : rules) {
    tell("rule", rule.id);
    TRY_DURING(judge(db, rule, exposures, now), "rule " + rule.id);
  }
  TRY(retire_rules(db, rules, now));
  TRY(apply_exceptions(db, decisions.exceptions, now));
  TRY(roll_up_risk(db));
  TRY(count_for_planner(db, identities, "analyze findings"));
  return summary(db, identities, now);
}

}  // namespace reeve::posture
