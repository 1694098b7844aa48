// `ip("10.0.0.0/8")` (cedar-spec, Cedar/Spec/Ext/IPAddr.lean): an address with its prefix. The text
// form is stricter than inet_pton: no leading zeros, no zone, no dotted IPv4 inside IPv6.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reeve::cedar {

struct IpAddr {
  bool v6 = false;
  std::uint8_t prefix = 32;                   ///< Bits: at most 32 or 128.
  std::array<std::uint8_t, 16> address = {};  ///< Network order; IPv4 is in the first four bytes.

  auto operator<=>(IpAddr const&) const = default;
};

/// Empty: not the text of an address.
std::optional<IpAddr> parse_ip(std::string_view text);
/// With its prefix, always: "10.0.0.1/32", "::1/128".
std::string to_string(IpAddr const& ip);

bool is_loopback(IpAddr const& ip);
bool is_multicast(IpAddr const& ip);
/// All addresses of `ip` lie in `range`. False across families.
bool in_range(IpAddr const& ip, IpAddr const& range);

}  // namespace reeve::cedar
