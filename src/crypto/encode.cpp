// Hexadecimal and Base64, strict. OpenSSL's decoder skips white space, takes bits that mean
// nothing and counts padding as zero bytes; where a text is a key, a token or part of something
// signed, two spellings of one value are a way around a comparison. So only the canonical one is
// read here, and files that allow line breaks (PEM) take them out themselves.

#include "crypto/encode.hpp"

#include <array>
#include <cstdint>

#include "base/hex.hpp"

namespace reeve::crypto {
namespace {

constexpr std::string_view standard =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

using Values = std::array<std::int8_t, 256>;
constexpr Values values_of(std::string_view alphabet) {
  Values out;
  out.fill(-1);
  for (std::size_t i = 0; i < alphabet.size(); ++i) out[std::uint8_t(alphabet[i])] = std::int8_t(i);
  return out;
}
constexpr Values standard_values = values_of(standard);
constexpr Values url_values = values_of(url);

std::string encode(std::string_view bytes, std::string_view alphabet) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  std::uint32_t bits = 0;
  int count = 0;
  for (char const c : bytes) {
    bits = bits << 8 | std::uint8_t(c);
    for (count += 8; count >= 6; count -= 6) out += alphabet[bits >> (count - 6) & 63];
  }
  if (count > 0) out += alphabet[bits << (6 - count) & 63];
  return out;
}

/// `text` without padding. One digit left over has too few bits for a byte; the unused bits of
/// two or three must be zero.
Result<std::string> decode(std::string_view text, Values const& values) {
  if (text.size() % 4 == 1) return fail(Errc::invalid, "base64 ends in the middle of a byte");
  std::string out;
  out.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  int count = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto const value = values[std::uint8_t(text[i])];
    if (value < 0) return fail(Errc::invalid, "not base64 at character " + std::to_string(i));
    bits = (bits << 6 | std::uint32_t(value)) & 0xFFFF;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += char(bits >> count & 0xFF);
  }
  if ((bits & ((1U << count) - 1)) != 0)
    return fail(Errc::invalid, "base64 is not canonical: its unused bits are not zero");
  return out;
}

}  // namespace

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (char const c : bytes) {
    out += digits[std::uint8_t(c) >> 4];
    out += digits[std::uint8_t(c) & 15];
  }
  return out;
}

Result<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return fail(Errc::invalid, "an odd number of hexadecimal digits");
  std::string out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    int const high = hex_digit(text[i]), low = hex_digit(text[i + 1]);
    if (high < 0 || low < 0)
      return fail(Errc::invalid, "not hexadecimal at character " + std::to_string(i));
    out += char(high << 4 | low);
  }
  return out;
}

std::string to_base64(std::string_view bytes) {
  auto out = encode(bytes, standard);
  out.append((4 - out.size() % 4) % 4, '=');
  return out;
}

Result<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return fail(Errc::invalid, "base64 without its padding");
  if (text.ends_with("==")) return decode(text.substr(0, text.size() - 2), standard_values);
  if (text.ends_with('=')) return decode(text.substr(0, text.size() - 1), standard_values);
  return decode(text, standard_values);
}

std::string to_base64url(std::string_view bytes) {
  return encode(bytes, url);
}

Result<std::string> from_base64url(std::string_view text) {
  return decode(text, url_values);
}

}  // namespace reeve::crypto
