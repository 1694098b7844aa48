// Who can do what: one of principal, action and resource is open, the others are fixed.
//
// Every entity of the wanted type is asked about, through the snapshot, so each question visits
// only policies that can match, and the answer is exact: it is what `decide` says, conditions
// included. An entity that is in no policy and no entity file is not found, though it might be
// permitted.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cedar/snapshot.hpp"

namespace reeve::cedar {

enum class Open : std::uint8_t { principal, action, resource };

struct SearchQuestion {
  Open open = Open::principal;
  /// The two others; the id of the open one means nothing, its type says which entities are meant.
  EntityUid principal, action, resource;
  Record const* context = nullptr;  ///< Null: empty.
};

struct SearchPage {
  std::vector<EntityUid> found;  ///< Sorted by id.
  bool more = false;             ///< There are further ones behind the last.
  std::size_t asked = 0;         ///< How many were decided.
};

/// By type and id: the entities, and those that the scopes of policies name. Keeps references.
class SearchIndex {
 public:
  SearchIndex(Entities const& entities, PolicySet const& policies);

  std::vector<EntityUid const*> const& of_type(std::string const& type) const;
  std::vector<std::string> types() const;

 private:
  std::vector<std::pair<std::string, std::vector<EntityUid const*>>> by_type_;  // sorted
  std::vector<EntityUid const*> const none_;
};

/// Those behind `after` (an id; empty: from the first), at most `count_max`. Any thread, a scratch
/// each.
SearchPage search(SearchIndex const& index, Snapshot const& snapshot,
                  SearchQuestion const& question, Scratch& scratch, std::string_view after = {},
                  std::size_t count_max = 1000);

}  // namespace reeve::cedar
