#include "crypto/token.hpp"

#include "crypto/encode.hpp"
#include "crypto/hash.hpp"
#include "crypto/random.hpp"

namespace reeve::crypto {

Secret new_token(Random& random) {
  auto bytes = random.bytes(32);
  auto text = to_base64url(bytes);
  std::string token;
  token.reserve(64);
  token.append("reeve_").append(text);
  wipe(bytes);
  wipe(text);
  return Secret::take(token);
}

std::string token_hash(std::string_view token) {
  return to_hex(bytes_of(sha256(token)));
}

}  // namespace reeve::crypto
