// Fixtures are worlds in a few words. Objects are filled through the list of fields that storing
// uses (model/fields.hpp), so a fixture speaks of columns by the names that the SQL uses, and a
// field that does not exist is an error with its line.

#include "posture/world.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "inventory/run.hpp"
#include "model/fields.hpp"
#include "posture/yaml_words.hpp"
#include "sql/database.hpp"

namespace reeve::posture {
namespace {

constexpr std::string_view first_source = "s1";

/// "46d" is an age, "in 30d" lies ahead.
Result<Instant> moment(Yaml const& at) {
  bool const ahead = at.scalar.starts_with("in ");
  auto const time = duration(ahead ? std::string_view(at.scalar).substr(3) : at.scalar);
  if (!time) return at.wrong(std::string(time.error().message()));
  return ahead ? fixture_now + *time : fixture_now - *time;
}

Result<> read(Yaml const& at, std::string& out) {
  out = at.scalar;
  return {};
}
Result<> read(Yaml const& at, bool& out) {
  out = TRY(yes_or_no(at));
  return {};
}
Result<> read(Yaml const& at, Instant& out) {
  out = TRY(moment(at));
  return {};
}
Result<> read(Yaml const& at, SightingMode& out) {
  out = TRY(sighting_mode_word(at));
  return {};
}
Result<> read(Yaml const& at, std::int64_t& out) {
  auto const& text = at.scalar;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size())
    return at.wrong("\"" + text + "\" is no number");
  return {};
}
Result<> read(Yaml const& at, std::vector<std::string>& out) {
  for (auto const& item : at.items) out.push_back(item.scalar);
  if (at.items.empty()) out.push_back(at.scalar);
  return {};
}
template <class T>
Result<> read(Yaml const& at, Known<T>& out) {
  if (at.scalar == "none" && !at.quoted) {
    out = None{};
    return {};
  }
  T value{};
  TRY(read(at, value));
  out = std::move(value);
  return {};
}

/// Fills the field that has the member's name.
template <class T>
Result<> read_field(T& object, Yaml::Member const& member) {
  Result<> out = member.second.wrong("\"" + member.first + "\" is no field of this class");
  auto const take = [&](std::string_view name, auto& field) {
    if (name == member.first) out = read(member.second, field);
  };
  take("id", object.native_id);
  take("source", object.source);
  if (auto* identity = named_identity(object)) take("identity", *identity);
  each_field(object, take);
  return out;
}

Person start(Person const&) {
  return {.source = std::string(first_source), .native_id = "ada", .name = "Ada"};
}
Identity start(Identity const&) {
  return {
      .source = std::string(first_source), .native_id = "app", .name = "app", .kind = "account"};
}
Resource start(Resource const&) {
  return {.source = std::string(first_source), .native_id = "db", .name = "db", .kind = "database"};
}
Credential start(Credential const&) {
  return {.source = std::string(first_source),
          .native_id = "key",
          .identity = "app",
          .kind = "access_key"};
}
Grant start(Grant const&) {
  return {.source = std::string(first_source), .native_id = "grant", .identity = "app"};
}
Sighting start(Sighting const&) {
  return {.source = std::string(first_source), .native_id = "place", .where = "file:/x"};
}
Consumer start(Consumer const&) {
  return {
      .source = std::string(first_source), .native_id = "job", .name = "job", .kind = "cron_job"};
}
Usage start(Usage const&) {
  return {.source = std::string(first_source),
          .native_id = "use",
          .identity = "app",
          .action = "login",
          .hour = fixture_now,
          .last = fixture_now};
}

template <class T>
Result<> add_one(World& world, Yaml const& yaml) {
  auto object = start(T{});
  for (auto const& member : yaml.members) TRY(read_field(object, member));
  world.objects.push_back({std::move(object), "fixture"});
  return {};
}

/// A map is one object, a list several.
template <class T>
Result<> add(World& world, Yaml const& yaml) {
  if (yaml.kind == Yaml::Kind::map) return add_one<T>(world, yaml);
  for (auto const& item : yaml.items) TRY(add_one<T>(world, item));
  return {};
}

Result<> add_objects(World& world, Yaml const& yaml) {
  TRY(add<Person>(world, yaml["person"]));
  if (yaml["identity"])
    TRY(add<Identity>(world, yaml["identity"]));
  else
    world.objects.push_back({start(Identity{}), "fixture"});
  TRY(add<Resource>(world, yaml["resource"]));
  TRY(add<Credential>(world, yaml["credential"]));
  TRY(add<Grant>(world, yaml["grant"]));
  TRY(add<Sighting>(world, yaml["sighting"]));
  TRY(add<Consumer>(world, yaml["consumer"]));
  return add<Usage>(world, yaml["usage"]);
}

Result<std::pair<std::string, Coverage>> coverage(Yaml::Member const& member) {
  constexpr std::string_view keys[] = {"source", "state", "window", "lag", "grain"};
  auto const& yaml = member.second;
  TRY(only(yaml, keys));
  Coverage out{.state = CoverageState::complete};
  out.object_class = TRY(object_class_word(yaml, member.first));
  if (yaml["state"]) out.state = TRY(coverage_state_word(yaml["state"]));
  if (yaml["window"]) TRY(read(yaml["window"], out.window_start));
  if (yaml["lag"]) out.lag = TRY(duration(yaml["lag"].scalar));
  if (yaml["grain"]) out.grain = TRY(duration(yaml["grain"].scalar));
  if (out.state != CoverageState::complete)
    out.missing = "a permission", out.reason = "not granted";
  auto const& source = yaml["source"].scalar;
  return std::pair(source.empty() ? std::string(first_source) : source, out);
}

std::string text(Yaml const& yaml, std::string_view key, std::string_view otherwise) {
  auto const& value = yaml[key];
  return value ? value.scalar : std::string(otherwise);
}

void add_owner_of(World& world, Yaml const& o) {
  world.owners.push_back({text(o, "identity", "app"), text(o, "person", "ada"),
                          text(o, "role", "owner"), text(o, "state", "accepted")});
}

Result<> add_conclusions(World& world, Yaml const& yaml) {
  for (auto const& member : yaml["coverage"].members)
    world.coverage.push_back(TRY(coverage(member)));
  auto const& o = yaml["owner"];
  if (o.kind == Yaml::Kind::map) add_owner_of(world, o);
  for (auto const& item : o.items) add_owner_of(world, item);
  if (auto const& h = yaml["holder"])
    world.holders.push_back({text(h, "identity", ""),
                             text(h, "credential", h["identity"] ? "" : "key"),
                             text(h, "person", "ada")});
  if (auto const& p = yaml["profile"]) {
    ProfileFixture out{text(p, "identity", "app"), text(p, "actor", "unknown"),
                       text(p, "behaviour", "unknown"), text(p, "quadrant", "unknown")};
    if (p["contradicts"]) out.contradicts = TRY(yes_or_no(p["contradicts"]));
    world.profiles.push_back(out);
  }
  return {};
}

std::string source_of(Observation seen) {
  return source(seen);
}

std::vector<Coverage> coverage_of(World const& world, std::string const& source) {
  std::vector<Coverage> all;
  all.reserve(object_classes);
  for (std::size_t n = 0; n < object_classes; ++n)
    all.push_back({.object_class = ObjectClass(n), .state = CoverageState::complete});
  for (auto const& [name, told] : world.coverage)
    if (name == source) all[std::size_t(told.object_class)] = told;
  return all;
}

Result<> build_source(sql::Database& db, World const& world, std::string const& name) {
  auto run = TRY(inventory::begin_run(db, {.name = name, .kind = "fixture"}, fixture_now));
  Page page;
  for (auto const& seen : world.objects)
    if (source_of(seen) == name) page.observations.push_back(seen);
  TRY(inventory::import_page(db, run, page));
  return inventory::complete_run(db, run, coverage_of(world, name), fixture_now);
}

constexpr char add_owner[] = R"(insert into owners
    (id, identity_id, person_id, role, basis, score, state)
  select coalesce((select max(id) from owners), 0) + 1, i.id, p.id, :role, 'fixture', 100, :state
    from v_identity i, v_person p where i.native_id = :identity and p.native_id = :person)";
constexpr char add_holder[] = R"(insert into holders (class, object_id, person_id, basis)
  select o.class, o.id, p.id, 'fixture'
    from (select 'identity' as class, id, native_id from v_identity where native_id = :identity
          union all select 'credential' as class, id, native_id from v_credential
           where native_id = :credential) o, v_person p
   where p.native_id = :person)";
constexpr char add_profile[] = R"(insert into profiles (identity_id, actor, behaviour, quadrant,
    actor_confidence, behaviour_confidence, contradicts, risk, findings)
  select id, :actor, :behaviour, :quadrant, 100, 100, :contradicts, 0, 0
    from v_identity where native_id = :identity)";

}  // namespace

Result<Fixture> fixture(Yaml const& yaml) {
  constexpr std::string_view keys[] = {"name",     "want",       "subject", "person",   "identity",
                                       "resource", "credential", "grant",   "sighting", "consumer",
                                       "usage",    "coverage",   "owner",   "holder",   "profile"};
  TRY(only(yaml, keys));
  Fixture out{.name = yaml["name"].scalar, .subject = yaml["subject"].scalar};
  out.want = TRY(verdict_word(yaml["want"]));
  TRY(add_objects(out.world, yaml));
  TRY(add_conclusions(out.world, yaml));
  return out;
}

Result<> build(sql::Database& db, World const& world) {
  std::vector<std::string> sources{std::string(first_source)};
  for (auto const& seen : world.objects)
    if (std::ranges::find(sources, source_of(seen)) == sources.end())
      sources.push_back(source_of(seen));
  for (auto const& name : sources) TRY(build_source(db, world, name));
  for (auto const& o : world.owners)
    TRY(sql::run(db, add_owner,
                 {{":identity", o.identity},
                  {":person", o.person},
                  {":role", o.role},
                  {":state", o.state}}));
  for (auto const& h : world.holders)
    TRY(sql::run(
        db, add_holder,
        {{":identity", h.identity}, {":credential", h.credential}, {":person", h.person}}));
  for (auto const& p : world.profiles)
    TRY(sql::run(db, add_profile,
                 {{":identity", p.identity},
                  {":actor", p.actor},
                  {":behaviour", p.behaviour},
                  {":quadrant", p.quadrant},
                  {":contradicts", std::int64_t(p.contradicts)}}));
  return {};
}

}  // namespace reeve::posture
