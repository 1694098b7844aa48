#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace reeve::ldap {

/// GeneralizedTime of RFC 4517 §3.3.13: "20260301100000Z", "202603011000+0130", "…00.25Z". Errors:
/// invalid (local time without a zone too: LDAP forbids it).
Result<Instant> parse_generalized_time(std::string_view text);

/// A distinguished name (RFC 4514) so that two spellings of one name are equal: types and ASCII
/// values in lower case, blanks around separators gone, each value escaped in one way, the parts
/// of a multi-valued RDN in order. Values of types that tell case apart are rare in names, and two
/// that differ by case alone would be taken for one. Errors: invalid.
Result<std::string> normal_dn(std::string_view dn);

/// The RDNs of a normal DN, first to last: {"ou", "people"}. A multi-valued one gives its first.
std::vector<std::pair<std::string, std::string>> rdns(std::string_view normal_dn);

/// The normal DN `dn` lies under the normal DN `base`, or is it.
bool is_under(std::string_view dn, std::string_view base);

/// A value as it stands in a filter (RFC 4515 §3).
std::string filter_escape(std::string_view value);

}  // namespace reeve::ldap
