#include "inventory/rows.hpp"

#include "base/text.hpp"
#include "base/time.hpp"
#include "model/id.hpp"
#include "sql/database.hpp"

namespace reeve::inventory {
namespace {

using Type = Column::Type;

Type shown(FieldType type) {
  switch (type) {
    case FieldType::text:
    case FieldType::mode: return Type::text;
    case FieldType::boolean: return Type::boolean;
    case FieldType::integer: return Type::integer;
    case FieldType::instant: return Type::instant;
    case FieldType::list: return Type::lines;
  }
  return Type::text;
}

Column plain(std::string const& name, Type type = Type::text) {
  return {.name = name, .select = "o." + name, .type = type};
}
Column id(std::string name, std::string select, std::string_view prefix) {
  return {.name = std::move(name), .select = std::move(select), .type = Type::id, .prefix = prefix};
}

/// The table of one class: id, source, native id, identity, fields, evidence.
Table objects(std::string name, ObjectClass at) {
  Table out{.name = std::move(name),
            .prefix = std::string(id_prefix(at)),
            .from = "v_" + std::string(reeve::name(at)) + " o",
            .order = "o.id"};
  out.columns = {id("id", "o.id", id_prefix(at)), plain("source"), plain("native_id")};
  if (has_identity(at))
    out.columns.push_back(id("identity", "o.identity_id", IdentityKind::prefix));
  for (auto const& field : fields(at))
    out.columns.push_back({.name = std::string(field.name),
                           .select = "o." + std::string(field.name),
                           .type = shown(field.type),
                           .known = field.known});
  out.columns.push_back(plain("evidence"));
  return out;
}

Table identities() {
  auto out = objects("identities", ObjectClass::identity);
  out.from += " left join v_profile p on p.identity_id = o.id";
  for (auto const* text : {"quadrant", "actor", "behaviour"})
    out.columns.push_back({.name = text, .select = "p." + std::string(text), .nullable = true});
  for (auto const* number : {"actor_confidence", "behaviour_confidence", "risk", "findings"})
    out.columns.push_back({.name = number,
                           .select = "p." + std::string(number),
                           .type = Type::integer,
                           .nullable = true});
  return out;
}

// A run that changed nothing leaves no trace in the estate and so is none of it.
Table runs() {
  return {.name = "runs",
          .prefix = "run_",
          .from =
              "v_run o join sources s on s.id = o.source_id and o.id <= s.complete_run "
              "and o.state = 'complete' and o.changes > 0",
          .order = "o.id",
          .columns = {id("id", "o.id", "run_"), plain("source"), plain("started", Type::instant),
                      plain("finished", Type::instant), plain("changes", Type::integer),
                      plain("change_root")}};
}

Table sources_table() {
  return {.name = "sources",
          .prefix = "src_",
          .from = "sources o",
          .order = "o.id",
          .columns = {id("id", "o.id", "src_"), plain("name"), plain("kind")}};
}

Table coverage() {
  Table out{.name = "coverage", .from = "v_coverage o", .order = "o.source_id, o.class"};
  out.columns = {id("source_id", "o.source_id", "src_"),
                 plain("source"),
                 plain("class"),
                 plain("state"),
                 plain("missing"),
                 plain("reason"),
                 plain("fix")};
  out.columns.push_back(
      {.name = "window_start", .select = "o.window_start", .type = Type::instant, .known = true});
  return out;
}

Table owners() {
  return {.name = "owners",
          .from = "v_owner o",
          .order = "o.id",
          .columns = {id("identity", "o.identity_id", IdentityKind::prefix),
                      id("person", "o.person_id", PersonKind::prefix),
                      {.name = "person_name", .select = "o.person"},
                      plain("role"),
                      plain("basis"),
                      plain("score", Type::integer),
                      plain("state")}};
}

// subject_class decides the prefix of the subject, so it is made in SQL.
std::string subject_id() {
  std::string out = "case o.subject_class";
  for (std::size_t n = 0; n < object_classes; ++n)
    out += " when '" + std::string(object_class_names[n]) + "' then '" +
           std::string(id_prefix(ObjectClass(n))) + "'";
  return out + " end || cast(o.subject_id as text)";
}

Table findings() {
  return {.name = "findings",
          .prefix = "fnd_",
          .from = "v_finding o",
          .order = "o.id",
          .columns = {id("id", "o.id", FindingKind::prefix),
                      plain("rule"),
                      {.name = "subject", .select = subject_id()},
                      plain("source"),
                      id("identity", "o.identity_id", IdentityKind::prefix),
                      plain("title"),
                      plain("severity"),
                      plain("reason"),
                      plain("evidence", Type::lines),
                      plain("state"),
                      plain("stale", Type::boolean),
                      plain("risk", Type::integer),
                      plain("risk_parts"),
                      plain("opened", Type::instant),
                      plain("closed", Type::instant),
                      plain("accepted_until", Type::instant)}};
}

Json lines(std::string const& text) {
  Json::Array out;
  if (!text.empty())
    for (auto const line : split(text, '\n')) out.emplace_back(line);
  return out;
}

Json value(Column const& column, sql::Row const& row, int at) {
  if (row.is_null(at)) return nullptr;
  switch (column.type) {
    case Type::text:
    case Type::list: return row.text(at);
    case Type::boolean: return row.integer(at) != 0;
    case Type::integer: return row.integer(at);
    case Type::instant: return rfc3339(from_micros(row.integer(at)));
    case Type::lines: return lines(row.text(at));
    case Type::id:
      if (row.integer(at) == 0) return nullptr;
      return std::string(column.prefix) + std::to_string(row.integer(at));
  }
  return nullptr;
}

}  // namespace

std::vector<Table> const& tables() {
  static std::vector<Table> const all{runs(),
                                      sources_table(),
                                      coverage(),
                                      objects("persons", ObjectClass::person),
                                      objects("resources", ObjectClass::resource),
                                      identities(),
                                      objects("credentials", ObjectClass::credential),
                                      objects("sightings", ObjectClass::sighting),
                                      objects("consumers", ObjectClass::consumer),
                                      objects("usage", ObjectClass::usage),
                                      objects("grants", ObjectClass::grant),
                                      owners(),
                                      findings()};
  return all;
}

Result<Table const*> table(std::string_view name) {
  std::string choices;
  for (auto const& each : tables()) {
    if (each.name == name) return &each;
    choices += (choices.empty() ? "" : ", ") + each.name;
  }
  return fail(Errc::not_found,
              "there is no table \"" + std::string(name) + "\"; one of: " + choices);
}

std::string select_list(Table const& table) {
  std::string out = "select ";
  for (auto const& column : table.columns) {
    if (&column != &table.columns.front()) out += ", ";
    out += column.select;
    if (column.known) out += ", " + column.select + "_is";
  }
  return out;
}

Json object(Table const& table, sql::Row const& row, int at) {
  Json out{Json::Object{}};
  for (auto const& column : table.columns) {
    int const here = at++;
    if (column.known && row.text(at++) == "not_reported") continue;
    out.add(column.name, value(column, row, here));
  }
  return out;
}

}  // namespace reeve::inventory
