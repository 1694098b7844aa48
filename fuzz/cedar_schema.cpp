// Schema text and schema JSON over any bytes: what is accepted comes back from both forms, and
// resolving it ends.

#include "cedar/types.hpp"
#include "check.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace reeve;
  auto const text = fuzz::text(data, size);
  if (auto const schema = cedar::parse_schema(text)) {
    auto const json = cedar::to_schema_json(*schema);
    auto const printed = cedar::parse_schema(cedar::to_string(*schema));
    fuzz::must(printed.has_value() && cedar::to_schema_json(*printed) == json);
    auto const back = cedar::schema_from_json(json);
    fuzz::must(back.has_value() && cedar::to_schema_json(*back) == json);
    fuzz::must(cedar::resolve(*schema).has_value() == cedar::resolve(*back).has_value());
  }
  auto const json = parse_json(text, {.depth_max = 250});
  if (!json) return 0;
  if (auto const schema = cedar::schema_from_json(*json)) (void)cedar::resolve(*schema).has_value();
  return 0;
}
