#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace reeve::crypto {

class Random;

using Ed25519Public = std::array<std::uint8_t, 32>;
using Ed25519Signature = std::array<std::uint8_t, 64>;

/// A key that signs (RFC 8032, pure Ed25519). Any thread.
class Ed25519Key {
 public:
  static Ed25519Key generate(Random& random);
  /// From the 32-byte private key of RFC 8032 §5.1.5 (the "seed"). Errors: invalid (other length).
  static Result<Ed25519Key> from_seed(Secret const& seed);
  /// From its file (crypto/key_file.hpp), made when missing; `purpose` keeps keys apart.
  static Result<Ed25519Key> load_or_create(std::string const& path, std::string_view purpose,
                                           Random& random);

  Ed25519Public const& public_key() const { return public_; }
  Ed25519Signature sign(std::string_view message) const;

 private:
  explicit Ed25519Key(Secret seed);

  Secret seed_;
  Ed25519Public public_{};
};

/// What a check of a signature says; an enum, because `if (result)` of a Result<bool> would be
/// true for a bad one.
enum class SignatureCheck : std::uint8_t { good, bad };

/// `bad` for anything but a good signature, a key that is no point among it. Any thread.
SignatureCheck ed25519_verify(Ed25519Public const& key, std::string_view message,
                              Ed25519Signature const& signature);

}  // namespace reeve::crypto
