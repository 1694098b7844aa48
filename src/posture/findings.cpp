// Findings from verdicts. A rule returns who fails and who is unknown, never who passes, so "pass"
// is concluded: in scope now, and among neither. The old findings of the rule are read first; what
// is left of them at the end has passed, left the scope, or is gone.

#include "posture/findings.hpp"

#include <map>
#include <set>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include "posture/exposures.hpp"
#include "posture/risk.hpp"
#include "posture/run.hpp"
#include "sql/database.hpp"

namespace reeve::posture {
namespace {

using sql::Database;

constexpr char old_findings[] = R"(select id, subject_id, state, stale, reason, evidence, risk,
    identity_id, title, severity from findings where rule = :rule)";
constexpr char add_finding[] = R"(insert into findings (id, rule, subject_class, subject_id,
    source_id, identity_id, title, severity, reason, evidence, state, stale, risk, risk_parts,
    opened, closed, accepted_until)
  values (:id, :rule, :class, :subject, :source, :identity, :title, :severity, :reason, :evidence,
    'open', 0, :risk, :parts, :now, null, null))";
constexpr char update_finding[] =
    R"(update findings set state = :state, stale = 0, reason = :reason,
    evidence = :evidence, risk = :risk, risk_parts = :parts, identity_id = :identity,
    title = :title, severity = :severity, opened = case when state = 'resolved' then :now
    else opened end, closed = null where id = :id)";
constexpr char mark_stale[] = "update findings set stale = 1 where id = :id";
constexpr char resolve[] = R"(update findings set state = 'resolved', stale = 0, closed = :now,
    accepted_until = null where id = :id)";
constexpr char add_verdict[] = R"(insert into verdicts (rule, source_id, in_scope, failed, unknown)
  values (:rule, :source, :in_scope, :failed, :unknown))";
constexpr char add_unknown[] =
    R"(insert into unknowns (rule, source_id, class, missing, reason, fix,
    verdicts)
  values (:rule, :source, :class, :missing, :reason, :fix, :count))";
constexpr char coverage_of[] = R"(select missing, fix from v_coverage
  where source_id = :source and class = :class and state <> 'complete')";
constexpr char identity_of_credential[] = "select identity_id from v_credential where id = :id";

struct Old {
  std::int64_t id = 0, risk = 0, identity = 0;
  std::string state, reason, evidence, title, severity;
  bool stale = false;
};
using OldFindings = std::unordered_map<std::int64_t, Old>;

Result<OldFindings> old_of(Database& db, Rule const& rule) {
  OldFindings out;
  auto const read = [&](sql::Row const& row) -> Result<> {
    out[row.integer(1)] = {.id = row.integer(0),
                           .risk = row.integer(6),
                           .identity = row.integer(7),
                           .state = row.text(2),
                           .reason = row.text(4),
                           .evidence = row.text(5),
                           .title = row.text(8),
                           .severity = row.text(9),
                           .stale = row.integer(3) == 1};
    return {};
  };
  TRY(sql::each(db, old_findings, {{":rule", rule.id}}, read));
  return out;
}

std::string lines(Answer const& answer) {
  std::string out;
  for (auto const& [key, value] : answer.evidence)
    out += (out.empty() ? "" : "\n") + key + "=" + value;
  return out;
}

struct UnknownKey {
  std::int64_t source;
  std::string needs, reason, fix;
  auto operator<=>(UnknownKey const&) const = default;
};

/// An answer that fails, in few bytes: of a large estate a million may fail one rule.
struct Fail {
  std::int64_t subject, source, identity;
  std::string reason, evidence;
};

/// One pass over a rule's answers; failures are kept, unknowns counted.
struct Answers {
  std::vector<Fail> fails;
  std::map<UnknownKey, std::int64_t> unknowns;
  std::set<std::int64_t> stale;  ///< Subjects with a finding whose verdict is now unknown.
  Scope scope;
};

Result<Answers> ask(Database& db, Rule const& rule, OldFindings const& old, Instant now) {
  Answers out;
  auto const sink = [&](Answer answer) -> Result<> {
    if (answer.verdict == Verdict::fail) {
      out.fails.push_back({answer.subject, answer.source, answer.identity, std::move(answer.reason),
                           lines(answer)});
      return {};
    }
    if (answer.needs.empty() && !rule.needs.empty()) answer.needs = name(rule.needs.back());
    ++out.unknowns[{answer.source, answer.needs, answer.reason, answer.fix}];
    if (old.contains(answer.subject)) out.stale.insert(answer.subject);
    return {};
  };
  out.scope = TRY(run_rule(db, rule, now, sink));
  return out;
}

class Judge {
 public:
  Judge(Database& db, Rule const& rule, Exposures const& exposures, Instant now)
      : db_(db), rule_(rule), exposures_(exposures), now_(now) {}

  Result<> run() {
    old_ = TRY(old_of(db_, rule_));
    auto const answers = TRY(ask(db_, rule_, old_, now_));
    auto const in_scope = TRY(those_in_scope(answers));
    next_ = TRY(sql::integer(db_, "select max(id) from findings", {})) + 1;
    auto transaction = TRY(sql::Transaction::begin(db_));
    for (auto const& answer : answers.fails) TRY(keep(answer));
    TRY(leftovers(answers, {in_scope.begin(), in_scope.end()}));
    TRY(count(answers));
    return transaction.commit();
  }

 private:
  /// The scope is read again only when an old finding has passed or might have left it.
  Result<std::vector<std::int64_t>> those_in_scope(Answers const& answers) {
    std::unordered_set<std::int64_t> failed;
    for (auto const& answer : answers.fails) failed.insert(answer.subject);
    for (auto const& [subject, was] : old_)
      if (was.state != "resolved" && !failed.contains(subject) && !answers.stale.contains(subject))
        return still_in_scope(db_, rule_, now_);
    return std::vector<std::int64_t>();
  }

  /// A rule that answers twice for one subject is heard once.
  Result<> keep(Fail const& answer) {
    if (!kept_.insert(answer.subject).second) return {};
    auto identity = answer.identity;
    if (identity == 0 && rule_.subject == ObjectClass::credential)
      identity = TRY(sql::integer(db_, identity_of_credential, {{":id", answer.subject}}));
    auto const weighed =
        risk(rule_.severity, exposures_.of(rule_.subject, answer.subject, identity));
    auto const& evidence = answer.evidence;
    std::vector<sql::Param> params{{":rule", rule_.id},
                                   {":class", name(rule_.subject)},
                                   {":subject", answer.subject},
                                   {":source", answer.source},
                                   {":identity", identity},
                                   {":title", rule_.title},
                                   {":severity", name(rule_.severity)},
                                   {":reason", answer.reason},
                                   {":evidence", evidence},
                                   {":risk", weighed.value},
                                   {":parts", weighed.parts},
                                   {":now", to_micros(now_)}};
    auto const found = old_.extract(answer.subject);
    if (!found) {
      params.push_back({":id", next_++});
      return sql::run(db_, add_finding, params);
    }
    auto const& was = found.mapped();
    bool const closed = was.state == "resolved";
    bool const same = !closed && !was.stale && was.reason == answer.reason &&
                      was.evidence == evidence && was.risk == weighed.value &&
                      was.identity == identity && was.title == rule_.title &&
                      was.severity == name(rule_.severity);
    if (same) return {};
    params.push_back({":id", was.id});
    params.push_back({":state", closed ? std::string_view("open") : was.state});
    return sql::run(db_, update_finding, params);
  }

  /// Old findings of subjects that did not fail.
  Result<> leftovers(Answers const& answers, std::set<std::int64_t> const& in_scope) {
    for (auto const& [subject, was] : old_) {
      if (was.state == "resolved") continue;
      bool const unknown = answers.stale.contains(subject);
      bool const passed = !unknown && in_scope.contains(subject);
      if (passed || (!unknown && TRY(gone(subject))))
        TRY(sql::run(db_, resolve, {{":id", was.id}, {":now", to_micros(now_)}}));
      else if (!was.stale)
        TRY(sql::run(db_, mark_stale, {{":id", was.id}}));
    }
    return {};
  }

  Result<bool> gone(std::int64_t subject) {
    auto const there = TRY(sql::integer(
        db_, "select count(*) from v_" + std::string(name(rule_.subject)) + " where id = :id",
        {{":id", subject}}));
    return there == 0;
  }

  Result<> count(Answers const& answers) {
    for (auto const* table : {"verdicts", "unknowns"})
      TRY(sql::run(db_, "delete from " + std::string(table) + " where rule = :rule",
                   {{":rule", rule_.id}}));
    std::map<std::int64_t, std::int64_t> failed, unknown;
    for (auto const& answer : answers.fails) ++failed[answer.source];
    for (auto const& [key, verdicts] : answers.unknowns) {
      unknown[key.source] += verdicts;
      TRY(add(key, verdicts));
    }
    for (auto const& [source, in_scope] : answers.scope)
      TRY(sql::run(db_, add_verdict,
                   {{":rule", rule_.id},
                    {":source", source},
                    {":in_scope", in_scope},
                    {":failed", failed[source]},
                    {":unknown", unknown[source]}}));
    return {};
  }

  Result<> add(UnknownKey const& key, std::int64_t verdicts) {
    std::string missing, fix;
    auto const read = [&](sql::Row const& row) -> Result<> {
      missing = row.text(0);
      fix = row.text(1);
      return {};
    };
    TRY(sql::each(db_, coverage_of, {{":source", key.source}, {":class", key.needs}}, read));
    return sql::run(db_, add_unknown,
                    {{":rule", rule_.id},
                     {":source", key.source},
                     {":class", key.needs},
                     {":missing", missing},
                     {":reason", key.reason},
                     {":fix", fix.empty() ? key.fix : fix},
                     {":count", verdicts}});
  }

  Database& db_;
  Rule const& rule_;
  Exposures const& exposures_;
  Instant now_;
  OldFindings old_;
  std::unordered_set<std::int64_t> kept_;
  std::int64_t next_ = 1;  ///< Id of the next new finding.
};

}  // namespace

Result<> judge(Database& inventory, Rule const& rule, Exposures const& exposures, Instant now) {
  return Judge(inventory, rule, exposures, now).run();
}

Result<> apply_exceptions(Database& inventory, std::span<inventory::Exception const> exceptions,
                          Instant now) {
  auto transaction = TRY(sql::Transaction::begin(inventory));
  TRY(sql::run(inventory,
               "update findings set state = 'open', accepted_until = null where state = 'accepted'",
               {}));
  for (auto const& e : exceptions) {
    if (e.until <= now) continue;
    auto const text =
        "update findings set state = 'accepted', accepted_until = :until "
        "where rule = :rule and subject_class = :class and state = 'open' "
        "and subject_id in (select o.id from v_" +
        std::string(name(e.object_class)) +
        " o where o.source = :source and o.native_id = :native_id)";
    TRY(sql::run(inventory, text,
                 {{":until", to_micros(e.until)},
                  {":rule", e.rule},
                  {":class", name(e.object_class)},
                  {":source", e.subject.source},
                  {":native_id", e.subject.native_id}}));
  }
  return transaction.commit();
}

Result<> retire_rules(Database& inventory, std::span<Rule const> rules, Instant now) {
  std::set<std::string> known, kept;
  for (auto const& rule : rules) known.insert(rule.id);
  auto const read = [&](sql::Row const& row) -> Result<> {
    kept.insert(row.text(0));
    return {};
  };
  TRY(sql::each(inventory, "select distinct rule from findings where state <> 'resolved'", {},
                read));
  TRY(sql::each(inventory, "select distinct rule from verdicts", {}, read));
  auto transaction = TRY(sql::Transaction::begin(inventory));
  for (auto const& rule : kept) {
    if (known.contains(rule)) continue;
    std::vector<sql::Param> const params{{":rule", rule}, {":now", to_micros(now)}};
    TRY(sql::run(inventory,
                 "update findings set state = 'resolved', closed = :now "
                 "where rule = :rule and state <> 'resolved'",
                 params));
    TRY(sql::run(inventory, "delete from verdicts where rule = :rule", params));
    TRY(sql::run(inventory, "delete from unknowns where rule = :rule", params));
  }
  return transaction.commit();
}

}  // namespace reeve::posture
