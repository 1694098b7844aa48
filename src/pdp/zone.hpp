// A time zone, to tell what clocks on a wall show: "Monday to Friday, 08 to 18 in Berlin" must hold
// on the day the clocks change too.
//
// The standard library of GCC 12 has no zones, and the C library's are one global setting, so this
// reads the system's zone files: TZif (RFC 8536), versions 2 to 4, of which the 64-bit part. After
// the last change that a file lists, its footer counts: a rule in the form of POSIX TZ, as in
// "CET-1CEST,M3.5.0,M10.5.0/3". Leap seconds are not in UTC instants and are passed over.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace reeve::pdp {

/// Offsets in seconds east of UTC.
class Zone {
 public:
  Zone() = default;  ///< UTC.

  /// "Europe/Berlin", "UTC". Errors: invalid (no such name), not_found, corrupt.
  static Result<Zone> load(std::string const& name,
                           std::string const& folder = "/usr/share/zoneinfo");
  /// The content of such a file. Errors: corrupt.
  static Result<Zone> parse(std::string_view file);
  /// Only the rule. Errors: corrupt.
  static Result<Zone> parse_rule(std::string_view posix_tz);

  std::int32_t offset_at(Instant at) const;

  /// A day on which an offset changes, in one of the forms of POSIX.
  struct Day {
    enum class Kind : std::uint8_t { julian, zero_based, month } kind = Kind::month;
    int day = 0;               ///< 1 to 365 without 29 February; 0 to 365; or 0 (Sunday) to 6.
    int month = 0, week = 0;   ///< Week 5 is the last.
    std::int32_t time = 7200;  ///< Seconds after midnight, on the clock before the change.
  };

 private:
  struct Rule {
    std::int32_t standard = 0;
    std::optional<std::int32_t> summer;  ///< Empty: clocks do not change.
    Day begin, end;
  };
  friend class RuleReader;
  std::int32_t rule_offset(Rule const& rule, std::int64_t at) const;

  std::vector<std::int64_t> times_;    ///< Seconds since 1970 at which an offset begins; sorted.
  std::vector<std::int32_t> offsets_;  ///< From the time of the same place on.
  std::int32_t first_ = 0;             ///< Before all of them.
  std::optional<Rule> rule_;           ///< After all of them; empty: the last one stays.
};

/// What a clock there shows.
struct WallClock {
  Duration time_of_day{0};
  unsigned day_of_week = 1;  ///< Monday is 1.
};
WallClock wall_clock(Zone const& zone, Instant at);

}  // namespace reeve::pdp
