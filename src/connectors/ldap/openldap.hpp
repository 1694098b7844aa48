#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ldap_client/entry.hpp"
#include "model/observation.hpp"

namespace reeve::ldap {

// What OpenLDAP 2.5 keeps and how it is called. Another directory (Active Directory) is another
// file like this one beside it. All of it is pure.

std::string accounts_filter();
std::string groups_filter();
std::vector<std::string> account_attributes();
std::vector<std::string> group_attributes(bool members);

/// Of a policy entry (draft-behera-ldap-password-policy-10).
struct Policy {
  std::optional<Duration> age_max;  ///< Zero: a password never ends. Empty: not readable.
};
Policy policy_of(Entry const& entry);

/// Where accounts of services and of people are, besides what their classes say.
struct Branches {
  std::vector<std::string> services, people, leavers;  ///< Normal DNs.
};

/// Whether the entry's own kind says that it is a person's (true) or a service's.
Known<bool> declared_person(Entry const& entry, Branches const& branches);

Observation account(Entry const& entry, Branches const& branches);
Observation group(Entry const& entry);
Observation group_resource(Entry const& entry);
/// `present`: the server has said that there is a password. Nothing when nobody has shown one.
std::optional<Observation> password(Entry const& entry, bool present, Policy const* policy);
std::optional<Observation> last_bind(Entry const& entry);

/// "group:cn=admins,ou=groups,dc=x".
std::string group_name(Entry const& entry);

}  // namespace reeve::ldap
