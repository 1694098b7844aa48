// Which addresses belong to the open Internet.
//
// A server we ask may answer with a redirect to an address that only we can reach: the cloud's
// metadata service, a database on loopback. So what is not clearly public is refused, from the
// registries of special addresses: RFC 6890 and IANA's tables as of 2025, for IPv6 all but
// 2000::/3. An IPv4 address hidden in an IPv6 one (mapped, NAT64, 6to4) is judged as itself.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

struct sockaddr;

namespace reeve::net {

/// An IPv4 address is held as its mapped form, ::ffff:a.b.c.d.
struct Ip {
  std::array<std::uint8_t, 16> bytes{};

  bool is_v4() const;
  bool operator==(Ip const&) const = default;
};

/// "127.0.0.1", "::1", "[::1]"; empty: no address in its usual form.
std::optional<Ip> parse_ip(std::string_view text);
/// Empty: neither IPv4 nor IPv6.
std::optional<Ip> ip_of(sockaddr const& address);

bool is_public(Ip const& ip);
bool is_loopback(Ip const& ip);
/// `network` as "10.0.0.0/8" or "fd00::/8"; false also when it is no network.
bool is_within(Ip const& ip, std::string_view network);

}  // namespace reeve::net
