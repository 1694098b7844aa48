#include "crypto/der.hpp"

#include <limits>

namespace reeve::crypto {
namespace {

struct Length {
  std::size_t header = 0;  ///< Tag and length bytes.
  std::size_t content = 0;
};

std::unexpected<Error> broken(std::string what) {
  return fail(Errc::corrupt, "DER: " + std::move(what));
}

/// Of the value at the start of `bytes`. Four length bytes are more than any file we read.
Result<Length> length_of(std::string_view bytes) {
  if (bytes.size() < 2) return broken("ends within a header");
  auto const first = std::uint8_t(bytes[1]);
  if (first < 0x80) return Length{2, first};
  std::size_t const count = first & 0x7F;
  if (count == 0 || count > 4 || bytes.size() < 2 + count) return broken("bad length");
  std::size_t size = 0;
  for (std::size_t i = 0; i < count; ++i) size = size << 8 | std::uint8_t(bytes[2 + i]);
  bool const shortest = size >= 0x80 && bytes[2] != 0;
  if (!shortest) return broken("length is not in its shortest form");
  return Length{2 + count, size};
}

std::string length_bytes(std::size_t size) {
  if (size < 0x80) return std::string(1, char(size));
  std::string big;
  for (; size > 0; size >>= 8) big.insert(big.begin(), char(size & 0xFF));
  return char(0x80 | big.size()) + big;
}

}  // namespace

Result<DerValue> DerReader::next() {
  if (rest_.empty()) return broken("a value is missing");
  auto const tag = std::uint8_t(rest_.front());
  if ((tag & 0x1F) == 0x1F) return broken("tag of more than one byte");
  auto const length = TRY(length_of(rest_));
  if (rest_.size() - length.header < length.content) return broken("ends within a value");
  DerValue const value{tag, rest_.substr(length.header, length.content)};
  rest_.remove_prefix(length.header + length.content);
  return value;
}

Result<std::string_view> DerReader::read(std::uint8_t tag) {
  auto const value = TRY(next());
  if (value.tag != tag)
    return broken("tag " + std::to_string(value.tag) + " where " + std::to_string(tag) +
                  " belongs");
  return value.content;
}

Result<std::string_view> DerReader::unsigned_integer() {
  auto const content = TRY(read(der::integer));
  if (content.empty()) return broken("an integer without bytes");
  if ((std::uint8_t(content[0]) & 0x80) != 0) return broken("a negative number");
  bool const padded =
      content.size() > 1 && content[0] == 0 && (std::uint8_t(content[1]) & 0x80) == 0;
  if (padded) return broken("integer is not in its shortest form");
  return without_leading_zeros(content);
}

Result<std::string_view> DerReader::whole_bytes_bit_string() {
  auto const content = TRY(read(der::bit_string));
  if (content.empty() || content[0] != 0) return broken("a bit string of a part of a byte");
  return content.substr(1);
}

Result<> DerReader::end() const {
  if (!rest_.empty()) return broken(std::to_string(rest_.size()) + " bytes too many");
  return {};
}

Result<std::string_view> read_sequence(std::string_view bytes) {
  DerReader reader(bytes);
  auto const content = TRY(reader.read(der::sequence));
  TRY(reader.end());
  return content;
}

std::string oid_text(std::string_view content) {
  std::string out;
  std::uint64_t arc = 0;
  for (char const c : content) {
    if (arc > std::numeric_limits<std::uint64_t>::max() >> 7) return "?";
    arc = arc << 7 | (std::uint8_t(c) & 0x7F);
    if ((std::uint8_t(c) & 0x80) != 0) continue;
    std::uint64_t const first = arc < 80 ? arc / 40 : 2;  // two arcs share the first number
    out += out.empty() ? std::to_string(first) + "." + std::to_string(arc - first * 40)
                       : "." + std::to_string(arc);
    arc = 0;
  }
  bool const whole = !content.empty() && (std::uint8_t(content.back()) & 0x80) == 0;
  return whole ? out : "?";
}

std::string der_value(std::uint8_t tag, std::initializer_list<std::string_view> parts) {
  std::string content;
  for (auto const part : parts) content += part;
  return char(tag) + length_bytes(content.size()) + content;
}

std::string der_unsigned(std::string_view big_endian) {
  auto const digits = without_leading_zeros(big_endian);
  bool const sign = digits.empty() || (std::uint8_t(digits[0]) & 0x80) != 0;
  return der_value(der::integer, {sign ? std::string_view("\0", 1) : "", digits});
}

std::string_view without_leading_zeros(std::string_view big_endian) {
  auto const first = big_endian.find_first_not_of('\0');
  return first == std::string_view::npos ? "" : big_endian.substr(first);
}

}  // namespace reeve::crypto
