#include "net/client.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <mutex>

#include "base/text.hpp"
#include "net/transfer.hpp"

namespace reeve::net {
namespace {

constexpr std::size_t transfers_kept_max = 8;

bool is_token(std::string_view text) {
  static constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           others.contains(c);
  });
}

bool is_value(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

// libcurl frames the body; a second opinion on its length would be smuggling.
bool is_ours(std::string_view name) {
  auto const small = lower(name);
  return small == "content-length" || small == "transfer-encoding" || small == "connection";
}

Result<> check_field(std::string_view name, std::string_view value) {
  if (!is_token(name) || is_ours(name))
    return fail(Errc::invalid, "not a header field to set: \"" + printable(name) + "\"");
  if (!is_value(value))
    return fail(Errc::invalid, "a line break in the value of " + std::string(name));
  return {};
}

Result<> check(Request const& request) {
  if (!is_token(request.method))
    return fail(Errc::invalid, "not a method: \"" + printable(request.method) + "\"");
  for (auto const& [name, value] : request.fields) TRY(check_field(name, value));
  for (auto const& [name, value] : request.secret_fields) TRY(check_field(name, value.reveal()));
  return {};
}

bool is_redirect(Request const& request, Reply const& reply) {
  constexpr std::array statuses{301, 302, 303, 307, 308};
  return request.redirects_max > 0 && (request.method == "GET" || request.method == "HEAD") &&
         std::ranges::find(statuses, reply.status) != statuses.end() && reply.find("location");
}

Errc meaning(int status) {
  switch (status) {
    case 401: return Errc::unauthenticated;
    case 403: return Errc::denied;
    case 404:
    case 410: return Errc::not_found;
    case 409:
    case 412: return Errc::conflict;
    case 408:
    case 504: return Errc::timeout;
    case 429: return Errc::rate_limited;
    case 405:
    case 501: return Errc::unsupported;
    default: break;
  }
  if (status < 400) return Errc::unsupported;
  return status < 500 ? Errc::invalid : Errc::unavailable;
}

class CurlClient final : public Client {
 public:
  CurlClient(ClientOptions options, std::vector<std::string> allowed)
      : options_(std::move(options)), allowed_(std::move(allowed)) {}

 private:
  Result<Reply> do_send(Request const& request, Sink const& sink) override;
  Result<Hop> plan(Request const& request, Sink const& sink, Url const& first,
                   Url const& url) const;
  Result<Reply> run(Hop const& hop);
  bool may_be_private(Url const& first, Url const& url) const;
  std::unique_ptr<Transfer> take_transfer();
  void keep(std::unique_ptr<Transfer> transfer);

  ClientOptions const options_;
  std::vector<std::string> const allowed_;  // Origins.
  std::mutex mutex_;
  std::vector<std::unique_ptr<Transfer>> idle_;
};

// The operator chose the first origin and the allowed ones, a server the rest.
bool CurlClient::may_be_private(Url const& first, Url const& url) const {
  auto const origin = url.origin();
  if (std::ranges::find(allowed_, origin) != allowed_.end()) return true;
  return !options_.public_only && origin == first.origin();
}

Result<Hop> CurlClient::plan(Request const& request, Sink const& sink, Url const& first,
                             Url const& url) const {
  bool const is_local = !options_.unix_path.empty();
  bool const same_origin = url.origin() == first.origin();
  if (url.scheme == "http" && !is_local && !options_.plain_http)
    return fail(Errc::denied, url.origin() + " is not https");
  if (url.scheme == "http" && first.scheme == "https")
    return fail(Errc::denied, "a redirect from https to " + url.origin());
  if (is_local && !same_origin)
    return fail(Errc::denied, "a redirect from a unix socket to " + url.origin());
  // NOLINTNEXTLINE(bugprone-unchecked-optional-access): make_client fills it in.
  auto const& proxies = *options_.proxy;
  Hop hop{.request = request,
          .url = url,
          .sink = sink,
          .proxy = is_local ? "" : proxy_for(proxies, url),
          .with_secrets = same_origin,
          .public_only = !is_local && !may_be_private(first, url)};
  if (hop.public_only && !hop.proxy.empty())
    return fail(Errc::denied, "whether " + url.origin() +
                                  " is public cannot be seen behind a proxy; allow that origin");
  return hop;
}

Result<Reply> CurlClient::do_send(Request const& request, Sink const& sink) {
  TRY(check(request));
  auto const first = TRY(parse_url(request.url));
  auto url = first;
  for (unsigned redirects = 0;; ++redirects) {
    auto const during = request.method + " " + url.origin();
    auto const hop = TRY_DURING(plan(request, sink, first, url), during);
    auto reply = TRY_DURING(run(hop), during);
    if (!is_redirect(request, reply)) return reply;
    if (redirects == request.redirects_max)
      return fail(Errc::corrupt,
                  during + ": more than " + std::to_string(redirects) + " redirects");
    // NOLINTNEXTLINE(bugprone-unchecked-optional-access): is_redirect has seen it.
    url = TRY_DURING(resolve_url(url, *reply.find("location")), during + ": its redirect");
  }
}

Result<Reply> CurlClient::run(Hop const& hop) {
  auto transfer = take_transfer();
  auto reply = transfer->run(hop);
  keep(std::move(transfer));
  return reply;
}

std::unique_ptr<Transfer> CurlClient::take_transfer() {
  std::lock_guard const lock(mutex_);
  if (idle_.empty()) return std::make_unique<Transfer>(options_);
  auto transfer = std::move(idle_.back());
  idle_.pop_back();
  return transfer;
}

void CurlClient::keep(std::unique_ptr<Transfer> transfer) {
  std::lock_guard const lock(mutex_);
  if (idle_.size() < transfers_kept_max) idle_.push_back(std::move(transfer));
}

}  // namespace

std::optional<std::string_view> Reply::find(std::string_view name) const {
  auto const wanted = lower(name);
  auto const found =
      std::ranges::find_if(fields, [&](auto& field) { return lower(field.first) == wanted; });
  if (found == fields.end()) return std::nullopt;
  return found->second;
}

std::optional<std::chrono::seconds> Reply::retry_after() const {
  auto const text = find("retry-after");
  unsigned seconds = 0;
  if (!text) return std::nullopt;
  auto const [end, error] = std::from_chars(text->data(), text->data() + text->size(), seconds);
  if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
  return std::chrono::seconds(seconds);
}

Result<Reply> accepted(Reply reply) {
  if (reply.status >= 200 && reply.status < 300) return reply;
  return fail(meaning(reply.status),
              reply.origin + " answered with status " + std::to_string(reply.status));
}

Result<std::unique_ptr<Client>> make_client(ClientOptions options) {
  std::vector<std::string> allowed;
  allowed.reserve(options.allowed_origins.size());
  for (auto const& text : options.allowed_origins)
    allowed.push_back(TRY_DURING(parse_url(text), "allowed origin " + printable(text)).origin());
  if (!options.proxy)  // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets variables by then.
    options.proxy = proxies_from([](char const* name) -> char const* { return std::getenv(name); });
  return std::make_unique<CurlClient>(std::move(options), std::move(allowed));
}

}  // namespace reeve::net
