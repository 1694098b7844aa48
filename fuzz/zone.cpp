// A zone file and a POSIX TZ rule: whatever they hold, an offset is less than two days and a clock
// shows a time of day.
#include "pdp/zone.hpp"

#include "check.hpp"

using namespace reeve;

namespace {

void look(Result<pdp::Zone> const& zone) {
  if (!zone) return;
  for (std::int64_t const year : {-70, 0, 30, 55, 56, 80, 500}) {
    auto const at = from_micros(year * 31'556'952'000'000);
    fuzz::must(std::abs(zone->offset_at(at)) < 2 * 86'400);
    auto const clock = pdp::wall_clock(*zone, at);
    fuzz::must(clock.time_of_day >= Duration(0) && clock.time_of_day < Days(1));
    fuzz::must(clock.day_of_week >= 1 && clock.day_of_week <= 7);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  auto const text = fuzz::text(data, size);
  look(pdp::Zone::parse(text));
  look(pdp::Zone::parse_rule(text));
  return 0;
}
