// parse_rfc3339 over any text: what it accepts is printed and read again as the same moment.

#include "base/time.hpp"

#include "check.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace reeve;
  auto const at = parse_rfc3339(fuzz::text(data, size));
  if (!at) return 0;
  // An offset may carry a time of the year 0 or 9999 out of the years that are written with four
  // digits.
  auto const written = rfc3339(*at);
  auto const again = parse_rfc3339(written);
  bool const four_digits = written.size() >= 20 && written[4] == '-' && written[0] != '-';
  fuzz::must(!four_digits || (again.has_value() && *again == *at));
  return 0;
}
