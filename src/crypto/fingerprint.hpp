#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/secret.hpp"

namespace reeve::crypto {

/// What sort of bytes are fingerprinted. The same bytes of two sorts get two fingerprints: a hash
/// that somebody uses as a password must not join with the verifier it is.
enum class Material : std::uint8_t {
  value,     ///< What is presented: a password, token, API key, the key in a keytab.
  verifier,  ///< What the checking side stores: a hash, a SCRAM verifier.
};

/// Turns secret values into text that can be stored and compared: "fp_" and 32 hexadecimal digits,
/// HMAC-SHA-256 under a key of this tenant, cut to 128 bits. Equal values give equal text here, so
/// one secret seen in two places is recognised; without the key nobody can try guesses (a plain
/// hash of a password can be looked up), and two tenants cannot compare theirs. At 10^7 secrets the
/// chance of a false join is under 10^-24.
///
/// Public keys do not come here: they are no secret and have an id everybody can compute
/// (crypto/public_key.hpp). Any thread.
class Fingerprinter {
 public:
  /// A key that came from load_or_create_key(…, Fingerprinter::purpose, …).
  explicit Fingerprinter(Secret const& key);
  Fingerprinter(Fingerprinter&&) noexcept;
  Fingerprinter& operator=(Fingerprinter&&) noexcept;
  ~Fingerprinter();

  static constexpr std::string_view purpose = "fingerprint";

  std::string operator()(std::string_view secret, Material material = Material::value) const;

 private:
  Secret key_;
};

}  // namespace reeve::crypto
