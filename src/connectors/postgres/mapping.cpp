// What a row of the catalogs means here. The decisions:
//
//   * A role that cannot log in is an identity of kind "group_role": PostgreSQL makes no difference
//     but one flag, and the role that was switched off today must be the same object tomorrow.
//   * Predefined roles (pg_monitor, …) are bundles of rights of the server: they hold grants as
//     identities of kind "predefined_role", and are resources to those who are members.
//   * PUBLIC is no role, and yet it holds grants: a pseudo-identity of that name.
//   * What a grant opens is a resource: databases, schemas, tables and so on, and roles that have
//     members. Of objects that nobody but their owner may touch there is the owner's grant.
//   * Attributes (SUPERUSER, …) are grants on the cluster, since that is what they open.
//   * Privileges with GRANT OPTION come twice, as "select" and "grant:select".
//   * VALID UNTIL belongs to the password: null and 'infinity' both mean never.

#include "connectors/postgres/mapping.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace reeve::pg {
namespace {

std::string id_of(Oid role) {
  return role == 0 ? "public" : std::to_string(role);
}

Observation attribute(Role const& role, std::string const& name) {
  auto const id = id_of(role.oid);
  return {Grant{.native_id = name + ":" + id,
                .identity = id,
                .actions = {name},
                .resource = "cluster",
                .conditions = None{},
                .until = None{}},
          "pg_roles oid " + id};
}

std::string how(bool inherit, bool set) {
  if (inherit) return "inherited, no SET ROLE";
  return set ? "after SET ROLE" : "neither INHERIT nor SET";
}

/// "table:orders/public.invoice". A native id must be short enough for an index; the oid keeps the
/// long ones apart, of functions with many arguments.
std::string resource_of(Kind kind, Database const& database, Privilege const& privilege) {
  constexpr std::size_t longest = 512, kept = 400;
  auto const word = std::string(kind_names[std::size_t(kind)]) + ":";
  auto out = clean_utf8(kind == Kind::database ? word + database.name
                                               : word + database.name + "/" + privilege.name);
  return out.size() <= longest ? out
                               : shortened(out, kept) + "~" + std::to_string(privilege.object);
}

std::string grant_id(Kind kind, Database const& database, Privilege const& privilege,
                     std::string const& holder) {
  auto id = std::string(kind_names[std::size_t(kind)]) + ":" + std::to_string(database.oid) + "/" +
            std::to_string(privilege.object);
  // The columns of a table share its oid, and tables, sequences and kinds of defaults do not.
  if (kind == Kind::column) id += privilege.name.substr(privilege.name.rfind('('));
  return id + ":" + holder;
}

void add_actions(std::vector<std::string>& out, std::string const& privileges,
                 std::string const& prefix) {
  if (privileges.empty()) return;
  for (auto const action : split(privileges, ',')) out.push_back(prefix + lower(action));
}

std::string evidence(Kind kind, Database const& database, Privilege const& privilege) {
  return "access control list of " + std::string(kind_names[std::size_t(kind)]) + " oid " +
         std::to_string(privilege.object) + " in database oid " + std::to_string(database.oid);
}

std::string consumer_id(Sessions const& s) {
  auto const* address = std::get_if<std::string>(&s.address);
  return "app:" + s.application + "@" + (address ? *address : "") + ":" + std::to_string(s.role);
}

}  // namespace

Known<std::string> environment_of(std::string_view name) {
  struct Word {
    std::string_view word, environment;
  };
  constexpr Word words[] = {{"prod", "production"},
                            {"production", "production"},
                            {"prd", "production"},
                            {"live", "production"},
                            {"stage", "staging"},
                            {"staging", "staging"},
                            {"stg", "staging"},
                            {"preprod", "staging"},
                            {"uat", "staging"},
                            {"dev", "development"},
                            {"development", "development"},
                            {"test", "test"},
                            {"testing", "test"},
                            {"qa", "test"},
                            {"ci", "test"}};
  std::string word;
  for (char const c : lower(name) + "_") {
    if (c >= 'a' && c <= 'z') {
      word += c;
      continue;
    }
    auto const found = std::ranges::find(words, word, &Word::word);
    if (found != std::end(words)) return std::string(found->environment);
    word.clear();
  }
  return NotReported{};
}

Observation identity(Role const& role) {
  Known<std::string> note = None{};
  if (role.comment) note = *role.comment;
  return {Identity{.native_id = id_of(role.oid),
                   .name = role.name,
                   .kind = role.login          ? "role"
                           : role.predefined() ? "predefined_role"
                                               : "group_role",
                   .enabled = role.login && role.may_connect,
                   .note = std::move(note),
                   .environment = environment_of(role.name)},
          "pg_roles oid " + id_of(role.oid)};
}

Observation everybody() {
  return {Identity{.native_id = "public",
                   .name = "PUBLIC",
                   .kind = "pseudo_role",
                   .enabled = false,
                   .note = std::string("every role, those to come included"),
                   .declared_person = false,
                   .interactive = false},
          "PUBLIC of PostgreSQL"};
}

std::vector<Observation> attributes(Role const& role) {
  std::vector<Observation> out;
  if (role.superuser) out.push_back(attribute(role, "superuser"));
  if (role.createrole) out.push_back(attribute(role, "createrole"));
  if (role.createdb) out.push_back(attribute(role, "createdb"));
  if (role.replication) out.push_back(attribute(role, "replication"));
  if (role.bypassrls) out.push_back(attribute(role, "bypassrls"));
  return out;
}

Observation membership(Membership const& m) {
  auto const member = id_of(m.member), group = std::to_string(m.group);
  Grant grant{.native_id = "member:" + group + ":" + member,
              .identity = member,
              .actions = {"member"},
              .resource = "role:" + m.group_name,
              .conditions = None{},
              .until = None{}};
  if (m.admin) grant.actions.emplace_back("admin");
  if (!m.inherit || !m.set) grant.conditions = how(m.inherit, m.set);
  return {std::move(grant), "pg_auth_members " + group + " " + member};
}

Observation password(Role const& role, Verifier const& verifier,
                     connect::Fingerprint const& fingerprint) {
  auto const id = id_of(role.oid);
  return {Credential{.native_id = "password:" + id,
                     .identity = id,
                     .kind = "password",
                     .label = None{},
                     .algorithm = verifier.algorithm,
                     .issuer = None{},
                     .fingerprint = fingerprint(verifier.digest),
                     .expires = role.valid_until},
          "verifier of role oid " + id};
}

Observation cluster() {
  return {Resource{.native_id = "cluster",
                   .name = "cluster",
                   .kind = "database_cluster",
                   .sensitivity = std::string("critical"),
                   .sensitivity_reason = std::string("its superusers hold every database in it"),
                   .pinned = None{},
                   .authenticated = NotReported{}},
          "pg_roles"};
}

Observation predefined_role(Role const& role) {
  auto const& name = role.name;
  constexpr std::string_view strong[] = {"pg_execute_server_program", "pg_write_server_files",
                                         "pg_read_server_files",      "pg_read_all_data",
                                         "pg_write_all_data",         "pg_maintain"};
  Resource out{.native_id = "role:" + name, .name = name, .kind = "predefined_role"};
  out.pinned = None{};
  bool const high = std::ranges::find(strong, name) != std::end(strong);
  out.sensitivity = std::string(high ? "high" : "normal");
  out.sensitivity_reason =
      std::string(high ? "it reaches all data or the server's files" : "a right of the server");
  return {std::move(out), "pg_roles " + name};
}

Observation resource(Database const& database) {
  Resource out{.native_id = "database:" + database.name, .name = database.name, .kind = "database"};
  out.environment = environment_of(database.name);
  out.pinned = None{};
  if (auto const* environment = std::get_if<std::string>(&out.environment)) {
    out.sensitivity = std::string(*environment == "production" ? "critical" : "normal");
    out.sensitivity_reason = "its name says " + *environment;
  }
  return {std::move(out), "pg_database oid " + std::to_string(database.oid)};
}

Observation resource(Kind kind, Database const& database, Privilege const& privilege) {
  auto const* word =
      kind == Kind::defaults ? "default_privileges" : kind_names[std::size_t(kind)].data();
  Resource out{.native_id = resource_of(kind, database, privilege),
               .name = privilege.name + " in " + database.name,
               .kind = word};
  out.environment = environment_of(database.name);
  out.pinned = None{};
  return {std::move(out), evidence(kind, database, privilege)};
}

Observation group(Membership const& m) {
  return {Resource{.native_id = "role:" + m.group_name,
                   .name = m.group_name,
                   .kind = "role",
                   .environment = environment_of(m.group_name),
                   .pinned = None{}},
          "pg_roles oid " + std::to_string(m.group)};
}

Observation ownership(Kind kind, Database const& database, Privilege const& privilege) {
  auto const holder = id_of(privilege.owner);
  return {Grant{.native_id = grant_id(kind, database, privilege, "owner"),
                .identity = holder,
                .actions = {"owner"},
                .resource = resource_of(kind, database, privilege),
                .conditions = None{},
                .until = None{}},
          evidence(kind, database, privilege)};
}

Observation grant(Kind kind, Database const& database, Privilege const& privilege) {
  auto const holder = id_of(privilege.grantee);
  Grant out{.native_id = grant_id(kind, database, privilege, holder),
            .identity = holder,
            .resource = resource_of(kind, database, privilege),
            .conditions = None{},
            .until = None{}};
  add_actions(out.actions, privilege.actions, "");
  add_actions(out.actions, privilege.grantable, "grant:");
  if (kind == Kind::defaults)
    out.conditions = "on what " + privilege.extra + " creates from now on";
  return {std::move(out), evidence(kind, database, privilege)};
}

Observation consumer(Sessions const& s) {
  auto const* address = std::get_if<std::string>(&s.address);
  auto const where = address ? *address : std::holds_alternative<None>(s.address) ? "local" : "?";
  return {Consumer{.native_id = consumer_id(s),
                   .name = (s.application.empty() ? "unnamed" : s.application) + " at " + where,
                   .kind = "application",
                   .identity = std::to_string(s.role),
                   .how = "an open session in pg_stat_activity"},
          "pg_stat_activity"};
}

Observation usage(Sessions const& s, Instant now) {
  auto const hour = [](Instant at) {
    return Instant(std::chrono::floor<std::chrono::hours>(at.time_since_epoch()));
  };
  auto const* active = std::get_if<Instant>(&s.last_active);
  Usage out{.identity = std::to_string(s.role),
            .consumer = consumer_id(s),
            .action = "session",
            .resource = s.database.empty() ? "cluster" : "database:" + s.database,
            .network = s.address,
            .client = s.application.empty() ? Known<std::string>(None{}) : s.application,
            .hour = hour(active ? *active : now),
            .last = active ? *active : hour(now),
            .count = s.count};
  out.native_id = "session:" + rfc3339(out.hour) + ":" + out.resource + ":" + out.consumer;
  return {std::move(out), "pg_stat_activity"};
}

}  // namespace reeve::pg
