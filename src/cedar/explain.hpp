// Why a request was answered as it was, so that a person can act on it.
//
//   auto const why = explain(policies, request, entities);
//   summary(why)  // not permitted: policy3 needs `context.attest.level >= 2`, but
//                 // context.attest.level is 1
//
// A deny has two causes that call for different acts: a forbid that holds ("forbidden": nobody can
// help but who wrote it), and no permit that holds ("not_permitted": some permit would, if …). For
// the second the nearest misses are worked out. A permit is taken apart into its conjuncts: the
// three parts of its scope, and what `&&` joins in its conditions (`unless { a || b }` counts as
// `!a` and `!b`). Each that does not hold is reported with the values it looked at. A conjunct that
// fails to evaluate behind one that does not hold was guarded by it, and is not reported.
//
// This is the tree walk over all policies: for one request on demand, not for each decision.
// Explanations hold values of attributes: they are for whoever may read policies and entities.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "cedar/authorize.hpp"

namespace reeve::cedar {

enum class Outcome : std::uint8_t {
  permitted,
  forbidden,      ///< A forbid holds.
  not_permitted,  ///< No permit holds, and no forbid.
};
/// "permitted", "forbidden", "not_permitted": the reason code.
std::string_view name(Outcome outcome);
Outcome outcome_of(Response const& response);

/// What a conjunct looked at: `context.attest.level`, and what it was.
struct Operand {
  std::string text;
  std::string value;   ///< As Cedar text, cut at 200 bytes. Empty: it is absent.
  bool exists = true;  ///< False: an entity that the entities do not have.

  bool operator==(Operand const&) const = default;
};

enum class Part : std::uint8_t { principal, action, resource, when, unless };
std::string_view name(Part part);

/// One conjunct of one policy.
struct Conjunct {
  Part part = Part::when;
  Span span;         ///< In the text the policy came from.
  std::string text;  ///< What has to hold: "principal in Group::\"ops\"", "!(context.blocked)".
  std::vector<Operand> operands;
  std::string error;  ///< Why it has no answer. Empty: it has.

  bool operator==(Conjunct const&) const = default;
};

/// A policy that decided, with its conditions and what they looked at.
struct Decider {
  std::string policy;
  std::string source;  ///< Its template, for a link; else as `policy`.
  Span span;
  std::vector<Conjunct> conditions;  ///< Without the scope.
};

/// A permit that did not hold.
struct NearMiss {
  std::string policy;
  std::string source;
  Span span;
  std::vector<Conjunct> failing;  ///< At least one.
  std::size_t holding = 0;        ///< Conjuncts that hold.
  /// How far it is from holding: 1 for each failing condition, 2 for principal or resource in scope
  /// (4 when it is of another type), 8 for the action.
  std::size_t distance = 0;
};

struct Explanation {
  Outcome outcome = Outcome::not_permitted;
  Response response;
  std::vector<Decider> deciders;      ///< One for each reason, in their order.
  std::vector<NearMiss> near_misses;  ///< Of a deny without forbid; nearest first.
  std::size_t permits = 0;            ///< How many permits there are.
};

struct ExplainOptions {
  std::size_t near_misses_max = 5;
};

Explanation explain(PolicySet const& policies, Request const& request, Entities const& entities,
                    ExplainOptions const& options = {});

/// One line for an error message or a log; never empty, without line breaks.
std::string summary(Explanation const& explanation);

/// Where a place of a policy is, as people write it ("a.cedar:3:7"). Gets the id of the policy, or
/// of its template.
using Where = std::function<std::string(std::string const& source, Span span)>;

/// `{decision, outcome, reasons, errors, deciders, near_misses}`. Without `where` places are left
/// out.
Json to_json_value(Explanation const& explanation, Where const& where = {});

}  // namespace reeve::cedar
