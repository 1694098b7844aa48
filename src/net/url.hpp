#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace reeve::net {

/// An absolute http or https URL, taken apart. No user, no password: they would end up in logs.
struct Url {
  std::string text;    ///< All of it, normalised, without its fragment.
  std::string scheme;  ///< "https", "http".
  std::string host;    ///< Lower case; IPv6 in brackets.
  std::uint16_t port = 0;

  /// "https://api.example.com:443": the port is always there. What errors name of a URL, since a
  /// path or a query may hold a secret.
  std::string origin() const;
};

/// Printable ASCII, 8 KiB at most. Errors: invalid.
Result<Url> parse_url(std::string_view text);
/// What `location` means on the page `base` (RFC 3986 §5). Errors: invalid.
Result<Url> resolve_url(Url const& base, std::string_view location);

}  // namespace reeve::net
