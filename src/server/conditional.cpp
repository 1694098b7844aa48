#include "server/conditional.hpp"

#include "base/text.hpp"
#include "crypto/encode.hpp"
#include "crypto/hash.hpp"

namespace reeve::server {
namespace {

constexpr std::string_view hole = "{id}";

/// `list` ("\"a\", W/\"b\"" or "*") has `tag`. A weak one counts for reading, never for writing.
bool has(std::string_view list, std::string_view tag, bool weak_counts) {
  if (trim(list) == "*") return true;
  for (auto each : split(list, ',')) {
    each = trim(each);
    if (weak_counts && each.starts_with("W/")) each.remove_prefix(2);
    if (each == tag) return true;
  }
  return false;
}

/// GET of the object that `route` is about: of "/v1/findings/{id}/accept" "/v1/findings/{id}".
Route const* getter(Route const& route) {
  auto const end = route.path.find(hole);
  if (end == route.path.npos) return nullptr;
  auto const path = route.path.substr(0, end + hole.size());
  for (auto const* each : routes())
    if (each->method == "GET" && each->path == path) return each;
  return nullptr;
}

}  // namespace

std::string etag_of(std::string_view body) {
  constexpr std::size_t digits = 22;  // 132 bits
  auto const digest = crypto::sha256(body);
  return "\"" + crypto::to_base64url(crypto::bytes_of(digest)).substr(0, digits) + "\"";
}

void tag(Route const& route, Request const& request, net::Response& response) {
  if (route.method != "GET" || !route.path.contains(hole) || response.status != 200) return;
  auto const* body = std::get_if<std::string>(&response.body);
  if (!body) return;
  auto const made = etag_of(*body);
  response.fields.emplace_back("ETag", made);
  auto const known = request.call.head().find("If-None-Match");
  if (!known || !has(*known, made, /*weak_counts=*/true)) return;
  response.status = 304;
  response.content_type.clear();
  response.body = std::string();
}

Result<std::optional<net::Response>> unmet(Api& api, Route const& route, Request const& request) {
  auto const wanted = request.call.head().find("If-Match");
  if (!wanted || route.method == "GET") return std::nullopt;
  auto const* get = getter(route);
  if (!get) return fail(Errc::unsupported, "If-Match is for what has an ETag, and this has none");
  TRY(allowed(api, *get, request.caller, request.id, request.call));
  auto const now = TRY(get->handle(api, request));
  if (has(*wanted, etag_of(now.text()), /*weak_counts=*/false)) return std::nullopt;
  constexpr int precondition_failed = 412;
  Error const changed(Errc::conflict, request.id + " has changed since you read it: read it again");
  return error_response(changed, request.call, precondition_failed);
}

}  // namespace reeve::server
