// Cedar as an engine. What it decides by is one immutable domain, replaced as a whole: whoever
// asks in that moment is answered by the old one or the new one, never by a mixture.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "cedar/entities.hpp"
#include "cedar/policy.hpp"
#include "pdp/bundle.hpp"
#include "pdp/engine.hpp"
#include "pdp/schema.hpp"

namespace reeve::pdp {

/// Policies with all they are about.
struct Domain {
  cedar::PolicySet policies;
  /// Requests that do not fit it are denied, and what it does not know is left out of them. Null:
  /// everything that Cedar can hold is taken as it comes.
  std::shared_ptr<PolicySchema const> schema;
  cedar::Entities entities;            ///< Stored; a request's own properties go before them.
  std::string version;                 ///< Named in every decision.
  std::string action_type = "Action";  ///< Type of the action named in a request.
};

/// A bundle under the product's schema. Errors: invalid, with every mistake.
Result<std::shared_ptr<Domain const>> make_domain(Bundle const& bundle);

/// Any thread; `decide` neither waits nor looks at anything but the request and its domain.
///
/// A forbid that cannot be evaluated denies: Cedar itself would pass it over, but then an error
/// could open what the policy was written to close.
class CedarEngine final : public Engine {
 public:
  explicit CedarEngine(std::shared_ptr<Domain const> domain) : domain_(std::move(domain)) {}

  std::string_view kind() const override { return "cedar"; }
  void replace(std::shared_ptr<Domain const> domain) { domain_.store(std::move(domain)); }
  std::shared_ptr<Domain const> domain() const override { return domain_.load(); }

 private:
  Decision do_decide(Request const& request) const override;

  std::atomic<std::shared_ptr<Domain const>> domain_;
};

/// A request in Cedar's terms: `explain` and replay take it from here.
struct Question {
  cedar::Request request;
  cedar::Entities entities;
};
/// Errors: invalid (a name or value that Cedar or the schema cannot hold).
Result<Question> to_question(Request const& request, Domain const& domain);

}  // namespace reeve::pdp
