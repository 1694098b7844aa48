// parse_json over any bytes, with and without comments: what it accepts can be written and read
// again, and from the second time on nothing changes (the first may turn 2.0 into 2, and -0.0
// into 0). Plain JSON is read the same way with comments allowed.

#include "base/json.hpp"

#include "check.hpp"

namespace {

void round_trip(reeve::Json const& json) {
  for (auto const& text : {to_json(json), to_json_pretty(json)}) {
    auto const again = reeve::parse_json(text);
    reeve::fuzz::must(again.has_value());
    auto const once_more = reeve::parse_json(reeve::to_json(*again));
    reeve::fuzz::must(once_more.has_value() && *once_more == *again);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace reeve;
  auto const text = fuzz::text(data, size);
  auto const strict = parse_json(text);
  auto const loose = parse_json(text, {.comments = true});
  if (strict) round_trip(*strict);
  if (loose) round_trip(*loose);
  fuzz::must(!strict || (loose.has_value() && *loose == *strict));
  return 0;
}
