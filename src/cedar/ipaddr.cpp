#include "cedar/ipaddr.hpp"

#include <algorithm>
#include <cstdio>

#include "base/hex.hpp"

namespace reeve::cedar {
namespace {

constexpr std::size_t text_max = 43;  // "ffff:…(8)/128" is 43 bytes

/// A decimal number of at most `digits_max` digits without a leading zero.
std::optional<int> plain_number(std::string_view text, std::size_t digits_max, int max) {
  if (text.empty() || text.size() > digits_max || (text.size() > 1 && text[0] == '0')) return {};
  int value = 0;
  for (char const c : text) {
    if (c < '0' || c > '9') return {};
    value = value * 10 + (c - '0');
  }
  if (value > max) return {};
  return value;
}

std::optional<int> hex_group(std::string_view text) {
  if (text.empty() || text.size() > 4) return {};
  int value = 0;
  for (char const c : text) {
    int const digit = hex_digit(c);
    if (digit < 0) return {};
    value = value * 16 + digit;
  }
  return value;
}

std::optional<IpAddr> parse_v4(std::string_view text) {
  IpAddr ip;
  for (std::size_t i = 0; i < 4; ++i) {
    auto const dot = i < 3 ? text.find('.') : text.size();
    if (dot == text.npos) return {};
    auto const octet = plain_number(text.substr(0, dot), 3, 255);
    if (!octet) return {};
    ip.address[i] = static_cast<std::uint8_t>(*octet);
    text.remove_prefix(std::min(dot + 1, text.size()));
  }
  return ip;
}

struct Groups {
  std::array<int, 8> value = {};
  std::size_t count = 0;
};

/// Groups between single colons; empty text has none.
std::optional<Groups> groups(std::string_view text) {
  Groups out;
  while (!text.empty()) {
    auto const colon = text.find(':');
    auto const group = hex_group(text.substr(0, colon));
    if (!group || out.count == 8 || colon == text.size() - 1) return {};
    out.value[out.count++] = *group;
    text.remove_prefix(colon == text.npos ? text.size() : colon + 1);
  }
  return out;
}

std::optional<IpAddr> parse_v6(std::string_view text) {
  auto const gap = text.find("::");
  auto const left = groups(text.substr(0, gap));
  auto const right = groups(gap == text.npos ? "" : text.substr(gap + 2));
  if (!left || !right) return {};
  auto const count = left->count + right->count;
  if (gap == text.npos ? count != 8 : count > 7) return {};
  IpAddr ip{.v6 = true, .prefix = 128};
  auto const put = [&](std::size_t at, int group) {
    ip.address[2 * at] = static_cast<std::uint8_t>(group >> 8);
    ip.address[2 * at + 1] = static_cast<std::uint8_t>(group & 255);
  };
  for (std::size_t i = 0; i < left->count; ++i) put(i, left->value[i]);
  for (std::size_t i = 0; i < right->count; ++i) put(8 - right->count + i, right->value[i]);
  return ip;
}

/// The first `bits` bits of both are equal.
bool same_network(IpAddr const& a, IpAddr const& b, unsigned bits) {
  auto const whole = bits / 8;
  if (!std::equal(a.address.begin(), a.address.begin() + whole, b.address.begin())) return false;
  if (bits % 8 == 0) return true;
  auto const mask = 0xFFu << (8 - bits % 8);
  return ((a.address[whole] ^ b.address[whole]) & mask & 0xFFu) == 0;
}

}  // namespace

std::optional<IpAddr> parse_ip(std::string_view text) {
  if (text.size() > text_max) return {};
  auto const slash = text.find('/');
  auto const host = text.substr(0, slash);
  auto ip = host.contains(':') ? parse_v6(host) : parse_v4(host);
  if (!ip || slash == text.npos) return ip;
  auto const prefix = plain_number(text.substr(slash + 1), ip->v6 ? 3 : 2, ip->v6 ? 128 : 32);
  if (!prefix) return {};
  ip->prefix = static_cast<std::uint8_t>(*prefix);
  return ip;
}

std::string to_string(IpAddr const& ip) {
  char text[64];
  auto const& a = ip.address;
  if (!ip.v6) {
    std::snprintf(text, sizeof text, "%d.%d.%d.%d/%d", a[0], a[1], a[2], a[3], ip.prefix);
    return text;
  }
  std::string out;
  for (std::size_t i = 0; i < 8; ++i) {
    std::snprintf(text, sizeof text, "%s%x", i == 0 ? "" : ":", a[2 * i] * 256 + a[2 * i + 1]);
    out += text;
  }
  return out + "/" + std::to_string(ip.prefix);
}

bool in_range(IpAddr const& ip, IpAddr const& range) {
  return ip.v6 == range.v6 && ip.prefix >= range.prefix && same_network(ip, range, range.prefix);
}

bool is_loopback(IpAddr const& ip) {
  IpAddr const v4{.prefix = 8, .address = {127}};
  IpAddr const v6{
      .v6 = true, .prefix = 128, .address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
  return in_range(ip, ip.v6 ? v6 : v4);
}

bool is_multicast(IpAddr const& ip) {
  IpAddr const v4{.prefix = 4, .address = {224}};
  IpAddr const v6{.v6 = true, .prefix = 8, .address = {0xFF}};
  return in_range(ip, ip.v6 ? v6 : v4);
}

}  // namespace reeve::cedar
