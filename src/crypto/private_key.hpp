#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "crypto/pem.hpp"
#include "crypto/public_key.hpp"

namespace reeve::crypto {

/// What can be said about a private key without saying any of it.
struct PrivateKey {
  std::string format;  ///< "pkcs1", "pkcs8", "sec1", "dsa", "openssh".
  bool encrypted = false;
  std::string cipher;  ///< When encrypted: "AES-256-CBC", "aes256-ctr", an OID.
  /// Kind and size of the key, "rsa-2048"; only "rsa" when the numbers are encrypted and the kind
  /// is not; empty when nothing is told.
  std::string algorithm;
  /// Its public half; empty when the file hides it (an OpenSSH file never does).
  std::optional<PublicKey> key;
  std::string comment;  ///< Of an OpenSSH key in clear; as it stands, not made safe to print.

  bool operator==(PrivateKey const&) const = default;
};

/// A private key block: "PRIVATE KEY", "ENCRYPTED PRIVATE KEY" (RFC 5958), "RSA …", "EC …"
/// (RFC 5915), "DSA …", "OPENSSH PRIVATE KEY" (OpenSSH PROTOCOL.key). Nothing is decrypted, nobody
/// is asked for a passphrase. Errors: corrupt; unsupported (no such label).
Result<PrivateKey> parse_private_key(PemBlock const& block);

/// The same for a bare DER file: PKCS#8 (encrypted or not), PKCS#1, SEC 1, DSA, told apart by
/// their shape. Errors: corrupt (none of them).
Result<PrivateKey> parse_private_key_der(std::string_view der);

/// Whether a PEM label is that of a private key.
bool is_private_key_label(std::string_view label);

}  // namespace reeve::crypto
