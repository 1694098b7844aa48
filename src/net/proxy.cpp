#include "net/proxy.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "net/ip.hpp"

namespace reeve::net {
namespace {

bool is_this_host(std::string_view host) {
  auto const ip = parse_ip(host);
  return ip ? is_loopback(*ip) : host == "localhost" || host.ends_with(".localhost");
}

/// Takes ":443" off; false: the entry is for another port.
bool take_port(std::string_view& entry, std::uint16_t port) {
  auto const colon = entry.rfind(':');
  bool const is_ipv6 = !entry.ends_with(']') && std::ranges::count(entry, ':') > 1 &&
                       (colon == 0 || entry[colon - 1] != ']');
  if (colon == entry.npos || is_ipv6 || entry.ends_with(']')) return true;
  bool const same = entry.substr(colon + 1) == std::to_string(port);
  entry = entry.substr(0, colon);
  return same;
}

bool covers(std::string_view entry, Url const& url) {
  if (entry == "*") return true;
  if (!take_port(entry, url.port)) return false;
  if (auto const ip = parse_ip(url.host)) {
    auto const other = parse_ip(entry);
    return other ? *ip == *other : is_within(*ip, entry);
  }
  if (entry.starts_with("*.")) entry.remove_prefix(1);
  if (entry.starts_with('.')) entry.remove_prefix(1);
  auto const name = lower(entry);
  return !name.empty() && (url.host == name || url.host.ends_with("." + name));
}

}  // namespace

ProxySettings proxies_from(std::function<char const*(char const* name)> const& get) {
  auto const first = [&get](std::initializer_list<char const*> names) {
    for (auto const* const name : names)
      if (auto const* const value = get(name); value && *value) return std::string(value);
    return std::string();
  };
  ProxySettings settings{.https = first({"https_proxy", "HTTPS_PROXY"}),
                         .http = first({"http_proxy"}),
                         .all = first({"all_proxy", "ALL_PROXY"})};
  auto list = first({"no_proxy", "NO_PROXY"});
  std::ranges::replace(list, ' ', ',');
  for (auto const entry : split(list, ','))
    if (!entry.empty()) settings.direct.emplace_back(entry);
  return settings;
}

std::string proxy_for(ProxySettings const& settings, Url const& url) {
  if (is_this_host(url.host)) return {};
  auto const covered = [&url](std::string const& entry) { return covers(entry, url); };
  if (std::ranges::any_of(settings.direct, covered)) return {};
  auto const& own = url.scheme == "https" ? settings.https : settings.http;
  return own.empty() ? settings.all : own;
}

}  // namespace reeve::net
