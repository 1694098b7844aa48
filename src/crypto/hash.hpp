#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace reeve::crypto {

/// 32 bytes of SHA-256 or HMAC-SHA-256.
using Digest = std::array<std::uint8_t, 32>;

/// The same bytes as text-typed memory, for encoders and files.
inline std::string_view bytes_of(Digest const& digest) {
  return {reinterpret_cast<char const*>(digest.data()), digest.size()};
}

/// SHA-256 (FIPS 180-4) of `data`. Any thread.
Digest sha256(std::string_view data);

/// SHA-256 of data that comes in pieces, or that is several pieces by definition (a Merkle node).
/// `Sha256().add("\x01").add(left).add(right).digest()`. One thread at a time.
class Sha256 {
 public:
  Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  ~Sha256();

  Sha256& add(std::string_view data);
  /// Of all that was added. The object starts again from nothing.
  Digest digest();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// HMAC-SHA-256 (RFC 2104). Any thread.
Digest hmac_sha256(std::string_view key, std::string_view data);

}  // namespace reeve::crypto
