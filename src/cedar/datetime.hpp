// `datetime("2024-10-15T11:35:00Z")` and `duration("1d2h")` (cedar-spec,
// Cedar/Spec/Ext/Datetime.lean; RFC 80): milliseconds in an int64. The text forms are fixed and
// strict; every operation that leaves the range of int64 is an error, never a wrap.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reeve::cedar {

struct Datetime {
  std::int64_t ms = 0;  ///< Since 1970, UTC.

  auto operator<=>(Datetime const&) const = default;
};

struct Duration {
  std::int64_t ms = 0;

  auto operator<=>(Duration const&) const = default;
};

/// "2024-10-15", "2024-10-15T11:35:00Z", "2024-10-15T11:35:00.000+0100". Empty: not such a text.
std::optional<Datetime> parse_datetime(std::string_view text);
/// "1d2h3m4s5ms", each part optional but in this order, with one sign. Empty: not such a text.
std::optional<Duration> parse_duration(std::string_view text);

/// A text that parses back to the same value; empty outside the years 0 to 9999.
std::string to_string(Datetime at);
std::string to_string(Duration span);  ///< "…ms".

/// Empty: out of range.
std::optional<Datetime> offset(Datetime at, Duration by);
std::optional<Duration> duration_since(Datetime at, Datetime start);
std::optional<Datetime> to_date(Datetime at);  ///< The start of its day.
Duration to_time(Datetime at);                 ///< Since the start of its day: 0 ≤ t < 24 h.

}  // namespace reeve::cedar
