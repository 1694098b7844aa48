// Any text as a URL, and as a redirect from one. The host we check must be the host that libcurl
// connects to, so what is accepted reads the same again.

#include "net/url.hpp"

#include "check.hpp"
#include "net/proxy.hpp"

namespace {

using namespace reeve;

void check(net::Url const& url) {
  fuzz::must((url.scheme == "https" || url.scheme == "http") && !url.host.empty() && url.port > 0);
  fuzz::must(url.text.find_first_of("\r\n #") == url.text.npos);
  auto const again = net::parse_url(url.text);
  fuzz::must(again.has_value());
  fuzz::must(again->text == url.text && again->origin() == url.origin());
  (void)net::proxy_for({.all = "http://p", .direct = {url.host, "10.0.0.0/8", "*.x:1"}}, url);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  auto const text = fuzz::text(data, size);
  if (auto const url = net::parse_url(text)) check(*url);
  auto const base = net::parse_url("https://example.com:8443/a/b?c");
  fuzz::must(base.has_value());
  if (auto const url = net::resolve_url(*base, text)) check(*url);
  return 0;
}
