// Any bytes as AuthZEN evaluations, batches and searches. What is read names whom, what and on
// what, never holds a parent, and can be decided and answered.

#include "check.hpp"
#include "pdp/authzen.hpp"
#include "pdp/search.hpp"

namespace {

using namespace reeve;

/// Permits everything, with something to do besides.
class Yes final : public pdp::Engine {
 public:
  std::string_view kind() const override { return "yes"; }

 private:
  pdp::Decision do_decide(pdp::Request const&) const override {
    pdp::Decision out{.permit = true, .cause = pdp::Cause::permitted};
    out.obligations.push_back({"1", "step-up"});
    return out;
  }
};

void check(pdp::Request const& request) {
  fuzz::must(request.subject.parents.empty() && request.resource.parents.empty());
  fuzz::must(request.context.object() != nullptr);
  fuzz::must(parse_json(canonical(request)).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  auto const json = parse_json(fuzz::text(data, size));
  if (!json) return 0;
  if (auto const one = pdp::parse_evaluation(*json)) check(*one);
  if (auto const batch = pdp::parse_batch(*json)) {
    fuzz::must(!batch->entries.empty());
    for (auto const& entry : batch->entries)
      if (entry) check(*entry);
    auto const decisions = pdp::evaluate(Yes(), *batch, [] { return false; });
    fuzz::must(!decisions.empty() && decisions.size() <= batch->entries.size());
    fuzz::must(parse_json(to_json(pdp::answer(*batch, decisions))).has_value());
  }
  for (auto const sought : {pdp::Sought::subject, pdp::Sought::resource, pdp::Sought::action})
    if (auto const search = pdp::parse_search(sought, *json)) check(search->request);
  return 0;
}
