// clean_utf8 over any bytes: its result is stable, free of NUL, and valid as JSON text.

#include "base/text.hpp"

#include <string>

#include "base/json.hpp"
#include "check.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace reeve;
  auto const clean = clean_utf8(fuzz::text(data, size));
  fuzz::must(clean_utf8(clean) == clean);
  fuzz::must(clean.find('\0') == std::string::npos);

  std::string quoted;
  append_json_string(quoted, clean);
  auto const read = parse_json(quoted);
  fuzz::must(read.has_value() && *read == Json(clean));
  return 0;
}
