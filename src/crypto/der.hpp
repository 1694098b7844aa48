#pragma once

// DER (X.690 §10) for the few structures we read ourselves: keys. Certificates go through OpenSSL.
//
// Why not OpenSSL for keys as well: to tell what a private key is we need its public half, which
// nearly every format carries. OpenSSL would take the whole key apart into numbers of its own, and
// for some kinds compute with numbers as large as the file says. This reader makes views into the
// caller's bytes, copies nothing and computes nothing.

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace reeve::crypto {

namespace der {
inline constexpr std::uint8_t integer = 0x02, bit_string = 0x03, octet_string = 0x04, null = 0x05,
                              oid = 0x06, sequence = 0x30, explicit_0 = 0xA0, explicit_1 = 0xA1,
                              implicit_1 = 0x81;
}  // namespace der

struct DerValue {
  std::uint8_t tag = 0;
  std::string_view content;  ///< Into the bytes that are read.
};

/// Reads one value after the other. Strict: definite, shortest lengths; tags of one byte. Does
/// not descend by itself, so nesting costs nothing. Views live as long as the bytes.
class DerReader {
 public:
  explicit DerReader(std::string_view bytes) : rest_(bytes) {}

  bool at_end() const { return rest_.empty(); }
  /// Tag of the next value; 0 at the end.
  std::uint8_t tag() const { return rest_.empty() ? 0 : std::uint8_t(rest_.front()); }

  Result<DerValue> next();                            ///< Errors: corrupt.
  Result<std::string_view> read(std::uint8_t tag);    ///< Content of a value of that tag.
  Result<std::string_view> unsigned_integer();        ///< Big-endian without leading zeros.
  Result<std::string_view> whole_bytes_bit_string();  ///< Of a multiple of 8 bits.
  Result<> end() const;                               ///< Errors: corrupt (there is more).

 private:
  std::string_view rest_;
};

/// Content of the only value in `bytes`, which is a SEQUENCE.
Result<std::string_view> read_sequence(std::string_view bytes);

/// "1.2.840.113549.1.1.1" from the content of an OBJECT IDENTIFIER; "?" when it is none.
std::string oid_text(std::string_view content);

/// One DER value whose content is the parts, one after the other.
std::string der_value(std::uint8_t tag, std::initializer_list<std::string_view> parts);

/// INTEGER of an unsigned big-endian number.
std::string der_unsigned(std::string_view big_endian);

/// Without the zero bytes in front.
std::string_view without_leading_zeros(std::string_view big_endian);

}  // namespace reeve::crypto
