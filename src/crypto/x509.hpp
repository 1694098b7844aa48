#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "crypto/public_key.hpp"

namespace reeve::crypto {

/// What an X.509 certificate (RFC 5280) says. Nothing is judged: an expired, self-made or oddly
/// filled certificate is data. Names come from strangers: valid UTF-8, but they may hold markup and
/// control characters.
struct Certificate {
  std::string subject, issuer;     ///< RFC 4514: "CN=a.example,O=Example"; at most 4 KiB.
  std::string common_name;         ///< The last CN of the subject; empty: none.
  std::vector<std::string> names;  ///< Subject alternative names: "dns:a.example", "ip:10.0.0.1",
                                   ///< "email:…", "uri:spiffe://…", "dir:…", "other".
  std::string serial;              ///< Upper-case hexadecimal, as openssl prints it.
  PublicKey key;
  std::string signature;       ///< "sha256WithRSAEncryption", or an OID.
  std::string signature_hash;  ///< "sha256"; empty where the signature has no separate one.
  Instant not_before, not_after;
  std::string sha256;                 ///< Of the whole certificate, hexadecimal.
  bool is_ca = false;                 ///< May sign certificates, as far as it says itself.
  bool self_signed = false;           ///< Signed by its own key.
  std::vector<std::string> usages;    ///< Extended: "serverAuth", "clientAuth"; empty: any.
  std::vector<std::string> problems;  ///< Parts that could not be read, or were cut.

  bool operator==(Certificate const&) const = default;
};

/// A certificate has at most 256 KiB, its names are read up to 1,000; a day far in the future is
/// the end of the year 9999 (RFC 5280 §4.1.2.5: "no well-defined expiration").
/// Errors: corrupt.
Result<Certificate> parse_certificate(std::string_view der);

/// OpenSSL's "TRUSTED CERTIFICATE": a certificate and what its owner wants it trusted for, which is
/// dropped. Errors: corrupt.
Result<Certificate> parse_trusted_certificate(std::string_view der);

/// The certificates in a PKCS#7 / CMS SignedData (a .p7b file; RFC 5652), at most 1,000; one that
/// is broken makes the whole file an error. Errors: corrupt, unsupported (another content type).
Result<std::vector<Certificate>> parse_pkcs7(std::string_view der);

}  // namespace reeve::crypto
