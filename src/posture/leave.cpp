// What breaks tonight, what she could still use, what she has read, what to do first.
//
// The order of work is the point. Keys that let her into accounts of others go first: nothing of
// ours rests on them. Her own accounts come after what runs under them was moved, or the night's
// jobs die with them. Secrets she could read are rotated last, when nothing gives her the new
// value.

#include "posture/leave.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sql/database.hpp"

namespace reeve::posture {
namespace {

using sql::Database;

/// Everybody whom a mail address joins with the person.
constexpr std::string_view same_person = R"(with her as (
    select id from v_person where id = :person
    union select q.id from v_person p join v_person q on q.email = p.email where p.id = :person),
  own as (select object_id as id from v_holder where class = 'identity' and person_id in (select id from her)),
  keys as (select object_id as id from v_holder where class = 'credential' and person_id in (select id from her))
)";

// Columns of each: id, source, name, why, opens, risk.
constexpr std::string_view breaks_sql = R"(select w.id, w.source, w.name,
    'it runs as her account ' || i.name || ': ' || w.how, '', coalesce(p.risk, 0)
  from own join v_identity i on i.id = own.id join v_consumer w on w.identity_id = i.id
  left join v_profile p on p.identity_id = i.id
  union
  select w.id, w.source, w.name, 'it uses a credential that she holds, at ' || s.place, '', coalesce(p.risk, 0)
  from keys join v_credential c on c.id = keys.id join v_sighting s on s.fingerprint = c.fingerprint
  join v_consumer w on w.source_id = s.source_id and w.native_id = s.consumer
  left join v_profile p on p.identity_id = c.identity_id
  where s.fingerprint <> ''
  order by 6 desc nulls last, 1 nulls last limit :most)";
constexpr std::string_view orphaned_sql = R"(select i.id, i.source, i.name,
    case o.state when 'proposed' then 'she is proposed as its owner: ' || o.basis else 'she answers for it, nobody else does' end,
    '', coalesce(p.risk, 0)
  from v_owner o join v_identity i on i.id = o.identity_id
  left join v_profile p on p.identity_id = i.id
  where o.person_id in (select id from her) and o.role = 'owner'
    and (o.state <> 'proposed' or o.score >= 60)
    and i.id not in (select id from own)
    and not exists (select 1 from v_owner x where x.identity_id = o.identity_id and x.role = 'owner'
                     and x.state <> 'proposed' and x.person_id not in (select id from her))
  order by 6 desc nulls last, 1 nulls last limit :most)";
constexpr std::string_view accounts_sql =
    R"(select i.id, i.source, i.name, h.basis, '', coalesce(p.risk, 0)
  from v_holder h join v_identity i on i.id = h.object_id
  left join v_profile p on p.identity_id = i.id
  where h.class = 'identity' and h.person_id in (select id from her) and coalesce(i.enabled, 1) = 1
  order by 6 desc nulls last, 1 nulls last limit :most)";
constexpr std::string_view keys_sql =
    R"(select c.id, c.source, c.kind || ' ' || coalesce(c.label, c.native_id), h.basis,
    coalesce(i.name, ''), coalesce(p.risk, 0)
  from v_holder h join v_credential c on c.id = h.object_id
  left join v_identity i on i.id = c.identity_id
  left join v_profile p on p.identity_id = c.identity_id
  where h.class = 'credential' and h.person_id in (select id from her)
    and c.identity_id not in (select id from own)
    and (c.expires is null or c.expires > :now) and coalesce(i.enabled, 1) = 1
  order by 6 desc nulls last, 1 nulls last limit :most)";
constexpr std::string_view read_sql = R"(select s.id, s.source, s.kind,
    case when s.identity_id in (select id from own) then 'it lies with her account, at ' || s.place
         else 'everybody can read it where she has an account, at ' || s.place end, '', coalesce(p.risk, 0)
  from v_sighting s left join v_profile p on p.identity_id = s.identity_id
  where s.mode = 'stored' and s.kind <> 'certificate'
    and (s.identity_id in (select id from own)
         or (s.exposure = 'others' and s.source_id in (select i.source_id from own join v_identity i on i.id = own.id)))
  order by 6 desc nulls last, 1 nulls last limit :most)";

Result<std::vector<Touched>> listed(Database& db, ObjectClass at, std::string_view sql,
                                    std::int64_t person, Instant now) {
  std::vector<Touched> out;
  auto const read = [&](sql::Row const& row) -> Result<> {
    out.push_back(
        {at, row.integer(0), row.text(1), row.text(2), row.text(3), row.text(4), row.integer(5)});
    return {};
  };
  TRY(sql::each(db, std::string(same_person) + std::string(sql),
                {{":person", person}, {":now", to_micros(now)}, {":most", leave_items_max}}, read));
  return out;
}

std::string count(std::size_t number, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", number, number == 1 ? one : many);
}

std::vector<std::string> steps(Leave const& leave) {
  std::vector<std::string> out;
  auto const keys =
      std::ranges::count(leave.can_use, ObjectClass::credential, &Touched::object_class);
  auto const accounts = std::int64_t(leave.can_use.size()) - keys;
  auto const step = [&](std::size_t number, std::string text) {
    if (number > 0) out.push_back(std::move(text));
  };
  step(std::size_t(keys), fmt::format("Remove {} of hers from accounts that are not hers.",
                                      count(std::size_t(keys), "key", "keys")));
  step(leave.breaks.size(),
       fmt::format("Move {} to identities of their own before her accounts are closed.",
                   count(leave.breaks.size(), "workload", "workloads")));
  step(std::size_t(accounts), fmt::format("Disable {} of hers, and end what is open.",
                                          count(std::size_t(accounts), "account", "accounts")));
  step(leave.orphaned.size(),
       fmt::format("Find somebody who answers for {}: reeve owner assign ID PERSON.",
                   count(leave.orphaned.size(), "identity", "identities")));
  step(leave.could_read.size(), fmt::format("Rotate {} that she could read.",
                                            count(leave.could_read.size(), "secret", "secrets")));
  return out;
}

}  // namespace

Result<Leave> leave(Database& db, std::int64_t person, Instant now) {
  Leave out{.person = person};
  bool found = false;
  auto const read = [&](sql::Row const& row) -> Result<> {
    found = true;
    out.name = row.text(0);
    return {};
  };
  TRY(sql::each(db, "select name from v_person where id = :id", {{":id", person}}, read));
  if (!found) return fail(Errc::not_found, "no such person");
  auto const all = [&](ObjectClass at, std::string_view sql) {
    return listed(db, at, sql, person, now);
  };
  out.breaks = TRY(all(ObjectClass::consumer, breaks_sql));
  out.orphaned = TRY(all(ObjectClass::identity, orphaned_sql));
  out.can_use = TRY(all(ObjectClass::credential, keys_sql));
  auto const accounts = TRY(all(ObjectClass::identity, accounts_sql));
  out.can_use.insert(out.can_use.end(), accounts.begin(), accounts.end());
  out.could_read = TRY(all(ObjectClass::sighting, read_sql));
  out.first = steps(out);
  return out;
}

}  // namespace reeve::posture
