// OpenID AuthZEN Authorization API 1.0 as JSON: what an enforcement point asks, and what it is
// told. The words are those of the standard; whom to ask is another file's business (domains.hpp).
//
// What comes in is read strictly where the standard names a member and not at all elsewhere: an
// unknown member is ignored (section 4), one of the wrong type is an error. A member that is null
// is absent, as Cedar has no null. Nothing that is sent can name a parent: what an entity belongs
// to is never said by who asks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "pdp/engine.hpp"
#include "pdp/request.hpp"

namespace reeve::pdp {

/// Section 6.1. Errors: invalid (a required member is missing or has the wrong type).
Result<Request> parse_evaluation(Json const& body);

/// When a batch ends before its last entry (section 7.1.2.1).
enum class Semantic : std::uint8_t { execute_all, deny_on_first_deny, permit_on_first_permit };
inline constexpr std::string_view semantic_names[] = {"execute_all", "deny_on_first_deny",
                                                      "permit_on_first_permit"};

/// Several requests at once (section 7).
struct Batch {
  Semantic semantic = Semantic::execute_all;
  bool single = false;  ///< It had no list: one entry, and the answer is that of one evaluation.
  std::vector<Result<Request>> entries;  ///< An error: this entry alone is denied.
};
/// An entry takes a whole `subject`, `action`, `resource` or `context` from the top when it has
/// none of its own; nothing is merged inside. Errors: invalid (the whole cannot be read).
Result<Batch> parse_batch(Json const& body);

/// Which of the three is looked for (section 8).
enum class Sought : std::uint8_t { subject, resource, action };
inline constexpr std::string_view sought_names[] = {"subject", "resource", "action"};

struct Search {
  Sought sought = Sought::subject;
  Request request;        ///< Without the id, or the action, that is looked for.
  bool paged = false;     ///< It said something of pages.
  std::string token;      ///< Empty: from the beginning.
  std::size_t limit = 0;  ///< 0: not said.
};
/// Errors: invalid.
Result<Search> parse_search(Sought sought, Json const& body);

/// Whether who asks says attributes of subject or resource itself.
bool says_properties(Request const& request);

/// `{decision, context: {cause, reason, reasons, version?, obligations?}}`.
Json answer(Decision const& decision);
/// `{evaluations: […]}`, or of a single one what `answer` gives.
Json answer(Batch const& batch, std::span<Decision const> decisions);

/// Decides entry by entry, as far as the semantic goes. An entry that is no request, or that
/// `late` (asked before each) has no time for, is denied.
std::vector<Decision> evaluate(Engine const& engine, Batch const& batch,
                               std::function<bool()> const& late);

/// `decision` for an enforcement point that can do only the obligations of its
/// `context.supported_obligations`: a permit with another is a denial, which keeps its obligations.
/// As it was when the request does not say what is supported.
Decision supported(Decision decision, Request const& request);

}  // namespace reeve::pdp
