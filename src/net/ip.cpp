#include "net/ip.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string>

namespace reeve::net {
namespace {

constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr unsigned mapped_bits = 96;

Ip from_v4(std::uint8_t const* four) {
  Ip ip;
  std::ranges::copy(mapped, ip.bytes.begin());
  std::copy_n(four, 4, ip.bytes.begin() + 12);
  return ip;
}

bool same_prefix(Ip const& a, Ip const& b, unsigned bits) {
  auto const whole = bits / 8;
  if (!std::equal(a.bytes.begin(), a.bytes.begin() + whole, b.bytes.begin())) return false;
  auto const rest = bits % 8;
  return rest == 0 || ((a.bytes[whole] ^ b.bytes[whole]) >> (8 - rest)) == 0;
}

constexpr std::array<std::string_view, 15> special_v4{
    "0.0.0.0/8",     "10.0.0.0/8",      "100.64.0.0/10",  "127.0.0.0/8",    "169.254.0.0/16",
    "172.16.0.0/12", "192.0.0.0/24",    "192.0.2.0/24",   "192.88.99.0/24", "192.168.0.0/16",
    "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",    "240.0.0.0/4"};
constexpr std::array<std::string_view, 3> special_v6{"2001::/23", "2001:db8::/32", "3fff::/20"};

/// The IPv4 address that a packet to `ip` would end at, if any.
std::optional<Ip> hidden_v4(Ip const& ip) {
  if (is_within(ip, "64:ff9b::/96")) return from_v4(ip.bytes.data() + 12);
  if (is_within(ip, "2002::/16")) return from_v4(ip.bytes.data() + 2);
  return std::nullopt;
}

}  // namespace

bool Ip::is_v4() const {
  return std::equal(mapped.begin(), mapped.end(), bytes.begin());
}

std::optional<Ip> parse_ip(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  std::string const whole(text);  // inet_pton wants its NUL.
  std::array<std::uint8_t, 4> four{};
  if (inet_pton(AF_INET, whole.c_str(), four.data()) == 1) return from_v4(four.data());
  Ip ip;
  if (inet_pton(AF_INET6, whole.c_str(), ip.bytes.data()) == 1) return ip;
  return std::nullopt;
}

std::optional<Ip> ip_of(sockaddr const& address) {
  if (address.sa_family == AF_INET)
    return from_v4(reinterpret_cast<std::uint8_t const*>(
        &reinterpret_cast<sockaddr_in const&>(address).sin_addr));
  if (address.sa_family != AF_INET6) return std::nullopt;
  Ip ip;
  std::memcpy(ip.bytes.data(), &reinterpret_cast<sockaddr_in6 const&>(address).sin6_addr, 16);
  return ip;
}

bool is_within(Ip const& ip, std::string_view network) {
  auto const slash = network.find('/');
  if (slash == network.npos) return false;
  auto const base = parse_ip(network.substr(0, slash));
  unsigned bits = 0;
  auto const* const end = network.data() + network.size();
  auto const [at, error] = std::from_chars(network.data() + slash + 1, end, bits);
  if (!base || error != std::errc() || at != end) return false;
  if (bits > (base->is_v4() ? 32u : 128u)) return false;
  return same_prefix(ip, *base, base->is_v4() ? bits + mapped_bits : bits);
}

bool is_public(Ip const& ip) {
  auto const inside = [&ip](std::string_view network) { return is_within(ip, network); };
  if (ip.is_v4()) return std::ranges::none_of(special_v4, inside);
  if (auto const hidden = hidden_v4(ip)) return is_public(*hidden);
  return is_within(ip, "2000::/3") && std::ranges::none_of(special_v6, inside);
}

bool is_loopback(Ip const& ip) {
  return is_within(ip, "127.0.0.0/8") || is_within(ip, "::1/128");
}

}  // namespace reeve::net
