// Small MaxMind files made in memory, for tests: one record for one half of IPv4 or for all of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace reeve::pdp::mmdb {

/// Text up to 28 bytes.
inline std::string text(std::string_view value) {
  return static_cast<char>(0x40 | value.size()) + std::string(value);
}
inline std::string number(std::uint32_t value) {
  std::string out(1, static_cast<char>(0xc4));
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xff);
  return out;
}
inline std::string boolean(bool yes) {
  return std::string(1, static_cast<char>(yes)) + '\x07';
}
/// The head of a map of up to 28 members, which follow as key and value.
inline std::string map(std::size_t members) {
  return std::string(1, static_cast<char>(0xe0 | members));
}
inline std::string country(std::string_view code) {
  return map(1) + text("country") + map(1) + text("iso_code") + text(code);
}

/// `record` for every IPv4 address; with `upper_half_only` for 128.0.0.0/1 alone.
inline std::string file(std::string const& record, bool upper_half_only = false) {
  auto const uint16 = [](char value) { return std::string("\xa2\0", 2) + value; };
  std::string const found("\0\0\x11", 3), nothing("\0\0\x01", 3);
  std::string out = (upper_half_only ? nothing : found) + found + std::string(16, '\0') + record;
  out += "\xab\xcd\xefMaxMind.com" + map(9);
  out += text("node_count") + number(1) + text("record_size") + uint16(24);
  out += text("ip_version") + uint16(4) + text("database_type") + text("Test");
  out += text("languages") + std::string("\0\x04", 2);
  out += text("binary_format_major_version") + uint16(2);
  out += text("binary_format_minor_version") + uint16(0);
  out += text("build_epoch") + std::string("\x01\x02\x01", 3) + text("description") + map(0);
  return out;
}

}  // namespace reeve::pdp::mmdb
