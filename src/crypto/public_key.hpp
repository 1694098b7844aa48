#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace reeve::crypto {

enum class KeyKind : std::uint8_t { rsa, dsa, ec, ed25519, ed448, x25519, x448, other };

/// What can be said about a public key, whatever file it came from. The same key gives the same
/// `id` as a certificate, as PKCS#8, as an SSH private key, as its .pub and as a line of
/// authorized_keys: that is how they are joined.
struct PublicKey {
  KeyKind kind = KeyKind::other;
  /// "rsa-2048", "dsa-1024", "ec-p256", "ec-secp256k1", "ed25519"; "ec-1.2.3" or "1.2.3" (an
  /// object identifier) for what we have no name for.
  std::string algorithm;
  int bits = 0;  ///< As ssh-keygen and openssl count: RSA modulus, curve size. 0: not known.
  /// "spki-sha256:" and 64 hexadecimal digits, SHA-256 of the SubjectPublicKeyInfo (RFC 5280
  /// §4.1.2.7) in its canonical form: rsaEncryption also where the key is marked for RSASSA-PSS,
  /// named curve, uncompressed point. For all usual keys that is what
  /// `openssl pkey -pubout -outform der | sha256sum` says. Not a secret, the same for every tenant.
  std::string id;
  /// "SHA256:…" as `ssh-keygen -lf` prints and sshd logs; empty for kinds SSH does not have.
  std::string ssh_fingerprint;

  bool operator==(PublicKey const&) const = default;
};

/// From the DER of a SubjectPublicKeyInfo. A kind we do not know is `other`, with an id over the
/// bytes as they are. Errors: corrupt.
Result<PublicKey> parse_spki(std::string_view der);

}  // namespace reeve::crypto
