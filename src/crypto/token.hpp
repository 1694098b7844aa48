#pragma once

#include <string>
#include <string_view>

#include "base/secret.hpp"

namespace reeve::crypto {

class Random;

/// An API token of ours: "reeve_" and 256 random bits in base64url. The prefix lets secret
/// scanners (ours among them) know it where it leaked.
Secret new_token(Random& random);

/// What the store keeps of a token: SHA-256 in hexadecimal, looked up by equality. Why no slow,
/// salted hash: those make guessing dear where guessing is possible, in passwords people think of.
/// 256 random bits cannot be guessed at any speed, two tokens are never equal, so a salt hides
/// nothing; and a slow hash on each request would be a way to stop the server. Passwords that
/// people choose must not come here.
std::string token_hash(std::string_view token);

}  // namespace reeve::crypto
