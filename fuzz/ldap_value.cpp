// Any bytes as a time, a distinguished name and a value in a filter. A normal DN is its own normal
// form, and lies under all its parents.

#include "ldap_client/value.hpp"

#include "check.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace reeve;
  auto const bytes = fuzz::text(data, size);
  if (auto const at = ldap::parse_generalized_time(bytes)) fuzz::must(rfc3339(*at).ends_with('Z'));
  auto const escaped = ldap::filter_escape(bytes);
  fuzz::must(escaped.find_first_of("*()") == escaped.npos);
  auto const dn = ldap::normal_dn(bytes);
  if (!dn) return 0;
  auto const again = ldap::normal_dn(*dn);
  fuzz::must(again && *again == *dn);
  fuzz::must(ldap::is_under("cn=x," + *dn, *dn));
  fuzz::must(dn->empty() == ldap::rdns(*dn).empty());
  return 0;
}
