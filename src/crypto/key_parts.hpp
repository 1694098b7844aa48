#pragma once

// How the numbers of a public key become its PublicKey: the parsers of all formats end here, so
// that one key has one id. Numbers are unsigned and big-endian, leading zeros do not matter.

#include <optional>
#include <string>
#include <string_view>

#include "crypto/public_key.hpp"

namespace reeve::crypto {

/// A curve we have a name for.
struct Curve {
  std::string_view name;  ///< "p256".
  std::string_view oid;   ///< DER content.
  std::string_view ssh;   ///< "nistp256"; empty: SSH does not have it.
  int nid;                ///< OpenSSL's number.
  int bits;
};
Curve const* curve_by_oid(std::string_view oid);
Curve const* curve_by_ssh_name(std::string_view name);

/// Longest RSA or DSA number we take, in bits; OpenSSL's own limit for use. Errors of the four
/// below: corrupt (a number is missing or too long, a point is not on its curve).
inline constexpr int key_bits_max = 16384;

Result<PublicKey> rsa_key(std::string_view n, std::string_view e);
Result<PublicKey> dsa_key(std::string_view p, std::string_view q, std::string_view g,
                          std::string_view y);
/// `point` compressed or not (SEC 1 §2.3.3).
Result<PublicKey> ec_key(Curve const& curve, std::string_view point);
/// Ed25519, Ed448, X25519, X448, whose public key is a string of bytes.
Result<PublicKey> raw_key(KeyKind kind, std::string_view bytes);

/// Kind behind an algorithm's OID: rsa also for RSASSA-PSS; `other` for the unknown.
KeyKind kind_by_oid(std::string_view oid);

/// The public halves of private numbers, for the formats that leave them out. Nothing when they
/// are out of range, or too large to compute with in reasonable time.
std::optional<std::string> ec_public(Curve const& curve, std::string_view scalar);
std::optional<std::string> dsa_public(std::string_view p, std::string_view g, std::string_view x);
std::optional<std::string> raw_public(KeyKind kind, std::string_view private_bytes);

/// string of RFC 4251 §5: length in four bytes, bytes.
std::string ssh_string(std::string_view bytes);
/// mpint of RFC 4251 §5.
std::string ssh_mpint(std::string_view big_endian);
/// "SHA256:" and base64 without padding.
std::string ssh_fingerprint_of(std::string_view blob);

}  // namespace reeve::crypto
