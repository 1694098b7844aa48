#include "inventory/decisions.hpp"

#include "base/json.hpp"
#include "inventory/state_spots_sql.hpp"
#include "inventory/state_sql.hpp"
#include "sql/database.hpp"
#include "sql/migrate.hpp"

namespace reeve::inventory {
namespace {

using sql::Database;

constexpr char put_source[] = R"(insert into source_configs (name, kind, options, created)
  values (:name, :kind, :options, :now))";
constexpr char put_spot[] = R"(insert into source_spots (name, kind, options, at)
  values (:name, :kind, :options, :now)
  on conflict (name) do update set kind = :kind, options = :options, at = :now)";
constexpr char put_owner[] =
    R"(insert into owner_decisions (source, identity, person_source, person,
    role, state, decided_by, decided)
  values (:source, :identity, :person_source, :person, :role, :state, :by, :now)
  on conflict (source, identity, person_source, person, role)
  do update set state = :state, decided_by = :by, decided = :now)";
constexpr char drop_owner[] = R"(delete from owner_decisions where source = :source
  and identity = :identity and person_source = :person_source and person = :person and role = :role)";
constexpr char put_exception[] = R"(insert into exceptions (rule, class, source, native_id, reason,
    until, decided_by, decided)
  values (:rule, :class, :source, :native_id, :reason, :until, :by, :now)
  on conflict (rule, class, source, native_id)
  do update set reason = :reason, until = :until, decided_by = :by, decided = :now)";
constexpr char put_mark[] = R"(insert into resource_marks (pattern, sensitivity, reason, decided_by,
    decided)
  values (:pattern, :sensitivity, :reason, :by, :now)
  on conflict (pattern) do update set sensitivity = :sensitivity, reason = :reason,
    decided_by = :by, decided = :now)";
constexpr char put_split[] = R"(insert into cluster_splits (source, class, native_id, cluster,
    decided_by, decided)
  values (:source, :class, :native_id, :cluster, :by, :now)
  on conflict (source, class, native_id) do update set cluster = :cluster, decided_by = :by,
    decided = :now)";
constexpr char copy_split[] = R"(insert into splits (source_id, class, native_id, cluster)
  select id, :class, :native_id, :cluster from sources where name = :source)";
constexpr char copy_mark[] = R"(insert into marks (resource_id, sensitivity, reason)
  values (:id, :sensitivity, :reason))";

std::vector<sql::Param> params(OwnerDecision const& d) {
  return {{":source", d.identity.source},
          {":identity", d.identity.native_id},
          {":person_source", d.person.source},
          {":person", d.person.native_id},
          {":role", d.role},
          {":state", d.state},
          {":by", d.by}};
}

std::string options_text(SourceConfig const& config) {
  Json options{Json::Object{}};
  for (auto const& [key, value] : config.options) options.add(key, value);
  return to_json(options);
}

Result<SourceConfig> source_of(sql::Row const& row) {
  SourceConfig out{.name = row.text(0), .kind = row.text(1)};
  auto const options = TRY_DURING(parse_json(row.text(2)), "options of source " + out.name);
  if (auto const* members = options.object())
    for (auto const& member : *members)
      if (auto const* text = member.value.text()) out.options[member.key] = *text;
  return out;
}

Result<std::vector<SourceConfig>> configs(Database& state, std::string_view statement) {
  std::vector<SourceConfig> out;
  auto const read = [&](sql::Row const& row) -> Result<> {
    out.push_back(TRY(source_of(row)));
    return {};
  };
  TRY(sql::each(state, statement, {}, read));
  return out;
}

Result<ObjectClass> class_of(std::string const& text) {
  for (std::size_t n = 0; n < object_classes; ++n)
    if (object_class_names[n] == text) return ObjectClass(n);
  return fail(Errc::corrupt, "\"" + text + "\" is no class of objects");
}

Result<std::vector<OwnerDecision>> owner_decisions(Database& state) {
  std::vector<OwnerDecision> out;
  auto const read = [&](sql::Row const& row) -> Result<> {
    out.push_back({.identity = {row.text(0), row.text(1)},
                   .person = {row.text(2), row.text(3)},
                   .role = row.text(4),
                   .state = row.text(5),
                   .by = row.text(6)});
    return {};
  };
  TRY(sql::each(state, R"(select source, identity, person_source, person, role, state, decided_by
      from owner_decisions order by decided nulls last)",
                {}, read));
  return out;
}

Result<std::vector<Exception>> exceptions(Database& state) {
  std::vector<Exception> out;
  auto const read = [&](sql::Row const& row) -> Result<> {
    Exception e{.rule = row.text(0),
                .subject = {row.text(2), row.text(3)},
                .reason = row.text(4),
                .by = row.text(6),
                .until = from_micros(row.integer(5))};
    e.object_class = TRY(class_of(row.text(1)));
    out.push_back(std::move(e));
    return {};
  };
  TRY(sql::each(state, R"(select rule, class, source, native_id, reason, until, decided_by
      from exceptions order by decided nulls last)",
                {}, read));
  return out;
}

Result<std::vector<Mark>> marks(Database& state) {
  std::vector<Mark> out;
  auto const read = [&](sql::Row const& row) -> Result<> {
    out.push_back({row.text(0), row.text(1), row.text(2), row.text(3)});
    return {};
  };
  TRY(sql::each(state, R"(select pattern, sensitivity, reason, decided_by from resource_marks
      order by decided nulls last)",
                {}, read));
  return out;
}

Result<> copy_splits(Database& inventory, Database& state) {
  TRY(sql::run(inventory, "delete from splits where 1 = 1", {}));
  auto const copy = [&](sql::Row const& row) -> Result<> {
    std::string const source = row.text(0), at = row.text(1), id = row.text(2), to = row.text(3);
    return sql::run(inventory, copy_split,
                    {{":source", source}, {":class", at}, {":native_id", id}, {":cluster", to}});
  };
  return sql::each(state, "select source, class, native_id, cluster from cluster_splits", {}, copy);
}

struct Marked {
  std::int64_t resource;
  Mark const* mark;
};

Result<> copy_marks(Database& inventory, std::vector<Mark> const& all) {
  TRY(sql::run(inventory, "delete from marks where 1 = 1", {}));
  if (all.empty()) return {};
  std::vector<Marked> found;
  auto const read = [&](sql::Row const& row) -> Result<> {
    auto const name = row.text(1);
    Mark const* last = nullptr;
    for (auto const& mark : all)
      if (matches(mark.pattern, name)) last = &mark;
    if (last) found.push_back({row.integer(0), last});
    return {};
  };
  TRY(sql::each(inventory, "select id, name from v_resource", {}, read));
  for (auto const& [resource, mark] : found)
    TRY(sql::run(
        inventory, copy_mark,
        {{":id", resource}, {":sensitivity", mark->sensitivity}, {":reason", mark->reason}}));
  return {};
}

}  // namespace

Result<> create_state(Database& state) {
  sql::Migration const steps[] = {{"what people decided", state_sql},
                                  {"sources named on the spot", state_spots_sql}};
  TRY_DURING(sql::migrate(state, "decisions", steps), "prepare the state store");
  return {};
}

Result<> add_source(Database& state, SourceConfig const& config, Instant now) {
  auto const options = options_text(config);
  auto added = sql::run(state, put_source,
                        {{":name", config.name},
                         {":kind", config.kind},
                         {":options", options},
                         {":now", to_micros(now)}});
  if (!added && added.error().code() == Errc::conflict)
    return fail(Errc::conflict, "a source named " + config.name +
                                    " is there already; remove it "
                                    "first or choose another name");
  return added;
}

Result<> remove_source(Database& state, std::string const& name) {
  auto const there = TRY(sql::integer(
      state, "select count(*) from source_configs where name = :name", {{":name", name}}));
  if (there == 0) return fail(Errc::not_found, "no source is named " + name);
  return sql::run(state, "delete from source_configs where name = :name", {{":name", name}});
}

Result<std::vector<SourceConfig>> sources(Database& state) {
  return configs(state, "select name, kind, options from source_configs order by name nulls last");
}

Result<> remember_spot(Database& state, SourceConfig const& config, Instant now) {
  auto const options = options_text(config);
  return sql::run(state, put_spot,
                  {{":name", config.name},
                   {":kind", config.kind},
                   {":options", options},
                   {":now", to_micros(now)}});
}

Result<std::vector<SourceConfig>> spots(Database& state) {
  return configs(state, "select name, kind, options from source_spots order by name nulls last");
}

Result<> decide(Database& state, OwnerDecision const& decision, Instant now) {
  auto all = params(decision);
  all.push_back({":now", to_micros(now)});
  return sql::run(state, put_owner, all);
}

Result<> undecide(Database& state, OwnerDecision const& decision) {
  return sql::run(state, drop_owner, params(decision));
}

Result<> accept(Database& state, Exception const& e, Instant now) {
  if (e.until <= now)
    return fail(Errc::invalid, "an exception ends in the future, not on " + rfc3339(e.until));
  if (e.reason.empty()) return fail(Errc::invalid, "an exception needs a reason");
  return sql::run(state, put_exception,
                  {{":rule", e.rule},
                   {":class", name(e.object_class)},
                   {":source", e.subject.source},
                   {":native_id", e.subject.native_id},
                   {":reason", e.reason},
                   {":until", to_micros(e.until)},
                   {":by", e.by},
                   {":now", to_micros(now)}});
}

Result<> mark(Database& state, Mark const& m, Instant now) {
  if (m.sensitivity != "critical" && m.sensitivity != "high" && m.sensitivity != "normal")
    return fail(Errc::invalid,
                "sensitivity \"" + m.sensitivity + "\" is unknown; one of: critical, high, normal");
  return sql::run(state, put_mark,
                  {{":pattern", m.pattern},
                   {":sensitivity", m.sensitivity},
                   {":reason", m.reason},
                   {":by", m.by},
                   {":now", to_micros(now)}});
}

Result<> split(Database& state, ObjectClass object_class, Named const& member,
               std::string const& cluster, std::string const& by, Instant now) {
  return sql::run(state, put_split,
                  {{":source", member.source},
                   {":class", name(object_class)},
                   {":native_id", member.native_id},
                   {":cluster", cluster},
                   {":by", by},
                   {":now", to_micros(now)}});
}

Result<Decisions> decisions(Database& state) {
  Decisions out;
  out.owners = TRY(owner_decisions(state));
  out.exceptions = TRY(exceptions(state));
  out.marks = TRY(marks(state));
  return out;
}

Result<> apply(Database& inventory, Database& state) {
  auto const all = TRY(marks(state));
  auto transaction = TRY(sql::Transaction::begin(inventory));
  TRY(copy_splits(inventory, state));
  TRY(copy_marks(inventory, all));
  return transaction.commit();
}

// The usual greedy match with one point to come back to: linear in practice, n·m at worst.
bool matches(std::string_view pattern, std::string_view name) {
  std::size_t p = 0, n = 0, star = pattern.npos, resume = 0;
  while (n < name.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n]) && pattern[p] != '*') {
      ++p, ++n;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = n;
    } else if (star != pattern.npos) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace reeve::inventory
