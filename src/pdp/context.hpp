// The context of a request: what whoever enforces has seen, made into the attributes of
// attributes.hpp. Nothing a caller sends becomes a fact here unless somebody vouches for it.
//
// The address is the delicate one. X-Forwarded-For is a list that each proxy appends to, and
// whoever calls may send a beginning of it. So it counts from its end, and only as far as trusted
// proxies reach: the peer must be one, then each address before it. The first that is none is the
// caller's.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "cedar/ipaddr.hpp"
#include "pdp/geo.hpp"
#include "pdp/zone.hpp"

namespace reeve::pdp {

/// One of the chain who asks, who asked first in front.
struct Actor {
  std::string kind;  ///< "person", "agent", "tool", "credential", "user".
  std::string id;

  bool operator==(Actor const&) const = default;
};

/// What was seen of one call. Empty and absent means not seen.
struct Facts {
  std::string peer;           ///< Address of the connection; "unix" or empty: none.
  std::string forwarded_for;  ///< X-Forwarded-For as it came; several joined by commas, in order.
  std::string auth_method = "none";
  std::optional<Instant> token_made;
  std::string mtls_san;
  std::int64_t attest_level = 0;
  std::string attest_kind = "none";
  std::vector<Actor> chain;
  std::string on_behalf_of;  ///< Id of a person.
  std::string request_id;
  Json more{Json::Object{}};  ///< Further attributes as their path's members: {"tool": {…}}.
};

/// "10.0.0.0/8" or an address. Errors: invalid.
Result<std::vector<cedar::IpAddr>> parse_networks(std::string_view comma_separated);

/// Where a call comes from; empty: nobody can tell, as when a trusted proxy says no address.
std::optional<cedar::IpAddr> source_of(std::string_view peer, std::string_view forwarded_for,
                                       std::vector<cedar::IpAddr> const& trusted);

/// What the context is made with, besides the call itself.
struct Surroundings {
  std::vector<cedar::IpAddr> trusted_proxies;
  Zone zone;                       ///< Of time.tod and time.dow.
  std::shared_ptr<Geo const> geo;  ///< Null: no address has a place.
};

/// Attributes as JSON, in the types that the schema reads: an ipaddr, a datetime and a duration are
/// text. Any thread.
Json make_context(Facts const& facts, Surroundings const& surroundings, Instant now);

}  // namespace reeve::pdp
