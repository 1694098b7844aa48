#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "ldap_client/entry.hpp"
#include "model/identity.hpp"

namespace reeve::ldap {

/// What all who read entries ask for, besides what they need themselves.
std::vector<std::string> person_attributes();

/// entryUUID, which survives a rename; the normal DN where it cannot be read.
std::string native_id(Entry const& entry);

/// A person, by what inetOrgPerson (RFC 2798) tells. `manager` stays a DN: the caller knows whose
/// native id that is. `active` is false below one of `leavers` (normal DNs), else not reported:
/// LDAP has no attribute for it.
Person person_of(Entry const& entry, std::vector<std::string> const& leavers);

}  // namespace reeve::ldap
