#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "crypto/pem.hpp"
#include "crypto/public_key.hpp"
#include "crypto/x509.hpp"

namespace reeve::crypto {

enum class KeystoreEntryKind : std::uint8_t {
  private_key,  ///< With its certificate chain, which may be empty.
  certificate,  ///< A trusted certificate, or one whose key is elsewhere: one in `chain`.
  secret_key,   ///< Symmetric; only that it is there.
};

struct KeystoreEntry {
  KeystoreEntryKind kind{};
  std::string alias;               ///< Valid UTF-8, may be hostile; empty: it has none.
  std::optional<Instant> created;  ///< When it was put there (JKS); empty: not told.
  /// Public half of a private key: read from the key, or from the certificate that goes with it.
  /// Empty: hidden by the password.
  std::optional<PublicKey> key;
  bool encrypted = false;          ///< The private or secret key is under a password of its own.
  std::vector<Certificate> chain;  ///< Own certificate first.

  bool operator==(KeystoreEntry const&) const = default;
};

/// A container of keys and certificates, as far as it can be seen without its password.
struct Keystore {
  std::string format;  ///< "pkcs12", "jks", "jceks".
  std::vector<KeystoreEntry> entries;
  /// There is more that only the password shows: what is listed is not all.
  bool sealed = false;
  /// No password or the empty one opens a key or all: whoever can read the file has it.
  bool open_to_all = false;
  std::vector<Malformed> malformed;

  bool operator==(Keystore const&) const = default;
};

/// PKCS#12 (RFC 7292), at most 16 MiB. Only the empty password is tried, and only when the file
/// does not ask for more than two million rounds of key derivation. Errors: corrupt.
Result<Keystore> parse_pkcs12(std::string_view bytes);

/// Java's JKS and JCEKS (magic FEEDFEED, CECECECE; versions 1 and 2), at most 16 MiB. Aliases,
/// dates and certificates are in clear there, private keys are not. The digest at the end needs
/// the password and is not checked. Errors: corrupt; unsupported (another version).
Result<Keystore> parse_jks(std::string_view bytes);

/// One key in a Kerberos keytab.
struct KeytabEntry {
  std::string principal;  ///< "host/db.example@EXAMPLE"; valid UTF-8.
  std::uint32_t kvno = 0;
  int enctype = 0;           ///< IANA "Kerberos Encryption Type Numbers".
  std::string enctype_name;  ///< "aes256-cts-hmac-sha1-96"; "enctype-99" for what has no name.
  Instant created;           ///< When the entry was written; seconds.
  std::string fingerprint;   ///< Of the key.

  bool operator==(KeytabEntry const&) const = default;
};

struct Keytab {
  std::vector<KeytabEntry> entries;
  std::vector<Malformed> malformed;  ///< Entries that could not be read; the others are good.

  bool operator==(Keytab const&) const = default;
};

/// MIT keytab, version 2 (0x0502; "The keytab file format" in MIT's documentation), at most 16 MiB
/// and 100,000 entries. Each key goes through `fingerprint` and nowhere else. Errors: corrupt (the
/// lengths do not lead to the end); unsupported (version 1).
Result<Keytab> parse_keytab(std::string_view bytes,
                            std::function<std::string(std::string_view key)> const& fingerprint);

}  // namespace reeve::crypto
