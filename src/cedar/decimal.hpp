// `decimal("12.3400")` (cedar-spec, Cedar/Spec/Ext/Decimal.lean): a number with four digits after
// the point, held exactly as an int64 of ten-thousandths.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reeve::cedar {

struct Decimal {
  std::int64_t units = 0;  ///< Ten-thousandths.

  auto operator<=>(Decimal const&) const = default;
};

/// `-?\d+\.\d{1,4}` in range. Empty: not such a text.
std::optional<Decimal> parse_decimal(std::string_view text);
/// With one to four digits after the point: "1.5", "-0.0001", "2.0".
std::string to_string(Decimal decimal);

}  // namespace reeve::cedar
