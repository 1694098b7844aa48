#include "pdp/decision.hpp"

#include "pdp/actions.hpp"

namespace reeve::pdp {
namespace {

class RoleTable final : public DecisionPoint {
 public:
  explicit RoleTable(std::set<std::string, std::less<>> withheld)
      : withheld_(std::move(withheld)) {}

 private:
  Decision do_decide(Request const& request) const override {
    auto const* action = find_action(request.action);
    auto const role = request.subject.properties.text_at("role");
    if (withheld_.contains(request.action))
      return {false, "nobody may " + std::string(action->text)};
    if (role == "operator") return {true, "operators may"};
    if (role == "reader" && action->least == Role::reader) return {true, "readers may"};
    if (role == "reader") return {false, "readers may not " + std::string(action->text)};
    return {false, "the role \"" + role + "\" is unknown"};
  }

  std::set<std::string, std::less<>> withheld_;
};

}  // namespace

Decision DecisionPoint::decide(Request const& request) const {
  if (request.subject.id.empty()) return {false, "nobody is asking"};
  if (!find_action(request.action)) return {false, "there is no action \"" + request.action + "\""};
  return do_decide(request);
}

std::unique_ptr<DecisionPoint> make_role_table(std::set<std::string, std::less<>> withheld) {
  return std::make_unique<RoleTable>(std::move(withheld));
}

Result<> require(DecisionPoint const& point, Request const& request) {
  auto const decision = point.decide(request);
  if (decision.permit) return {};
  return fail(Errc::denied,
              request.action + " is denied to " + request.subject.id + ": " + decision.reason);
}

}  // namespace reeve::pdp
