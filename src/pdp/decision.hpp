// The one decision point: every "may X do Y on Z?" of the product is one Request, in the form of
// OpenID AuthZEN Authorization API 1.0 (section 5). What answers stands behind DecisionPoint: for
// now a table of two roles.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/result.hpp"

namespace reeve::pdp {

/// Somebody or something, as AuthZEN names both subjects and resources.
struct Entity {
  std::string type, id;
  Json properties{Json::Object{}};
};

struct Request {
  Entity subject;
  std::string action;
  Entity resource;
  Json context{Json::Object{}};
};

struct Decision {
  bool permit = false;  ///< Denied when nothing else is said.
  std::string reason;   ///< For people and the log; never empty.
};

/// Any thread. Never fails: what cannot be decided is denied.
class DecisionPoint {
 public:
  virtual ~DecisionPoint() = default;
  Decision decide(Request const& request) const;

 private:
  virtual Decision do_decide(Request const& request) const = 0;
};

/// `subject.properties.role` is "reader" or "operator"; an operator may all a reader may.
/// `withheld`: actions nobody may do.
std::unique_ptr<DecisionPoint> make_role_table(std::set<std::string, std::less<>> withheld = {});

/// The denial as an error that names the action. Errors: denied.
Result<> require(DecisionPoint const& point, Request const& request);

}  // namespace reeve::pdp
