// What OpenLDAP tells of an account:
//
//   * createTimestamp, entryUUID: of every entry, unless access control hides them;
//   * pwdChangedTime: when the password was last set, if the ppolicy overlay saw it;
//   * pwdAccountLockedTime: locked since then; 000001010000Z means by an administrator, for ever.
//     How long another lock lasts depends on the policy and on now, so it says nothing here;
//   * pwdPolicySubentry: the policy of this account; without it the default one counts, whose name
//     stands in cn=config;
//   * pwdLastSuccess (lastbind on), or authTimestamp of the older lastbind overlay: the last bind.
//
// userPassword is never asked for: its presence is told by a filter, which needs less than reading.
// simpleSecurityObject cannot be without one, so it shows a password by itself.
//
// Absent may mean "none" or "not for you". Where one pwd attribute of an entry can be read, the
// others are taken to be readable too; else silence stays silence.
//
// Source: slapo-ppolicy(5), slapd.conf(5) of 2.5; RFC 4512 §3.4, RFC 4519.

#include "connectors/ldap/openldap.hpp"

#include <algorithm>
#include <charconv>

#include "base/text.hpp"
#include "ldap_client/person.hpp"
#include "ldap_client/value.hpp"

namespace reeve::ldap {
namespace {

constexpr std::string_view locked_for_ever = "000001010000Z";

Known<Instant> time_of(Entry const& entry, std::string_view type) {
  if (auto const at = parse_generalized_time(entry.first(type))) return *at;
  return NotReported{};
}

Known<Instant> last_use(Entry const& entry) {
  auto const success = time_of(entry, "pwdlastsuccess");
  return std::holds_alternative<Instant>(success) ? success : time_of(entry, "authtimestamp");
}

bool shows_state(Entry const& entry) {
  for (char const* type : {"pwdchangedtime", "pwdpolicysubentry", "pwdlastsuccess"})
    if (!entry.first(type).empty()) return true;
  return false;
}

Known<bool> enabled(Entry const& entry) {
  auto const locked = entry.first("pwdaccountlockedtime");
  if (locked == locked_for_ever) return false;
  if (!locked.empty() || !shows_state(entry)) return NotReported{};
  return true;
}

Known<bool> interactive(Entry const& entry) {
  auto const shell = entry.first("loginshell");
  if (shell.empty()) return NotReported{};
  return !shell.ends_with("/nologin") && !shell.ends_with("/false");
}

bool under(std::string const& dn, std::vector<std::string> const& bases) {
  return std::ranges::any_of(bases, [&](auto const& base) { return is_under(dn, base); });
}

bool has_service_branch(std::string const& dn) {
  constexpr std::string_view words[] = {
      "service", "services",     "serviceaccounts", "svc",      "robots", "bots",
      "apps",    "applications", "systems",         "machines", "system"};
  return std::ranges::any_of(rdns(dn), [&](auto const& rdn) {
    return rdn.first == "ou" && std::ranges::find(words, rdn.second) != std::end(words);
  });
}

std::string name_of(Entry const& entry) {
  for (char const* type : {"uid", "cn"})
    if (auto const name = entry.first(type); !name.empty()) return std::string(name);
  return entry.dn;
}

Known<std::string> note_of(Entry const& entry) {
  auto lines = entry.all("description");
  for (auto const& dn : entry.all("seealso")) lines.push_back("seeAlso: " + dn);
  for (auto const& dn : entry.all("owner")) lines.push_back("owner: " + dn);
  for (auto const& dn : entry.all("creatorsname")) lines.push_back("createdBy: " + dn);
  if (lines.empty()) return NotReported{};
  return join(lines, "\n");
}

/// When it ends, by its age and by pwdEndTime.
Known<Instant> expires(Entry const& entry, Policy const* policy) {
  auto const ends = time_of(entry, "pwdendtime"), changed = time_of(entry, "pwdchangedtime");
  auto const* end = std::get_if<Instant>(&ends);
  auto const* since = std::get_if<Instant>(&changed);
  if (!policy || !policy->age_max) return ends;
  if (*policy->age_max == Duration::zero()) return end ? ends : Known<Instant>(None{});
  if (!since) return ends;
  auto const by_age = *since + *policy->age_max;
  return end ? std::min(*end, by_age) : by_age;
}

}  // namespace

std::string accounts_filter() {
  return "(|(objectClass=person)(objectClass=account)(objectClass=simpleSecurityObject)"
         "(objectClass=posixAccount)(objectClass=applicationProcess))";
}

std::string groups_filter() {
  return "(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)(objectClass=posixGroup)"
         "(objectClass=organizationalRole))";
}

std::vector<std::string> account_attributes() {
  auto out = person_attributes();
  for (char const* type : {"description", "seeAlso", "owner", "creatorsName", "loginShell",
                           "createTimestamp", "pwdChangedTime", "pwdAccountLockedTime",
                           "pwdPolicySubentry", "pwdLastSuccess", "authTimestamp", "pwdEndTime"})
    out.emplace_back(type);
  return out;
}

std::vector<std::string> group_attributes(bool members) {
  if (members)
    return {"objectClass",  "cn",        "entryUUID",   "member",
            "uniqueMember", "memberUid", "roleOccupant"};
  return {"objectClass", "cn", "entryUUID", "description", "owner", "seeAlso", "createTimestamp"};
}

Policy policy_of(Entry const& entry) {
  Policy out;
  if (!entry.is("pwdPolicy")) return out;
  auto const text = entry.first("pwdmaxage");
  std::int64_t seconds = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  bool const read = error == std::errc() && end == text.data() + text.size();
  if (text.empty() || (read && seconds >= 0 && seconds < 1'000'000'000'000))
    out.age_max = std::chrono::seconds(seconds);  // absent: never
  return out;
}

Known<bool> declared_person(Entry const& entry, Branches const& branches) {
  auto const dn = normal_dn(entry.dn).value_or(entry.dn);
  if (under(dn, branches.services)) return false;
  if (under(dn, branches.people)) return true;
  if (entry.is("person") || entry.is("inetOrgPerson")) return !has_service_branch(dn);
  for (char const* service : {"simpleSecurityObject", "applicationProcess", "account"})
    if (entry.is(service))
      return entry.is("posixAccount") && !has_service_branch(dn) ? Known<bool>(NotReported{})
                                                                 : Known<bool>(false);
  return NotReported{};
}

Observation account(Entry const& entry, Branches const& branches) {
  auto const person = declared_person(entry, branches);
  auto const* is_person = std::get_if<bool>(&person);
  return {Identity{.native_id = native_id(entry),
                   .name = name_of(entry),
                   .kind = !is_person   ? "account"
                           : *is_person ? "person"
                                        : "service_account",
                   .enabled = enabled(entry),
                   .note = note_of(entry),
                   .created = time_of(entry, "createtimestamp"),
                   .last_used = last_use(entry),
                   .declared_person = person,
                   .interactive = interactive(entry)},
          entry.dn};
}

std::string group_name(Entry const& entry) {
  return "group:" + normal_dn(entry.dn).value_or(entry.dn);
}

Observation group(Entry const& entry) {
  return {Identity{.native_id = native_id(entry),
                   .name = name_of(entry),
                   .kind = "group",
                   .enabled = false,
                   .note = note_of(entry),
                   .created = time_of(entry, "createtimestamp"),
                   .declared_person = false,
                   .interactive = false},
          entry.dn};
}

Observation group_resource(Entry const& entry) {
  Resource out{.native_id = group_name(entry), .name = name_of(entry), .kind = "group"};
  out.pinned = None{};
  auto const name = lower(out.name);
  for (char const* word : {"admin", "root", "wheel", "sudo", "superuser"}) {
    if (!name.contains(word)) continue;
    out.sensitivity = std::string("high");
    out.sensitivity_reason = "its name says " + std::string(word);
  }
  return {std::move(out), entry.dn};
}

std::optional<Observation> password(Entry const& entry, bool present, Policy const* policy) {
  auto const changed = time_of(entry, "pwdchangedtime");
  bool const set = std::holds_alternative<Instant>(changed);
  if (!present && !set && !entry.is("simpleSecurityObject")) return std::nullopt;
  auto const id = native_id(entry);
  return Observation{Credential{.native_id = "password:" + id,
                                .identity = id,
                                .kind = "password",
                                .label = None{},
                                .issuer = None{},
                                .expires = expires(entry, policy),
                                .last_used = last_use(entry),
                                .last_rotated = changed},
                     entry.dn};
}

std::optional<Observation> last_bind(Entry const& entry) {
  auto const last = last_use(entry);
  auto const* at = std::get_if<Instant>(&last);
  if (!at) return std::nullopt;
  auto const id = native_id(entry);
  Usage out{.identity = id, .action = "bind", .resource = ""};
  out.hour = Instant(std::chrono::floor<std::chrono::hours>(at->time_since_epoch()));
  out.last = *at;
  out.native_id = "bind:" + rfc3339(out.hour) + ":" + id;
  return Observation{std::move(out), entry.dn};
}

}  // namespace reeve::ldap
