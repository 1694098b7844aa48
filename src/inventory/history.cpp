// Looks at older intervals: since when, who said so, what did it say before.

#include "inventory/history.hpp"

#include <charconv>

#include "inventory/columns.hpp"
#include "model/schema.hpp"
#include "sql/database.hpp"

namespace reeve::inventory {
namespace {

struct Wanted {
  ObjectClass object_class{};
  std::int64_t number = 0;
};

Result<Wanted> parse(std::string_view id) {
  for (std::size_t n = 0; n < object_classes; ++n) {
    auto const prefix = id_prefix(ObjectClass(n));
    if (!id.starts_with(prefix)) continue;
    Wanted out{ObjectClass(n)};
    auto const digits = id.substr(prefix.size());
    auto const [end, error] = std::from_chars(digits.begin(), digits.end(), out.number);
    if (error == std::errc() && end == digits.end()) return out;
  }
  return fail(Errc::invalid, "\"" + std::string(id) + "\" is no id of an object, like nhi_42");
}

Json shown(FieldInfo const& field, sql::Row const& row, int at) {
  if (row.is_null(at)) return nullptr;
  switch (field.type) {
    case FieldType::boolean: return row.integer(at) != 0;
    case FieldType::integer: return row.integer(at);
    case FieldType::instant: return rfc3339(from_micros(row.integer(at)));
    case FieldType::text:
    case FieldType::list:
    case FieldType::mode: return row.text(at);
  }
  return nullptr;
}

/// Field by field; absent where it was not reported.
Json fields_of(ObjectClass object_class, sql::Row const& row, int at) {
  Json out{Json::Object{}};
  for (auto const& field : fields(object_class)) {
    int const here = at++;
    constexpr std::int64_t not_reported = 0;
    if (field.known && row.integer(at++) == not_reported) continue;
    out.add(std::string(field.name), shown(field, row, here));
  }
  return out;
}

/// {"name": {"was", "is"}} of what differs; a fact that was or is not reported has no such side.
Json changes(Json const& was, Json const& is) {
  Json out{Json::Object{}};
  auto const add = [&](std::string const& key) {
    auto const *before = was.find(key), *after = is.find(key);
    if (out.find(key) || (before && after && *before == *after)) return;
    Json change{Json::Object{}};
    if (before) change.add("was", *before);
    if (after) change.add("is", *after);
    out.add(key, std::move(change));
  };
  for (auto const& member : *was.object()) add(member.key);
  for (auto const& member : *is.object()) add(member.key);
  return out;
}

std::string statement(ObjectClass object_class) {
  std::string columns;
  for (auto const& field : fields(object_class)) {
    columns += ", o." + std::string(field.name);
    if (field.known) columns += ", o." + std::string(field.name) + "_is";
  }
  return "select s.name, o.from_run, f.started, o.to_run, t.started, o.evidence" + columns +
         " from " + std::string(table(object_class)) +
         " o join sources s on s.id = o.source_id"
         " join runs f on f.id = o.from_run left join runs t on t.id = o.to_run"
         " where o.id = :id and o.from_run <= s.complete_run order by o.from_run nulls last";
}

Json time_of(sql::Row const& row, int at) {
  return row.is_null(at) ? Json() : Json(rfc3339(from_micros(row.integer(at))));
}

constexpr char members_sql[] = R"(
  select m.class, m.id, m.source_id, m.native_id, m.identity_id, s.name
    from v_cluster m join sources s on s.id = m.source_id
   where m.cluster in (select c.cluster from v_cluster c where c.class = :class and c.id = :id)
   order by m.class nulls last, m.id nulls last)";

Json member(sql::Row const& row) {
  bool const credential = row.text(0) == "credential";
  Json out;
  out.add("class", row.text(0));
  out.add("id", (credential ? "cred_" : "sgt_") + row.text(1)).add("source", row.text(5));
  out.add("native_id", row.text(3));
  return out.add("identity", row.integer(4) == 0 ? Json() : Json("nhi_" + row.text(4)));
}

}  // namespace

Result<Json::Array> history(sql::Database& db, std::string_view id) {
  auto const wanted = TRY(parse(id));
  Json::Array out;
  Json before{Json::Object{}};
  auto const read = [&](sql::Row const& row) -> Result<> {
    constexpr int first_field = 6;
    auto now = fields_of(wanted.object_class, row, first_field);
    Json version;
    version.add("source", row.text(0)).add("from_run", "run_" + row.text(1));
    version.add("from", time_of(row, 2));
    version.add("to_run", row.is_null(3) ? Json() : Json("run_" + row.text(3)));
    version.add("to", time_of(row, 4)).add("evidence", row.text(5));
    version.add("changes", changes(before, now));
    before = std::move(now);
    out.push_back(std::move(version));
    return {};
  };
  TRY(sql::each(db, statement(wanted.object_class), {{":id", wanted.number}}, read));
  if (out.empty()) return fail(Errc::not_found, "there never was a " + std::string(id));
  return out;
}

Result<Json::Array> cluster(sql::Database& db, std::string_view id) {
  auto const wanted = TRY(parse(id));
  if (wanted.object_class != ObjectClass::credential &&
      wanted.object_class != ObjectClass::sighting)
    return fail(Errc::invalid, "credentials (cred_…) and sightings (sgt_…) form clusters");
  Json::Array out;
  auto const read = [&](sql::Row const& row) -> Result<> {
    out.push_back(member(row));
    return {};
  };
  TRY(sql::each(db, members_sql, {{":class", name(wanted.object_class)}, {":id", wanted.number}},
                read));
  return out;
}

Result<RunId> run_at(sql::Database& db, Instant at) {
  auto const id =
      TRY(sql::integer(db, "select max(id) from runs where state = 'complete' and finished <= :at",
                       {{":at", to_micros(at)}}));
  return RunId{id};
}

}  // namespace reeve::inventory
