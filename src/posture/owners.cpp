// Owner evidence, ranked: what is declared in a comment (its fields are what tags are elsewhere),
// whose login it bears, who created it, whom CODEOWNERS names for what runs as it, of whom its
// description speaks, whose key opens it, whose login its name holds, who is in its group. Nothing
// is applied silently: a proposal carries its basis and score until somebody decides.

#include "posture/owners.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>

#include "base/text.hpp"
#include "posture/naming.hpp"
#include "posture/people.hpp"
#include "sql/database.hpp"

namespace reeve::posture {
namespace {

using sql::Database;

struct Known {
  std::int64_t id = 0;
  std::string source, native_id, name, note;
  bool declared_service = false;
};

/// What other rows than its own say.
struct Hint {
  std::int64_t person = 0;
  std::string basis;
  int score = 0;
};

/// "svc-ada", "ada_cron": the parts of a name.
std::vector<std::string> parts_of(std::string_view name) {
  std::string spaced(name);
  for (auto& c : spaced)
    if (c == '-' || c == '_' || c == '.' || c == '/') c = ' ';
  std::vector<std::string> out;
  for (auto const part : split(spaced, ' '))
    if (!part.empty()) out.emplace_back(part);
  return out;
}

/// A comment up to the line in which that field stands.
std::string_view before_field(std::string_view comment, std::string_view key) {
  auto const value = field_of(comment, key);
  if (value.empty()) return comment;
  auto const line = comment.substr(0, std::size_t(value.data() - comment.data())).rfind('\n');
  return line == comment.npos ? "" : comment.substr(0, line);
}

std::vector<Proposal> proposals(Known const& identity, People const& people,
                                std::vector<Hint> const& hints) {
  std::vector<Proposal> out;
  auto const add = [&](std::int64_t person, std::string basis, int score) {
    if (person != 0) out.push_back({person, std::move(basis), score});
  };
  auto const owner = declared_owner(identity.note), creator = field_of(identity.note, "createdBy");
  if (!owner.empty()) {
    auto const whole = people.by_word(owner);
    add(whole != 0 ? whole : people.in_text(owner),
        "its comment names an owner: " + shortened(owner, 60), 90);
  } else if (!identity.note.empty()) {
    add(people.in_text(before_field(identity.note, "createdBy")),
        "its comment speaks of this person", 60);
  }
  add(people.in_text(creator), "it was created by this person", 70);
  add(people.by_word(identity.name), "it bears this person's login",
      identity.declared_service ? 50 : 80);
  for (auto const& hint : hints) add(hint.person, hint.basis, hint.score);
  for (auto const& part : parts_of(identity.name))
    if (part != identity.name) add(people.by_word(part), "its name holds this person's login", 40);
  return out;
}

/// One proposal per person: the strongest.
std::vector<Proposal> strongest(std::vector<Proposal> all) {
  std::ranges::stable_sort(all, [](auto const& a, auto const& b) {
    return std::pair(a.person, -a.score) < std::pair(b.person, -b.score);
  });
  auto const twice = std::ranges::unique(all, {}, &Proposal::person);
  all.erase(twice.begin(), twice.end());
  return all;
}

using Hints = std::unordered_map<std::int64_t, std::vector<Hint>>;  ///< By identity.

Result<> key_holders(Database& db, Hints& out) {
  auto const read = [&](sql::Row const& row) -> Result<> {
    out[row.integer(0)].push_back({row.integer(1), "a key that opens it: " + row.text(2), 50});
    return {};
  };
  return sql::each(db,
                   "select c.identity_id, h.person_id, h.basis from v_holder h join v_credential c "
                   "on h.class = 'credential' and c.id = h.object_id",
                   {}, read);
}

/// A consumer says how we know of it, and behind "CODEOWNERS: " who answers for its code.
Result<> code_owners(Database& db, People const& people, Hints& out) {
  constexpr std::string_view mark = "CODEOWNERS: ";
  auto const read = [&](sql::Row const& row) -> Result<> {
    auto const how = row.text(1);
    auto const at = how.find(mark);
    if (at == how.npos) return {};
    auto const told = std::string_view(how).substr(at + mark.size());
    for (auto const word : split(told.substr(0, told.find(" by ")), ' '))
      if (auto const person = people.by_word(word))
        out[row.integer(0)].push_back(
            {person, "CODEOWNERS of what runs as it: " + shortened(told, 100), 70});
    return {};
  };
  return sql::each(db, "select identity_id, how from v_consumer where identity_id > 0", {}, read);
}

/// Who may be in the group of an account's own name ("svc:x:500:ada") works with that account.
Result<> groups(Database& db, Hints& out) {
  std::unordered_map<std::int64_t, std::int64_t> persons;
  auto const bears = [&](sql::Row const& row) -> Result<> {
    persons[row.integer(0)] = row.integer(1);
    return {};
  };
  TRY(sql::each(db, "select object_id, person_id from v_holder where class = 'identity'", {},
                bears));
  if (persons.empty()) return {};
  std::map<std::pair<std::int64_t, std::string>, std::int64_t> accounts;
  auto const account = [&](sql::Row const& row) -> Result<> {
    if (!persons.contains(row.integer(1)))
      accounts[{row.integer(0), "group:" + row.text(2)}] = row.integer(1);
    return {};
  };
  TRY(sql::each(db, "select source_id, id, name from v_identity where kind = 'account'", {},
                account));
  if (accounts.empty()) return {};
  auto const member = [&](sql::Row const& row) -> Result<> {
    auto const person = persons.find(row.integer(1));
    auto const of = accounts.find({row.integer(0), row.text(2)});
    if (person != persons.end() && of != accounts.end())
      out[of->second].push_back({person->second, "this person is in its group", 30});
    return {};
  };
  return sql::each(db,
                   "select source_id, identity_id, resource from v_grant where actions = 'member'",
                   {}, member);
}

Result<Hints> hints_of(Database& db, People const& people) {
  Hints out;
  TRY(key_holders(db, out));
  if (people.size() == 0) return out;
  TRY(code_owners(db, people, out));
  TRY(groups(db, out));
  return out;
}

struct OwnerKey {
  std::int64_t identity, person;
  std::string role;
  auto operator<=>(OwnerKey const&) const = default;
};
struct OwnerRow {
  std::int64_t id = 0;
  std::string basis, state;
  std::int64_t score = 0;
};
using OwnerRows = std::map<OwnerKey, OwnerRow>;

Result<OwnerRows> stored(Database& db) {
  OwnerRows out;
  auto const read = [&](sql::Row const& row) -> Result<> {
    out[{row.integer(1), row.integer(2), row.text(3)}] = {row.integer(0), row.text(4), row.text(6),
                                                          row.integer(5)};
    return {};
  };
  TRY(sql::each(db, "select id, identity_id, person_id, role, basis, score, state from owners", {},
                read));
  return out;
}

using Natives = std::map<std::pair<std::string, std::string>, std::int64_t>;

Result<OwnerRows> proposed(Database& db, People const& people, Natives& wanted) {
  OwnerRows out;
  auto const hints = TRY(hints_of(db, people));
  std::vector<Hint> const nobody;
  auto const read = [&](sql::Row const& row) -> Result<> {
    Known const identity{.id = row.integer(0),
                         .source = row.text(1),
                         .native_id = row.text(2),
                         .name = row.text(3),
                         .note = row.text(4),
                         .declared_service = !row.is_null(5) && row.integer(5) == 0};
    if (auto const it = wanted.find({identity.source, identity.native_id}); it != wanted.end())
      it->second = identity.id;
    auto const own = hints.find(identity.id);
    for (auto const& p :
         strongest(proposals(identity, people, own == hints.end() ? nobody : own->second)))
      out[{identity.id, p.person, "owner"}] = {0, p.basis, "proposed", p.score};
    return {};
  };
  TRY(sql::each(db,
                "select id, source, native_id, name, note, declared_person from v_identity "
                "order by id nulls last",
                {}, read));
  return out;
}

void decide(OwnerRows& rows, std::span<inventory::OwnerDecision const> decisions,
            Natives const& identities, People const& people) {
  for (auto const& d : decisions) {
    auto const identity = identities.at({d.identity.source, d.identity.native_id});
    auto const person = people.by_native(d.person.source, d.person.native_id);
    if (identity == 0 || person == 0) continue;  // not in the inventory now; the decision stays
    auto& row = rows[{identity, person, d.role}];
    if (row.basis.empty()) row = {0, "assigned by " + d.by, d.state, 100};
    row.state = d.state;
    if (d.state != "declined") row.score = 100;
  }
}

constexpr char add_owner[] = R"(insert into owners
    (id, identity_id, person_id, role, basis, score, state)
  values (:id, :identity, :person, :role, :basis, :score, :state))";
constexpr char change_owner[] =
    "update owners set basis = :basis, score = :score, state = :state where id = :id";

Result<> write(Database& db, OwnerRows const& want, OwnerRows& have) {
  auto next = TRY(sql::integer(db, "select max(id) from owners", {})) + 1;
  for (auto const& [key, row] : want) {
    std::vector<sql::Param> params{{":identity", key.identity}, {":person", key.person},
                                   {":role", key.role},         {":basis", row.basis},
                                   {":score", row.score},       {":state", row.state}};
    auto const old = have.extract(key);
    if (!old) {
      params.push_back({":id", next++});
      TRY(sql::run(db, add_owner, params));
      continue;
    }
    auto const& was = old.mapped();
    if (was.basis == row.basis && was.score == row.score && was.state == row.state) continue;
    params.push_back({":id", was.id});
    TRY(sql::run(db, change_owner, params));
  }
  for (auto const& [key, row] : have)
    TRY(sql::run(db, "delete from owners where id = :id", {{":id", row.id}}));
  return {};
}

}  // namespace

Result<> propose_owners(Database& inventory, std::span<inventory::OwnerDecision const> decisions) {
  auto const people = TRY(People::load(inventory));
  Natives identities;
  for (auto const& d : decisions) identities[{d.identity.source, d.identity.native_id}] = 0;
  auto rows = TRY(proposed(inventory, people, identities));
  decide(rows, decisions, identities, people);
  auto have = TRY(stored(inventory));
  auto transaction = TRY(sql::Transaction::begin(inventory));
  TRY(write(inventory, rows, have));
  return transaction.commit();
}

}  // namespace reeve::posture
