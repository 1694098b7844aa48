#pragma once

#include <functional>
#include <string>
#include <vector>

#include "net/url.hpp"

namespace reeve::net {

/// Which proxy leads where. A proxy is a URL ("http://proxy:3128", also https:// and socks5h://)
/// that may hold a password: no log sees it. Empty: none.
struct ProxySettings {
  std::string https, http, all;  ///< `all` where the scheme's own is empty.
  /// "*", a name ("example.com" and all below it, also as ".example.com"), an address, a network
  /// ("10.0.0.0/8"); any with ":port".
  std::vector<std::string> direct;
};

/// https_proxy, http_proxy, all_proxy, no_proxy, also in capitals, but for HTTP_PROXY: a web server
/// sets that from a client's "Proxy:" header. `get` returns null for a variable that is not set.
ProxySettings proxies_from(std::function<char const*(char const* name)> const& get);

/// The proxy for `url`; empty: none. This host is always direct.
std::string proxy_for(ProxySettings const& settings, Url const& url);

}  // namespace reeve::net
