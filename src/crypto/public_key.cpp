// A public key as a SubjectPublicKeyInfo:
//
//     SEQUENCE { SEQUENCE { OID algorithm, parameters }, BIT STRING key }
//
// The id is a digest of this text, so the text must be the same wherever the key came from. Three
// things vary in files and mean nothing for the question "is this the same key": the mark that an
// RSA key is for PSS only, how a curve is written down, and how a point is. `key_parts.cpp` writes
// each in one way.

#include "crypto/public_key.hpp"

#include "crypto/der.hpp"
#include "crypto/encode.hpp"
#include "crypto/hash.hpp"
#include "crypto/key_parts.hpp"

namespace reeve::crypto {
namespace {

PublicKey unnamed(std::string_view der, std::string algorithm, KeyKind kind) {
  return {.kind = kind,
          .algorithm = std::move(algorithm),
          .id = "spki-sha256:" + to_hex(bytes_of(sha256(der)))};
}

Result<PublicKey> rsa_of(std::string_view bits) {
  DerReader numbers(TRY(read_sequence(bits)));
  auto const n = TRY(numbers.unsigned_integer());
  auto const e = TRY(numbers.unsigned_integer());
  TRY(numbers.end());
  return rsa_key(n, e);
}

Result<PublicKey> dsa_of(DerReader parameters, std::string_view bits, std::string_view der) {
  // RFC 3279 §2.3.2: a key may inherit its parameters from its issuer's.
  if (parameters.tag() != der::sequence) return unnamed(der, "dsa", KeyKind::dsa);
  DerReader numbers(TRY(parameters.read(der::sequence)));
  auto const p = TRY(numbers.unsigned_integer());
  auto const q = TRY(numbers.unsigned_integer());
  auto const g = TRY(numbers.unsigned_integer());
  DerReader value(bits);
  auto const y = TRY(value.unsigned_integer());
  TRY(value.end());
  return dsa_key(p, q, g, y);
}

Result<PublicKey> ec_of(DerReader parameters, std::string_view bits, std::string_view der) {
  if (parameters.tag() != der::oid) return unnamed(der, "ec-explicit", KeyKind::ec);
  auto const oid = TRY(parameters.read(der::oid));
  auto const* const curve = curve_by_oid(oid);
  if (!curve) return unnamed(der, "ec-" + oid_text(oid), KeyKind::ec);
  return ec_key(*curve, bits);
}

}  // namespace

Result<PublicKey> parse_spki(std::string_view der) {
  DerReader info(TRY(read_sequence(der)));
  DerReader algorithm(TRY(info.read(der::sequence)));
  auto const oid = TRY(algorithm.read(der::oid));
  auto const bits = TRY(info.whole_bytes_bit_string());
  TRY(info.end());
  auto const kind = kind_by_oid(oid);
  switch (kind) {
    case KeyKind::rsa: return rsa_of(bits);
    case KeyKind::dsa: return dsa_of(algorithm, bits, der);
    case KeyKind::ec: return ec_of(algorithm, bits, der);
    case KeyKind::ed25519:
    case KeyKind::ed448:
    case KeyKind::x25519:
    case KeyKind::x448: return raw_key(kind, bits);
    case KeyKind::other: break;
  }
  return unnamed(der, oid_text(oid), KeyKind::other);
}

}  // namespace reeve::crypto
