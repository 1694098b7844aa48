#include "ldap_client/person.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "ldap_client/value.hpp"

namespace reeve::ldap {

std::vector<std::string> person_attributes() {
  return {"objectClass", "cn", "displayName", "uid", "mail", "manager", "entryUUID"};
}

std::string native_id(Entry const& entry) {
  if (auto const uuid = entry.first("entryuuid"); !uuid.empty()) return lower(uuid);
  auto const dn = normal_dn(entry.dn);
  return dn ? *dn : entry.dn;
}

Person person_of(Entry const& entry, std::vector<std::string> const& leavers) {
  auto const text = [&](std::string_view type) { return clean_utf8(entry.first(type)); };
  Person out{.native_id = native_id(entry)};
  out.name = text("displayname");
  if (out.name.empty()) out.name = text("cn");
  if (out.name.empty()) out.name = text("uid");
  if (out.name.empty()) out.name = entry.dn;
  // Absent may mean "none" as well as "not for you": LDAP does not tell these apart.
  if (auto const mail = text("mail"); !mail.empty()) out.email = lower(mail);
  if (auto const manager = text("manager"); !manager.empty()) out.manager = manager;
  if (auto const& uids = entry.all("uid"); !uids.empty()) out.aliases = join(uids, "\n");
  auto const dn = normal_dn(entry.dn);
  if (dn && std::ranges::any_of(leavers, [&](auto const& base) { return is_under(*dn, base); }))
    out.active = false;
  return out;
}

}  // namespace reeve::ldap
