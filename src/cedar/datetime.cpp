#include "cedar/datetime.hpp"

#include <chrono>
#include <cstdio>

namespace reeve::cedar {
namespace {

using namespace std::string_view_literals;

constexpr std::int64_t day_ms = 86'400'000;

/// Eats the text from the left; once something did not match, `ok` stays false.
struct Scanner {
  std::string_view rest;
  bool ok = true;

  void want(char c) {
    ok = ok && rest.starts_with(c);
    if (ok) rest.remove_prefix(1);
  }
  bool next(char c) {
    bool const hit = ok && rest.starts_with(c);
    if (hit) rest.remove_prefix(1);
    return hit;
  }
  int digits(std::size_t count, int max) {
    int value = 0;
    ok = ok && rest.size() >= count;
    for (std::size_t i = 0; ok && i < count; ++i) {
      ok = rest[i] >= '0' && rest[i] <= '9';
      value = value * 10 + (rest[i] - '0');
    }
    ok = ok && value <= max;
    if (ok) rest.remove_prefix(count);
    return ok ? value : 0;
  }
};

std::int64_t clock_ms(Scanner& scan) {
  std::int64_t ms = scan.digits(2, 23) * 3'600'000LL;
  scan.want(':');
  ms += scan.digits(2, 59) * 60'000LL;
  scan.want(':');
  ms += scan.digits(2, 59) * 1'000LL;
  if (scan.next('.')) ms += scan.digits(3, 999);
  return ms;
}

std::int64_t zone_ms(Scanner& scan) {
  if (scan.next('Z')) return 0;
  bool const west = scan.next('-');
  if (!west) scan.want('+');
  auto const hours = scan.digits(2, 23);
  auto const minutes = scan.digits(2, 59);
  auto const ms = hours * 3'600'000LL + minutes * 60'000LL;
  return west ? -ms : ms;
}

/// One `<number><unit>` of a duration, subtracted from `total`: counted downwards, since the range
/// reaches one further below zero.
bool take_part(std::string_view& rest, std::string_view unit, std::int64_t size,
               std::int64_t& total, bool& any) {
  auto const end = rest.find_first_not_of("0123456789");
  if (end == 0 || end == rest.npos || !rest.substr(end).starts_with(unit)) return true;
  if (unit == "m"sv && rest.substr(end).starts_with("ms"sv)) return true;
  std::int64_t count = 0;
  for (char const c : rest.substr(0, end))
    if (__builtin_mul_overflow(count, 10, &count) || __builtin_sub_overflow(count, c - '0', &count))
      return false;
  if (__builtin_mul_overflow(count, size, &count)) return false;
  rest.remove_prefix(end + unit.size());
  any = true;
  return !__builtin_add_overflow(total, count, &total);
}

}  // namespace

std::optional<Datetime> parse_datetime(std::string_view text) {
  Scanner scan{text};
  std::chrono::year const year{scan.digits(4, 9999)};
  scan.want('-');
  std::chrono::month const month{static_cast<unsigned>(scan.digits(2, 12))};
  scan.want('-');
  auto const date = year / month / std::chrono::day{static_cast<unsigned>(scan.digits(2, 31))};
  std::int64_t ms = 0;
  if (scan.ok && !scan.rest.empty()) {
    scan.want('T');
    ms = clock_ms(scan);
    ms -= zone_ms(scan);
  }
  if (!scan.ok || !scan.rest.empty() || !date.ok()) return {};
  return Datetime{std::chrono::sys_days(date).time_since_epoch().count() * day_ms + ms};
}

std::optional<Duration> parse_duration(std::string_view text) {
  bool const negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  std::int64_t total = 0;
  bool any = false;
  bool const fits = take_part(text, "d", day_ms, total, any) &&
                    take_part(text, "h", 3'600'000, total, any) &&
                    take_part(text, "m", 60'000, total, any) &&
                    take_part(text, "s", 1'000, total, any) && take_part(text, "ms", 1, total, any);
  if (!fits || !any || !text.empty()) return {};
  if (!negative && __builtin_sub_overflow(std::int64_t{0}, total, &total)) return {};
  return Duration{total};
}

std::string to_string(Datetime at) {
  std::chrono::sys_time<std::chrono::milliseconds> const time{std::chrono::milliseconds(at.ms)};
  auto const midnight = std::chrono::floor<std::chrono::days>(time);
  std::chrono::year_month_day const date(midnight);
  constexpr std::int64_t first = -62'167'219'200'000, last = 253'402'300'799'999;
  if (at.ms < first || at.ms > last) return {};
  auto const clock = (time - midnight).count();
  char text[48];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", int(date.year()),
                unsigned(date.month()), unsigned(date.day()), int(clock / 3'600'000),
                int(clock / 60'000 % 60), int(clock / 1'000 % 60), int(clock % 1'000));
  return text;
}

std::string to_string(Duration span) {
  return std::to_string(span.ms) + "ms";
}

std::optional<Datetime> offset(Datetime at, Duration by) {
  Datetime out;
  if (__builtin_add_overflow(at.ms, by.ms, &out.ms)) return {};
  return out;
}

std::optional<Duration> duration_since(Datetime at, Datetime start) {
  Duration out;
  if (__builtin_sub_overflow(at.ms, start.ms, &out.ms)) return {};
  return out;
}

Duration to_time(Datetime at) {
  auto const rest = at.ms % day_ms;
  return {rest < 0 ? rest + day_ms : rest};
}

std::optional<Datetime> to_date(Datetime at) {
  Datetime out;
  if (__builtin_sub_overflow(at.ms, to_time(at).ms, &out.ms)) return {};
  return out;
}

}  // namespace reeve::cedar
