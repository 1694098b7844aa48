// From rows to traces: what was seen of each identity is counted in one pass per kind of evidence,
// in the order of identities, so a million of them need one pass and not a million look-ups.

#include "posture/profiles.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/text.hpp"
#include "sql/database.hpp"

namespace reeve::posture {
namespace {

using sql::Database;

/// Of one identity, while its rows go by.
struct Seen {
  std::set<std::string> consumers, actions;
  std::set<std::int64_t> persons, hours;
  std::int64_t interactive = 0, programmatic = 0, keys = 0;
  bool used = false;
};
using AllSeen = std::map<std::int64_t, Seen>;

std::int64_t hour_of_week(std::int64_t micros) {
  constexpr std::int64_t hour = 3'600'000'000, week = 168;
  return (micros / hour % week + week) % week;
}

/// The empty text: all identities.
std::string of_identity(std::string_view sql, std::int64_t identity) {
  return std::string(sql) + (identity == 0 ? "" : " where identity_id = :id");
}

Result<> see_usage(Database& db, std::int64_t identity, AllSeen& all) {
  auto const read = [&](sql::Row const& row) -> Result<> {
    auto& seen = all[row.integer(0)];
    auto const action = row.text(1), consumer = row.text(2);
    seen.used = true;
    seen.actions.insert(action);
    if (!consumer.empty()) seen.consumers.insert(consumer);
    seen.hours.insert(hour_of_week(row.integer(3)));
    bool const login = action == "login", key = login && row.text(4) == "ssh publickey";
    (key ? seen.keys : login ? seen.interactive : seen.programmatic) += 1;
    return {};
  };
  return sql::each(
      db, of_identity("select identity_id, action, consumer, hour, client from v_usage", identity),
      {{":id", identity}}, read);
}

Result<> see_consumers(Database& db, std::int64_t identity, AllSeen& all) {
  auto const read = [&](sql::Row const& row) -> Result<> {
    all[row.integer(0)].consumers.insert(row.text(1));
    return {};
  };
  return sql::each(db, of_identity("select identity_id, native_id from v_consumer", identity),
                   {{":id", identity}}, read);
}

/// Those who hold a credential of it.
Result<> see_holders(Database& db, std::int64_t identity, AllSeen& all) {
  auto const read = [&](sql::Row const& row) -> Result<> {
    all[row.integer(0)].persons.insert(row.integer(1));
    return {};
  };
  return sql::each(
      db,
      of_identity("select c.identity_id, h.person_id from v_holder h join v_credential "
                  "c on h.class = 'credential' and c.id = h.object_id",
                  identity),
      {{":id", identity}}, read);
}

/// Sources that would have shown a use.
Result<std::set<std::int64_t>> watched_sources(Database& db) {
  std::set<std::int64_t> out;
  auto const read = [&](sql::Row const& row) -> Result<> {
    out.insert(row.integer(0));
    return {};
  };
  TRY(sql::each(db, "select source_id from v_coverage where class = 'usage' and state = 'complete'",
                {}, read));
  return out;
}

bool shared_by_name(std::string_view name) {
  constexpr std::string_view names[] = {
      "root",   "admin",      "administrator", "postgres",  "sa",        "sysadmin", "dba",
      "shared", "breakglass", "break-glass",   "emergency", "superuser", "toor"};
  auto const folded = lower(name);
  return std::ranges::find(names, folded) != std::end(names);
}

Known<bool> told(sql::Row const& row, int at) {
  if (row.is_null(at)) return NotReported{};
  return row.integer(at) == 1;
}

/// Zero is a fact only where a use would have been noticed.
Known<int> counted(std::size_t count, bool watched) {
  if (count == 0 && !watched) return NotReported{};
  return int(count);
}

/// Row: id, name, declared_person, interactive, source_id.
Traces traces(sql::Row const& row, Seen const& seen, bool watched) {
  return {.declared_person = told(row, 2),
          .interactive_logins = counted(std::size_t(seen.interactive), watched),
          .programmatic_logins = counted(std::size_t(seen.programmatic), watched),
          .key_logins = counted(std::size_t(seen.keys), watched),
          .persons = counted(seen.persons.size(), /*watched=*/false),
          .workloads = counted(seen.consumers.size(), watched),
          .actions = counted(seen.actions.size(), watched),
          .hours_active = counted(seen.hours.size(), watched),
          .login_possible = told(row, 3),
          .shared_by_name = shared_by_name(row.text(1))};
}

struct Profile {
  std::string actor, behaviour, quadrant;
  int actor_confidence = 0, behaviour_confidence = 0;
  bool contradicts = false;
  bool operator==(Profile const&) const = default;
};

Profile profile(Scorecard const& card) {
  return {std::string(name(card.actor)), std::string(name(card.behaviour)),
          std::string(quadrant(card)),   card.actor_confidence,
          card.behaviour_confidence,     card.contradicts_declaration};
}

constexpr char put_profile[] = R"(insert into profiles (identity_id, actor, behaviour, quadrant,
    actor_confidence, behaviour_confidence, contradicts, risk, findings)
  values (:id, :actor, :behaviour, :quadrant, :actor_confidence, :behaviour_confidence,
    :contradicts, 0, 0)
  on conflict (identity_id) do update set actor = :actor, behaviour = :behaviour,
    quadrant = :quadrant, actor_confidence = :actor_confidence,
    behaviour_confidence = :behaviour_confidence, contradicts = :contradicts)";

Result<> put(Database& db, std::int64_t id, Profile const& p) {
  return sql::run(db, put_profile,
                  {{":id", id},
                   {":actor", p.actor},
                   {":behaviour", p.behaviour},
                   {":quadrant", p.quadrant},
                   {":actor_confidence", std::int64_t(p.actor_confidence)},
                   {":behaviour_confidence", std::int64_t(p.behaviour_confidence)},
                   {":contradicts", std::int64_t(p.contradicts)}});
}

constexpr char all_identities[] = R"(select i.id, i.name, i.declared_person, i.interactive,
    i.source_id, p.actor, p.behaviour, p.quadrant, p.actor_confidence, p.behaviour_confidence,
    p.contradicts
  from v_identity i left join profiles p on p.identity_id = i.id order by i.id nulls last)";

Profile stored_profile(sql::Row const& row) {
  return {row.text(5),         row.text(6),         row.text(7),
          int(row.integer(8)), int(row.integer(9)), row.integer(10) == 1};
}

}  // namespace

Result<Traces> traces_of(Database& db, std::int64_t identity) {
  AllSeen all;
  TRY(see_usage(db, identity, all));
  TRY(see_consumers(db, identity, all));
  TRY(see_holders(db, identity, all));
  auto const watched = TRY(watched_sources(db));
  std::optional<Traces> out;
  auto const read = [&](sql::Row const& row) -> Result<> {
    out = traces(row, all[identity], watched.contains(row.integer(4)));
    return {};
  };
  TRY(sql::each(db,
                "select id, name, declared_person, interactive, source_id from v_identity "
                "where id = :id",
                {{":id", identity}}, read));
  if (!out) return fail(Errc::not_found, "no such identity");
  return *out;
}

Result<std::int64_t> classify_all(Database& db) {
  AllSeen all;
  TRY(see_usage(db, 0, all));
  TRY(see_consumers(db, 0, all));
  TRY(see_holders(db, 0, all));
  auto const watched = TRY(watched_sources(db));
  std::vector<std::pair<std::int64_t, Profile>> changed;
  std::int64_t count = 0;
  Seen const nothing;
  auto const read = [&](sql::Row const& row) -> Result<> {
    ++count;
    auto const seen = all.find(row.integer(0));
    auto const now = profile(classify(
        traces(row, seen == all.end() ? nothing : seen->second, watched.contains(row.integer(4)))));
    if (row.is_null(5) || now != stored_profile(row)) changed.emplace_back(row.integer(0), now);
    return {};
  };
  TRY(sql::each(db, all_identities, {}, read));
  auto transaction = TRY(sql::Transaction::begin(db));
  for (auto const& [id, now] : changed) TRY(put(db, id, now));
  TRY(sql::run(db, "delete from profiles where identity_id not in (select id from v_identity)",
               {}));
  TRY(transaction.commit());
  return count;
}

Result<> roll_up_risk(Database& db) {
  struct Total {
    std::int64_t identity, risk, findings;
  };
  std::vector<Total> totals;
  auto const read = [&](sql::Row const& row) -> Result<> {
    totals.push_back({row.integer(0), row.integer(1), row.integer(2)});
    return {};
  };
  TRY(sql::each(db,
                "select identity_id, max(risk), count(*) from findings "
                "where state = 'open' and identity_id > 0 group by identity_id",
                {}, read));
  auto transaction = TRY(sql::Transaction::begin(db));
  TRY(sql::run(db,
               "update profiles set risk = 0, findings = 0 where findings > 0 and identity_id not "
               "in (select identity_id from findings where state = 'open')",
               {}));
  for (auto const& t : totals)
    TRY(sql::run(db,
                 "update profiles set risk = :risk, findings = :findings where identity_id = :id "
                 "and (risk <> :risk or findings <> :findings)",
                 {{":id", t.identity}, {":risk", t.risk}, {":findings", t.findings}}));
  return transaction.commit();
}

}  // namespace reeve::posture
