#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace reeve::crypto {

/// Lower-case hexadecimal.
std::string to_hex(std::string_view bytes);

/// Either case; an even number of digits and nothing else. Errors: invalid.
Result<std::string> from_hex(std::string_view text);

/// Base64 with padding (RFC 4648 §4).
std::string to_base64(std::string_view bytes);

/// Reads exactly what to_base64 writes: padding there, no white space, unused bits zero. One
/// value has one spelling, so a changed text is a changed value. Errors: invalid.
Result<std::string> from_base64(std::string_view text);

/// Base64 for URLs without padding (RFC 4648 §5, as in RFC 7515 §2).
std::string to_base64url(std::string_view bytes);

/// Reads exactly what to_base64url writes. Errors: invalid.
Result<std::string> from_base64url(std::string_view text);

}  // namespace reeve::crypto
