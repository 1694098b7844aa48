// libcurl takes URLs apart, because it is libcurl that will connect: a second parser could see
// another host in the same text.

#include "net/url.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "base/text.hpp"

namespace reeve::net {
namespace {

constexpr std::size_t bytes_max = 8192;
using Handle = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

std::string part(CURLU* url, CURLUPart wanted, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, wanted, &text, flags) != CURLUE_OK) return {};
  std::unique_ptr<char, decltype(&curl_free)> const owned(text, curl_free);
  return text;
}

Result<> set(CURLU* url, std::string_view text) {
  if (text.size() > bytes_max) return fail(Errc::invalid, "a URL of more than 8192 bytes");
  if (!is_plain(text)) return fail(Errc::invalid, "a URL with bytes that must be escaped");
  auto const code =
      curl_url_set(url, CURLUPART_URL, std::string(text).c_str(), CURLU_DISALLOW_USER);
  if (code == CURLUE_USER_NOT_ALLOWED)
    return fail(Errc::invalid, "a URL with a user or password; pass them by other means");
  if (code != CURLUE_OK)
    return fail(Errc::invalid, std::string("not a URL: ") + curl_url_strerror(code));
  return {};
}

Result<Url> read(CURLU* handle) {
  curl_url_set(handle, CURLUPART_FRAGMENT, nullptr, 0);
  Url url{.text = part(handle, CURLUPART_URL),
          .scheme = part(handle, CURLUPART_SCHEME),
          .host = lower(part(handle, CURLUPART_HOST))};
  auto const port = part(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  std::from_chars(port.data(), port.data() + port.size(), url.port);
  if (url.scheme != "https" && url.scheme != "http")
    return fail(Errc::invalid, "a URL of scheme \"" + url.scheme + "\"; one of: https, http");
  if (url.host.empty() || url.port == 0) return fail(Errc::invalid, "a URL without host or port");
  return url;
}

}  // namespace

std::string Url::origin() const {
  return scheme + "://" + host + ":" + std::to_string(port);
}

Result<Url> parse_url(std::string_view text) {
  Handle const handle(curl_url(), curl_url_cleanup);
  TRY(set(handle.get(), text));
  return read(handle.get());
}

Result<Url> resolve_url(Url const& base, std::string_view location) {
  Handle const handle(curl_url(), curl_url_cleanup);
  TRY(set(handle.get(), base.text));
  TRY(set(handle.get(), location));
  return read(handle.get());
}

}  // namespace reeve::net
