// Any bytes as LDIF. An accepted entry has a name and attributes whose types are in lower case.

#include "ldap_client/ldif.hpp"

#include "base/text.hpp"
#include "check.hpp"
#include "ldap_client/person.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace reeve;
  auto const ldif = ldap::parse_ldif(fuzz::text(data, size));
  if (!ldif) return 0;
  for (auto const& entry : ldif->entries) {
    fuzz::must(!entry.dn.empty());
    for (auto const& [type, values] : entry.attributes)
      fuzz::must(!type.empty() && type == lower(type) && !values.empty());
    fuzz::must(!ldap::person_of(entry, {"ou=left"}).native_id.empty());
  }
  return 0;
}
