// Who, what, or which action: AuthZEN's three searches (Authorization API 1.0, section 8), by
// asking the engine about each candidate.
//
// A candidate is an entity of the searched type that is stored in the domain or named in the scope
// of one of its policies; for actions also those of the schema. They are tried in the order of
// their ids, and a page ends where it has enough results, or has tried enough: then it may be short
// or empty, with more to come. A result is what an evaluation of the same request permits.
//
// The token of a page is the place it ended at, with a digest of what was searched: a token of
// another search is refused. It opens nothing: who changes it gets another part of what he may see.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "pdp/authzen.hpp"
#include "pdp/engine.hpp"

namespace reeve::pdp {

struct SearchLimits {
  std::size_t results_max = 1000;       ///< Of a page, also when none was asked for.
  std::size_t candidates_max = 20'000;  ///< Of a page.
  std::function<bool()> late;           ///< Asked before each candidate; true ends the page.
};

struct Found {
  std::vector<std::string> names;  ///< Ids, or names of actions; sorted.
  std::string next;                ///< Token of the next page; empty: that was all.
};

/// An input that the domain does not know (nothing of it is stored, no policy names it and the
/// request says no properties of it) finds nothing. Errors: unsupported (the engine is no Cedar
/// here, so nobody can list what there is), invalid (the token).
Result<Found> search(Engine const& engine, Search const& search, SearchLimits const& limits);

/// `{results: […], page?}`: a page when one was asked for, or when there is more.
Json answer(Search const& search, Found const& found);

}  // namespace reeve::pdp
