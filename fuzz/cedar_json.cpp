// JSON of strangers as entities, as a request and as policies: what is accepted comes back.

#include "cedar/entity_json.hpp"
#include "cedar/policy_json.hpp"
#include "check.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace reeve;
  auto const json = parse_json(fuzz::text(data, size), cedar::policy_json_limits);
  if (!json) return 0;
  if (auto const entities = cedar::entities_from_json(*json)) {
    auto const again = cedar::entities_from_json(cedar::to_json_value(*entities));
    fuzz::must(again.has_value() && again->all() == entities->all());
  }
  if (auto const policy = cedar::policy_from_json(*json, "p")) {
    auto const written = cedar::to_policy_json(*policy);
    if (written) fuzz::must(cedar::policy_from_json(*written, "p").value().same_as(*policy));
  }
  (void)cedar::request_from_json(*json).has_value();
  (void)cedar::policy_set_from_json(*json).has_value();
  return 0;
}
