// Who could use it. "ada@laptop" on a key in root's authorized_keys says that Ada holds that key,
// and that she can be root, whoever owns the account; when she leaves, it is this list that tells
// what to close. A private key seen in her home says the same of every place its public half is let
// in.
//
// One pass over the accounts, one over the labels; both only when there are people at all.

#include "posture/holders.hpp"

#include <map>
#include <set>
#include <tuple>
#include <vector>

#include "base/text.hpp"
#include "posture/people.hpp"
#include "sql/database.hpp"

namespace reeve::posture {
namespace {

using sql::Database;

struct Key {
  std::string object_class;
  std::int64_t object, person;
  auto operator<=>(Key const&) const = default;
};
using Holders = std::map<Key, std::string>;  ///< The basis.

/// Personal accounts, as identity → person.
using Accounts = std::map<std::int64_t, std::int64_t>;

Result<Accounts> personal_accounts(Database& db, People const& people, Holders& out) {
  Accounts accounts;
  auto const read = [&](sql::Row const& row) -> Result<> {
    auto const person = people.by_word(row.text(1));
    if (person == 0) return {};
    accounts[row.integer(0)] = person;
    out[{"identity", row.integer(0), person}] = "it bears this person's login";
    return {};
  };
  TRY(sql::each(db,
                "select id, name from v_identity "
                "where coalesce(declared_person, 1) = 1 and kind not in ('group', 'certificate')",
                {}, read));
  return accounts;
}

Result<> labelled(Database& db, People const& people, Accounts const& accounts, Holders& out) {
  auto const read = [&](sql::Row const& row) -> Result<> {
    auto const account = accounts.find(row.integer(1));
    if (account != accounts.end())
      out[{"credential", row.integer(0), account->second}] = "it opens this person's own account";
    if (auto const person = people.in_text(row.text(2)))
      out[{"credential", row.integer(0), person}] =
          "its label names this person: " + shortened(row.text(2), 60);
    return {};
  };
  return sql::each(db,
                   "select id, identity_id, label from v_credential "
                   "where kind <> 'certificate'",
                   {}, read);
}

/// The private half, or the value, lies at a place of the person's own account.
constexpr char lying_with[] = R"(select c.id, s.identity_id, s.place
  from v_sighting s join v_credential c on c.fingerprint = s.fingerprint
  where s.fingerprint <> '' and s.mode = 'stored' and s.identity_id > 0 and c.kind <> 'certificate')";

Result<> lying_in_homes(Database& db, Accounts const& accounts, Holders& out) {
  if (accounts.empty()) return {};
  auto const read = [&](sql::Row const& row) -> Result<> {
    auto const account = accounts.find(row.integer(1));
    if (account != accounts.end())
      out.emplace(Key{"credential", row.integer(0), account->second},
                  "it lies with this person's account: " + shortened(row.text(2), 100));
    return {};
  };
  return sql::each(db, lying_with, {}, read);
}

Result<Holders> stored(Database& db) {
  Holders out;
  auto const read = [&](sql::Row const& row) -> Result<> {
    out[{row.text(0), row.integer(1), row.integer(2)}] = row.text(3);
    return {};
  };
  TRY(sql::each(db, "select class, object_id, person_id, basis from holders", {}, read));
  return out;
}

constexpr char put_holder[] = R"(insert into holders (class, object_id, person_id, basis)
  values (:class, :object, :person, :basis)
  on conflict (class, object_id, person_id) do update set basis = :basis)";
constexpr char drop_holder[] = R"(delete from holders
  where class = :class and object_id = :object and person_id = :person)";

Result<> write(Database& db, Holders const& want, Holders& have) {
  auto transaction = TRY(sql::Transaction::begin(db));
  auto const params = [](Key const& key, std::string const& basis) {
    return std::vector<sql::Param>{{":class", key.object_class},
                                   {":object", key.object},
                                   {":person", key.person},
                                   {":basis", basis}};
  };
  for (auto const& [key, basis] : want) {
    auto const old = have.extract(key);
    if (!old || old.mapped() != basis) TRY(sql::run(db, put_holder, params(key, basis)));
  }
  for (auto const& [key, basis] : have) TRY(sql::run(db, drop_holder, params(key, basis)));
  return transaction.commit();
}

}  // namespace

Result<> find_holders(Database& inventory, People const& people) {
  Holders found;
  if (people.size() > 0) {
    auto const accounts = TRY(personal_accounts(inventory, people, found));
    TRY(labelled(inventory, people, accounts, found));
    TRY(lying_in_homes(inventory, accounts, found));
  }
  auto have = TRY(stored(inventory));
  return write(inventory, found, have);
}

}  // namespace reeve::posture
