#include "cedar/decimal.hpp"

namespace reeve::cedar {
namespace {

bool all_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

}  // namespace

std::optional<Decimal> parse_decimal(std::string_view text) {
  bool const negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  auto const point = text.find('.');
  if (point == text.npos) return {};
  auto const whole = text.substr(0, point);
  auto const part = text.substr(point + 1);
  if (!all_digits(whole) || !all_digits(part) || part.size() > 4) return {};
  // Counted downwards, since the range reaches one further below zero.
  std::int64_t units = 0;
  auto const append = [&](char digit) {
    return !__builtin_mul_overflow(units, 10, &units) &&
           !__builtin_sub_overflow(units, digit - '0', &units);
  };
  for (char const c : whole)
    if (!append(c)) return {};
  for (std::size_t i = 0; i < 4; ++i)
    if (!append(i < part.size() ? part[i] : '0')) return {};
  if (!negative && __builtin_sub_overflow(std::int64_t{0}, units, &units)) return {};
  return Decimal{units};
}

std::string to_string(Decimal decimal) {
  bool const negative = decimal.units < 0;
  auto const size = negative ? 0 - static_cast<std::uint64_t>(decimal.units)
                             : static_cast<std::uint64_t>(decimal.units);
  auto part = std::to_string(10'000 + size % 10'000).substr(1);
  while (part.size() > 1 && part.back() == '0') part.pop_back();
  return (negative ? "-" : "") + std::to_string(size / 10'000) + "." + part;
}

}  // namespace reeve::cedar
