// Policy text over any bytes: what is accepted can be printed and written as JSON, and both come
// back as the same policies.

#include "cedar/format.hpp"
#include "cedar/parser.hpp"
#include "cedar/policy_json.hpp"
#include "cedar/print.hpp"
#include "check.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace reeve;
  auto const set = cedar::parse_policies(fuzz::text(data, size));
  if (!set) return 0;
  auto const printed = cedar::parse_policies(cedar::to_string(*set));
  fuzz::must(printed.has_value() && printed->policies().size() == set->policies().size());
  auto const formatted = cedar::format_policies(fuzz::text(data, size));
  fuzz::must(formatted.has_value());
  auto const json = cedar::to_policy_json(*set);
  if (!json) return 0;
  auto const reread = cedar::policy_set_from_json(*json);
  fuzz::must(reread.has_value());
  for (auto const& policy : set->policies()) fuzz::must(reread->find(policy->id)->same_as(*policy));
  return 0;
}
