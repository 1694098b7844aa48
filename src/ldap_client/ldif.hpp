#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "ldap_client/entry.hpp"

namespace reeve::ldap {

struct LdifLimits {
  std::size_t bytes_max = 256u << 20;
  std::size_t value_bytes_max = 1u << 20;
  std::size_t values_max = 20'000'000;
};

struct Ldif {
  std::vector<Entry> entries;
  std::vector<std::string> refused;  ///< "line 12: …": records that were left out.
};

/// Content records of RFC 2849, strictly: a record that breaks the format, changes something or
/// points to a file (`:<`, never followed) is refused and the rest is read. Errors: invalid (not
/// LDIF at all, or beyond the limits).
Result<Ldif> parse_ldif(std::string_view text, LdifLimits const& limits = {});

/// Base64 of RFC 4648 §4, canonical only. Errors: invalid.
Result<std::string> decode_base64(std::string_view text);

}  // namespace reeve::ldap
