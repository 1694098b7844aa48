// How long an answer stands: the next instant at which it may change though nothing but time does,
// and what it was read from. For caches (keep it until then, or until one of these changes) and for
// revocation (ask again then).
//
// Time is in the context: one attribute is the clock (`context.time.now`), others are derived from
// it in ways only their maker knows (`context.time.dow`, in some zone). Policies whose scope
// matches are read for the clock. Where it is compared with what does not move (`now <
// resource.expires`, `now.durationSince(x) > duration("1h")`, `now.toTime()`), the instant of
// crossing is worked out; where it is used in any other way, the answer is taken to change with
// each millisecond. If no derived attribute is read, crossings that leave the decision as it is are
// passed over, so the instant is exact; else it may be early. It is never late.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cedar/authorize.hpp"

namespace reeve::cedar {

/// An attribute that somebody derived from the clock, and when it changes next.
struct DerivedTime {
  std::vector<std::string> path;  ///< {"time", "dow"}: below context.
  Datetime changes_at;
};

struct Clock {
  std::vector<std::string> path = {"time", "now"};  ///< Of the datetime, below context.
  std::vector<DerivedTime> derived = {};
};

struct Lifetime {
  /// The decision may be another from here on. Empty: never by time alone.
  std::optional<Datetime> changes_at;
};

/// A clock that is absent from the context, or no datetime, never changes anything; whoever adds it
/// asks another question.
Lifetime lifetime(PolicySet const& policies, Request const& request, Entities const& entities,
                  Clock const& clock = {});

/// What the policies whose scope matches look at, whatever of it was evaluated: sorted, once each.
struct ReadSet {
  std::vector<std::string> paths;   ///< "context.ip", "principal.manager.level".
  std::vector<EntityUid> entities;  ///< Whose attributes, tags or ancestors were looked at.
};
/// Scopes look at the ancestors of the three entities of the request, so these are always there.
ReadSet reads(PolicySet const& policies, Request const& request, Entities const& entities);

}  // namespace reeve::cedar
