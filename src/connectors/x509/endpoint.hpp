#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace reeve::x509 {

/// How TLS begins: at once, or after a request in the clear.
enum class Start : std::uint8_t { tls, smtp, imap, pop3, ldap, postgres };

/// Where a certificate is presented.
struct Endpoint {
  Start start = Start::tls;
  std::string host;  ///< Name or address, without brackets.
  std::string port;  ///< 1 to 65535.
  std::string name;  ///< Server name to ask for (RFC 6066 §3); `host` unless told otherwise.

  /// "tls:db.example:5432", "smtp:mail.example:25", "tls:10.0.0.1:443#a.example".
  std::string text() const;
  bool operator==(Endpoint const&) const = default;
};

/// "db.example:443", "smtp://mail.example:25", "[::1]:8443", "10.0.0.1:443#a.example" (asks for
/// that name). Errors: invalid, with the choices.
Result<Endpoint> parse_endpoint(std::string_view text);

}  // namespace reeve::x509
