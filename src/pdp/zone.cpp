#include "pdp/zone.hpp"

#include <algorithm>

#include "base/file.hpp"

namespace reeve::pdp {
namespace {

using std::chrono::sys_days;

constexpr std::int64_t day_s = 86'400;
constexpr std::size_t file_bytes_max = 1u << 20;
constexpr std::uint32_t count_max = 100'000;
constexpr std::int32_t offset_max = 26 * 3600;  // RFC 8536: less than 26 hours either way

std::unexpected<Error> corrupt(std::string_view what) {
  return fail(Errc::corrupt, "the zone file is broken: " + std::string(what));
}

/// Big-endian numbers off the front of a text.
struct Bytes {
  std::string_view rest;
  bool ok = true;

  std::string_view take(std::size_t count) {
    if (count > rest.size()) ok = false;
    auto const out = ok ? rest.substr(0, count) : std::string_view();
    if (ok) rest.remove_prefix(count);
    return out;
  }
  std::int64_t number(std::size_t width) {
    auto const bytes = take(width);
    std::uint64_t out = 0;
    for (char const c : bytes) out = out << 8 | static_cast<unsigned char>(c);
    if (width == 4) return static_cast<std::int32_t>(static_cast<std::uint32_t>(out));
    return static_cast<std::int64_t>(out);
  }
};

struct Counts {
  std::uint32_t utc = 0, standard = 0, leap = 0, time = 0, type = 0, chars = 0;

  std::size_t bytes(std::size_t width) const {
    return std::size_t{time} * (width + 1) + std::size_t{type} * 6 + chars +
           std::size_t{leap} * (width + 4) + standard + utc;
  }
};

Result<Counts> read_head(Bytes& in) {
  if (in.take(4) != "TZif") return corrupt("it does not begin with TZif");
  auto const version = in.take(1);
  in.take(15);
  Counts out;
  for (auto* count : {&out.utc, &out.standard, &out.leap, &out.time, &out.type, &out.chars}) {
    *count = static_cast<std::uint32_t>(in.number(4));
    if (*count > count_max) return corrupt("a count is out of range");
  }
  if (!in.ok) return corrupt("it is too short");
  if (version < "2" || version > "4") return corrupt("its version is not 2, 3 or 4");
  return out;
}

int month_length(int year, int month) {
  auto const last = std::chrono::year(year) / std::chrono::month(static_cast<unsigned>(month)) /
                    std::chrono::last;
  return static_cast<int>(static_cast<unsigned>(last.day()));
}

/// Days since 1970 of `day` in `year`.
std::int64_t days_of(Zone::Day const& day, int year) {
  std::chrono::year const y(year);
  auto const new_year = sys_days(y / std::chrono::January / 1).time_since_epoch().count();
  if (day.kind == Zone::Day::Kind::zero_based) return new_year + day.day;
  if (day.kind == Zone::Day::Kind::julian)
    return new_year + day.day - 1 + (y.is_leap() && day.day >= 60 ? 1 : 0);
  auto const month = static_cast<unsigned>(day.month);
  sys_days const first(y / std::chrono::month(month) / 1);
  auto const weekday = static_cast<int>(std::chrono::weekday(first).c_encoding());
  int at = 1 + (day.day - weekday + 7) % 7 + (day.week - 1) * 7;
  while (at > month_length(year, day.month)) at -= 7;
  return first.time_since_epoch().count() + at - 1;
}

}  // namespace

/// Reads POSIX TZ with the wider hours of RFC 8536 §3.3.1.
class RuleReader {
 public:
  explicit RuleReader(std::string_view text) : rest_(text) {}

  Result<Zone::Rule> read() {
    Zone::Rule out;
    name();
    out.standard = -time(/*hours_max=*/24);
    if (ok_ && !rest_.empty()) summer(out);
    if (!ok_ || !rest_.empty()) return corrupt("its rule is not one of POSIX TZ");
    return out;
  }

 private:
  void summer(Zone::Rule& out) {
    name();
    out.summer = out.standard + 3600;
    if (!rest_.starts_with(',') && !rest_.empty()) out.summer = -time(/*hours_max=*/24);
    want(',');
    out.begin = day();
    want(',');
    out.end = day();
  }

  Zone::Day day() {
    Zone::Day out;
    if (rest_.starts_with('M')) {
      want('M');
      out.month = number(1, 12);
      want('.');
      out.week = number(1, 5);
      want('.');
      out.day = number(0, 6);
    } else if (rest_.starts_with('J')) {
      want('J');
      out.kind = Zone::Day::Kind::julian;
      out.day = number(1, 365);
    } else {
      out.kind = Zone::Day::Kind::zero_based;
      out.day = number(0, 365);
    }
    if (!rest_.starts_with('/')) return out;
    want('/');
    out.time = time(/*hours_max=*/167);
    return out;
  }

  void name() {
    bool const quoted = rest_.starts_with('<');
    if (quoted) rest_.remove_prefix(1);
    std::size_t length = 0;
    auto const fits = [&](char c) {
      bool const letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      return letter || (quoted && ((c >= '0' && c <= '9') || c == '+' || c == '-'));
    };
    while (length < rest_.size() && fits(rest_[length])) ++length;
    ok_ = ok_ && length >= 3;
    rest_.remove_prefix(length);
    if (quoted) want('>');
  }

  /// [+-]hh[:mm[:ss]] in seconds.
  std::int32_t time(int hours_max) {
    int const sign = rest_.starts_with('-') ? -1 : 1;
    if (rest_.starts_with('-') || rest_.starts_with('+')) rest_.remove_prefix(1);
    int seconds = number(0, hours_max) * 3600;
    for (int const unit : {60, 1}) {
      if (!rest_.starts_with(':')) break;
      want(':');
      seconds += number(0, 59) * unit;
    }
    return sign * seconds;
  }

  int number(int min, int max) {
    int out = 0;
    std::size_t length = 0;
    while (length < rest_.size() && length < 3 && rest_[length] >= '0' && rest_[length] <= '9')
      out = out * 10 + (rest_[length++] - '0');
    ok_ = ok_ && length > 0 && out >= min && out <= max;
    rest_.remove_prefix(length);
    return ok_ ? out : min;
  }

  void want(char c) {
    ok_ = ok_ && rest_.starts_with(c);
    if (ok_) rest_.remove_prefix(1);
  }

  std::string_view rest_;
  bool ok_ = true;
};

Result<Zone> Zone::load(std::string const& name, std::string const& folder) {
  if (name == "UTC") return Zone();
  bool const plain = std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '+' || c == '-' || c == '/';
  });
  if (name.empty() || !plain || name.starts_with('/'))
    return fail(Errc::invalid, "no time zone like Europe/Berlin: " + name);
  auto const file = TRY_DURING(read_file(folder + "/" + name, file_bytes_max),
                               "read the time zone " + name + " (package tzdata)");
  return parse(file);
}

Result<Zone> Zone::parse_rule(std::string_view posix_tz) {
  Zone out;
  out.rule_ = TRY(RuleReader(posix_tz).read());
  out.first_ = out.rule_->standard;
  return out;
}

Result<Zone> Zone::parse(std::string_view file) {
  Bytes in{file};
  auto const old = TRY(read_head(in));
  in.take(old.bytes(4));
  auto const counts = TRY(read_head(in));
  Bytes block{in.take(counts.bytes(8))};
  if (!in.ok || counts.type == 0) return corrupt("it is too short");
  Zone out;
  for (std::uint32_t n = 0; n < counts.time; ++n) out.times_.push_back(block.number(8));
  auto const kinds = block.take(counts.time);
  std::vector<std::int32_t> types;
  for (std::uint32_t n = 0; n < counts.type; ++n) {
    types.push_back(static_cast<std::int32_t>(block.number(4)));
    block.take(2);
    if (std::abs(std::int64_t{types.back()}) >= offset_max) return corrupt("an offset of days");
  }
  for (char const kind : kinds) {
    auto const index = static_cast<unsigned char>(kind);
    if (index >= types.size()) return corrupt("a change to a type that is not there");
    out.offsets_.push_back(types[index]);
  }
  if (!std::ranges::is_sorted(out.times_)) return corrupt("its changes are not in order");
  out.first_ = types[0];
  auto const footer = in.rest;
  if (footer.size() < 2 || footer.front() != '\n' || footer.find('\n', 1) == footer.npos)
    return corrupt("it has no footer");
  auto const rule = footer.substr(1, footer.find('\n', 1) - 1);
  if (!rule.empty()) out.rule_ = TRY(RuleReader(rule).read());
  return out;
}

std::int32_t Zone::rule_offset(Rule const& rule, std::int64_t at) const {
  if (!rule.summer) return rule.standard;
  auto const local_days =
      std::chrono::floor<Days>(std::chrono::sys_seconds(std::chrono::seconds(at + rule.standard)));
  int const year{std::chrono::year_month_day(local_days).year()};
  // The changes around `at`, by the year it is in and its neighbours: one lies across New Year.
  std::int64_t latest = INT64_MIN;
  auto offset = rule.standard;
  for (int y = year - 1; y <= year + 1; ++y) {
    auto const begins = days_of(rule.begin, y) * day_s + rule.begin.time - rule.standard;
    auto const ends = days_of(rule.end, y) * day_s + rule.end.time - *rule.summer;
    if (begins <= at && begins > latest) latest = begins, offset = *rule.summer;
    if (ends <= at && ends > latest) latest = ends, offset = rule.standard;
  }
  return offset;
}

std::int32_t Zone::offset_at(Instant at) const {
  auto const seconds = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
  if (times_.empty() || seconds >= times_.back()) {
    if (rule_) return rule_offset(*rule_, seconds);
    return times_.empty() ? first_ : offsets_.back();
  }
  auto const after = std::ranges::upper_bound(times_, seconds);
  if (after == times_.begin()) return first_;
  return offsets_[static_cast<std::size_t>(after - times_.begin()) - 1];
}

WallClock wall_clock(Zone const& zone, Instant at) {
  auto const local = at + std::chrono::seconds(zone.offset_at(at));
  auto const day = std::chrono::floor<Days>(local);
  return {local - day, std::chrono::weekday(day).iso_encoding()};
}

}  // namespace reeve::pdp
