#include "connectors/x509/endpoint.hpp"

#include <algorithm>
#include <charconv>

#include "base/text.hpp"

namespace reeve::x509 {
namespace {

constexpr std::string_view start_names[] = {"tls", "smtp", "imap", "pop3", "ldap", "postgres"};

std::unexpected<Error> wrong(std::string_view text, std::string const& why) {
  return fail(Errc::invalid,
              "endpoint \"" + shortened(printable(clean_utf8(text)), 100) + "\": " + why);
}

bool is_port(std::string_view text) {
  int port = 0;
  auto const [end, error] = std::from_chars(text.begin(), text.end(), port);
  return error == std::errc() && end == text.end() && port >= 1 && port <= 65535;
}

bool is_host(std::string_view text) {
  return !text.empty() && text.size() <= 253 && std::ranges::all_of(text, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_' || c == ':';
  });
}

}  // namespace

std::string Endpoint::text() const {
  auto const at = host.contains(':') ? "[" + host + "]" : host;
  auto const asked = name == host ? "" : "#" + name;
  return std::string(start_names[std::size_t(start)]) + ":" + at + ":" + port + asked;
}

Result<Endpoint> parse_endpoint(std::string_view text) {
  Endpoint out;
  auto rest = trim(text);
  if (auto const scheme = rest.find("://"); scheme != std::string_view::npos) {
    auto const found = std::ranges::find(start_names, rest.substr(0, scheme));
    if (found == std::end(start_names))
      return wrong(text, "its scheme is unknown; one of: tls, smtp, imap, pop3, ldap, postgres");
    out.start = Start(found - std::begin(start_names));
    rest.remove_prefix(scheme + 3);
  }
  if (auto const hash = rest.find('#'); hash != std::string_view::npos) {
    out.name = rest.substr(hash + 1);
    if (!is_host(out.name)) return wrong(text, "what follows # is no host name");
    rest = rest.substr(0, hash);
  }
  auto const colon = rest.rfind(':');
  if (colon == std::string_view::npos) return wrong(text, "a port is missing, as in host:443");
  auto host = rest.substr(0, colon);
  bool const bracketed = host.size() > 2 && host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (!is_host(host) || (host.contains(':') && !bracketed)) return wrong(text, "not a host name");
  if (!is_port(rest.substr(colon + 1))) return wrong(text, "not a port");
  out.host = host;
  out.port = rest.substr(colon + 1);
  if (out.name.empty()) out.name = out.host;
  return out;
}

}  // namespace reeve::x509
