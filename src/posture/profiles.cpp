// From rows to traces: what was seen of each identity is counted in one pass per kind of evidence,
// in the order of identities, so a million of them need one pass and not a million look-ups.

#include "posture/profiles.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include "base/text.hpp"
#include "sql/database.hpp"

namespace reeve::posture {
namespace {

using sql::Database;

/// Of one identity, while its rows go by.
struct Seen {
  std::set<std::string> consumers, actions;
  std::set<std::int64_t> persons, key_holders, hours;
  std::int64_t interactive = 0, programmatic = 0, keys = 0, binds = 0;
  int units = 0;
};

/// Of every identity, so it is small.
struct Openings {
  std::uint32_t keys = 0;
  bool password = false, known_login = false, all_powerful = false;
};

struct AllSeen {
  std::map<std::int64_t, Seen> of;
  std::unordered_map<std::int64_t, Openings> openings;
  std::set<std::int64_t> watched, opened;  ///< Sources that show every use, every credential.
};

std::int64_t hour_of_week(std::int64_t micros) {
  constexpr std::int64_t hour = 3'600'000'000, week = 168;
  return (micros / hour % week + week) % week;
}

/// The empty text: all identities.
std::string of_identity(std::string_view sql, std::int64_t identity) {
  return std::string(sql) + (identity == 0 ? "" : " where identity_id = :id");
}

/// Programs a person sits before, by the name they tell a database.
bool sat_before(std::string_view client) {
  constexpr std::string_view names[] = {"psql",    "pgadmin",   "dbeaver", "datagrip",
                                        "postico", "tableplus", "navicat", "heidisql"};
  auto const folded = lower(client);
  return std::ranges::any_of(names, [&](auto name) { return folded.starts_with(name); });
}

/// Of getting in, not of what is done then: no breadth.
bool is_login(std::string_view action) {
  return action == "login" || action == "session" || action == "bind";
}

/// What a use says of how it is used. sudo says nothing: people and programs call it alike.
void count_use(Seen& seen, std::string_view action, std::string const& client) {
  if (action == "sudo") return;
  if (action == "bind") {
    seen.binds += 1;
  } else if (action == "login") {
    (client == "ssh publickey" ? seen.keys : seen.interactive) += 1;
  } else if (action != "session" || !client.empty()) {
    (action == "session" && sat_before(client) ? seen.interactive : seen.programmatic) += 1;
  }
}

Result<> see_usage(Database& db, std::int64_t identity, AllSeen& all) {
  auto const read = [&](sql::Row const& row) -> Result<> {
    auto& seen = all.of[row.integer(0)];
    auto const action = row.text(1), consumer = row.text(2);
    if (!is_login(action)) seen.actions.insert(action);
    if (!consumer.empty()) seen.consumers.insert(consumer);
    seen.hours.insert(hour_of_week(row.integer(3)));
    count_use(seen, action, row.text(4));
    return {};
  };
  return sql::each(
      db, of_identity("select identity_id, action, consumer, hour, client from v_usage", identity),
      {{":id", identity}}, read);
}

/// A user's own units are what she runs; the others are what the system runs as that account.
Result<> see_consumers(Database& db, std::int64_t identity, AllSeen& all) {
  auto const read = [&](sql::Row const& row) -> Result<> {
    auto& seen = all.of[row.integer(0)];
    seen.consumers.insert(row.text(1));
    if (row.text(2) == "systemd_unit" && !row.text(3).starts_with("user unit")) ++seen.units;
    return {};
  };
  return sql::each(
      db, of_identity("select identity_id, native_id, kind, how from v_consumer", identity),
      {{":id", identity}}, read);
}

/// Those who hold a credential of it; a credential that was used traces its holder.
Result<> see_holders(Database& db, std::int64_t identity, AllSeen& all) {
  auto const read = [&](sql::Row const& row) -> Result<> {
    auto& seen = all.of[row.integer(0)];
    (row.text(2) == "value" ? seen.persons : seen.key_holders).insert(row.integer(1));
    seen.key_holders.insert(row.integer(1));
    return {};
  };
  TRY(sql::each(
      db,
      of_identity("select c.identity_id, h.person_id, c.last_used_is from v_holder h join "
                  "v_credential c on h.class = 'credential' and c.id = h.object_id",
                  identity),
      {{":id", identity}}, read));
  auto const bears = [&](sql::Row const& row) -> Result<> {
    all.openings[row.integer(0)].known_login = true;
    return {};
  };
  return sql::each(db,
                   "select object_id from v_holder where class = 'identity'" +
                       std::string(identity == 0 ? "" : " and object_id = :id"),
                   {{":id", identity}}, bears);
}

/// What opens it: passwords that work, keys. A certificate is an identity of its own.
Result<> see_credentials(Database& db, std::int64_t identity, AllSeen& all) {
  auto const read = [&](sql::Row const& row) -> Result<> {
    if (row.text(1) == "certificate") return {};
    auto& openings = all.openings[row.integer(0)];
    if (row.text(1) != "password")
      ++openings.keys;
    else if (row.text(2) != "locked")
      openings.password = true;
    return {};
  };
  return sql::each(
      db, of_identity("select identity_id, kind, restrictions from v_credential", identity),
      {{":id", identity}}, read);
}

/// The first condition is that of an index.
Result<> see_powers(Database& db, std::int64_t identity, AllSeen& all) {
  auto const read = [&](sql::Row const& row) -> Result<> {
    all.openings[row.integer(0)].all_powerful = true;
    return {};
  };
  return sql::each(db,
                   "select identity_id from v_grant where actions in ('root', 'sudo', 'superuser', "
                   "'bypassrls', 'createrole') and actions in ('root', 'superuser')" +
                       std::string(identity == 0 ? "" : " and identity_id = :id"),
                   {{":id", identity}}, read);
}

/// Sources that would have shown a use, or a credential.
Result<> see_coverage(Database& db, AllSeen& all) {
  auto const read = [&](sql::Row const& row) -> Result<> {
    (row.text(1) == "usage" ? all.watched : all.opened).insert(row.integer(0));
    return {};
  };
  return sql::each(db,
                   "select source_id, class from v_coverage where state = 'complete' "
                   "and class in ('usage', 'credential')",
                   {}, read);
}

Result<AllSeen> see(Database& db, std::int64_t identity) {
  AllSeen all;
  TRY(see_usage(db, identity, all));
  TRY(see_consumers(db, identity, all));
  TRY(see_holders(db, identity, all));
  TRY(see_credentials(db, identity, all));
  TRY(see_powers(db, identity, all));
  TRY(see_coverage(db, all));
  return all;
}

/// Groups, bundles of rights, everybody: they hold grants, and nobody can act as them.
bool acts(std::string_view kind) {
  constexpr std::string_view collective[] = {"group", "group_role", "predefined_role",
                                             "pseudo_role"};
  return std::ranges::find(collective, kind) == std::end(collective);
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

/// None, where every credential is shown.
Known<bool> password(Openings const& openings, bool opened) {
  if (openings.password) return true;
  return opened ? Known<bool>(false) : NotReported{};
}

constexpr char columns[] =
    "i.id, i.name, i.declared_person, i.interactive, i.source_id, i.kind, i.note";

Traces traces(sql::Row const& row, AllSeen const& all) {
  static Seen const nothing;
  static Openings const closed;
  auto const id = row.integer(0), source = row.integer(4);
  auto const found = all.of.find(id);
  auto const& seen = found == all.of.end() ? nothing : found->second;
  auto const open = all.openings.find(id);
  auto const& openings = open == all.openings.end() ? closed : open->second;
  bool const watched = all.watched.contains(source), opened = all.opened.contains(source);
  auto const declared = told(row, 2);
  auto const* person = std::get_if<bool>(&declared);
  bool const binds_are_programs = person && !*person;
  auto const programs = seen.programmatic + (binds_are_programs ? seen.binds : 0);
  return {.acts = acts(row.text(5)),
          .declared_person = declared,
          .interactive_logins = counted(std::size_t(seen.interactive), watched),
          .programmatic_logins = counted(std::size_t(programs), watched),
          .key_logins = counted(std::size_t(seen.keys), watched),
          .persons = counted(seen.persons.size(), /*watched=*/false),
          .workloads = counted(seen.consumers.size(), watched),
          .actions = counted(seen.actions.size(), watched),
          .hours_active = counted(seen.hours.size(), watched),
          .login_possible = told(row, 3),
          .password = password(openings, opened),
          .keys = counted(openings.keys, opened),
          .key_holders = counted(seen.key_holders.size(), /*watched=*/false),
          .units = seen.units,
          .all_powerful = openings.all_powerful,
          .known_login = openings.known_login,
          .said = said_by(row.text(1), row.text(6)),
          .kind = row.text(5),
          .name = row.text(1)};
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

constexpr int first_stored = 7;  ///< Column of the stored profile, behind `columns`.
std::string all_identities() {
  return "select " + std::string(columns) +
         R"(, p.actor, p.behaviour, p.quadrant, p.actor_confidence, p.behaviour_confidence,
    p.contradicts
  from v_identity i left join profiles p on p.identity_id = i.id order by i.id nulls last)";
}

Profile stored_profile(sql::Row const& row) {
  constexpr int at = first_stored;
  return {row.text(at),
          row.text(at + 1),
          row.text(at + 2),
          int(row.integer(at + 3)),
          int(row.integer(at + 4)),
          row.integer(at + 5) == 1};
}

}  // namespace

Result<Traces> traces_of(Database& db, std::int64_t identity) {
  auto const all = TRY(see(db, identity));
  std::optional<Traces> out;
  auto const read = [&](sql::Row const& row) -> Result<> {
    out = traces(row, all);
    return {};
  };
  TRY(sql::each(db, "select " + std::string(columns) + " from v_identity i where i.id = :id",
                {{":id", identity}}, read));
  if (!out) return fail(Errc::not_found, "no such identity");
  return *out;
}

Result<std::int64_t> classify_all(Database& db) {
  auto const all = TRY(see(db, 0));
  std::vector<std::pair<std::int64_t, Profile>> changed;
  std::int64_t count = 0;
  auto const read = [&](sql::Row const& row) -> Result<> {
    ++count;
    auto const now = profile(classify(traces(row, all)));
    if (row.is_null(first_stored) || now != stored_profile(row))
      changed.emplace_back(row.integer(0), now);
    return {};
  };
  TRY(sql::each(db, all_identities(), {}, read));
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
