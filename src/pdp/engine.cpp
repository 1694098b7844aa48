#include "pdp/engine.hpp"

#include "pdp/obligation.hpp"

namespace reeve::pdp {

Decision failed(std::string why, std::string policy) {
  Decision out;
  out.errors.push_back({std::move(policy), why});
  out.text = std::move(why);
  return out;
}

Decision Engine::decide(Request const& request) const {
  if (request.subject.type.empty() || request.subject.id.empty()) return failed("nobody is asking");
  if (request.action.empty()) return failed("nothing is asked");
  if (request.resource.type.empty()) return failed("there is nothing to do it to");
  auto out = do_decide(request);
  if (out.text.empty()) out.text = name(out.cause);
  return out;
}

Result<> require(Decision const& decision, Request const& request) {
  auto const head = request.action + " is denied to " + request.subject.id + ": ";
  auto const here = enforceable(decision, {});
  if (here.permit) return {};
  return fail(Errc::denied, head + here.text);
}

}  // namespace reeve::pdp
