// Which policies can match a request, without looking at the others.
//
// A policy whose scope does not match is unsatisfied and cannot fail, so leaving it out changes
// neither decision nor reasons nor errors (cedar-spec, Cedar/Thm/Authorization/PolicySlice.lean).
// Every rule stands in one place: under the entity its principal or its resource must be (or be
// in), whichever is named by fewer rules of the same action, else in the open list of its action. A
// request then visits the entities it can match: principal and resource, and those of their
// ancestors that some rule names.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cedar/graph.hpp"
#include "cedar/policy.hpp"

namespace reeve::cedar {

/// The scope of one rule by numbers.
struct RuleScope {
  EntityScope::Kind kind = EntityScope::Kind::any;
  std::uint32_t entity = no_number;
  std::uint32_t type = no_number;
};

struct Rule {
  Effect effect = Effect::permit;
  std::uint32_t program = 0;
  std::uint32_t actions = 0;  ///< Which action constraint; equal ones share a number. 0: any.
  RuleScope principal, resource;
};

/// Lists by a number: `at(i)` is the i-th.
class Lists {
 public:
  static Lists from(std::vector<std::vector<std::uint32_t>> const& lists);
  std::span<std::uint32_t const> at(std::uint32_t i) const {
    if (i + 1 >= starts_.size()) return {};
    return {items_.data() + starts_[i], items_.data() + starts_[i + 1]};
  }

 private:
  std::vector<std::uint32_t> starts_, items_;
};

class RuleIndex {
 public:
  RuleIndex() = default;
  /// `actions` are the distinct action constraints, by their number; the first is "any".
  RuleIndex(std::span<Rule const> rules, std::span<std::vector<std::uint32_t> const> within,
            std::span<std::uint32_t const> equal, Graph const& graph, std::uint32_t uids);

  /// Calls `visit(rule number)` once for each rule whose action and one of whose entities match.
  template <class Visit>
  void candidates(std::uint32_t principal, std::uint32_t action, std::uint32_t resource,
                  Visit visit) const {
    auto const actions = actions_.at(action);
    auto const open = [&](std::uint32_t constraint) {
      for (auto const rule : open_.at(constraint)) visit(rule);
    };
    open(0);
    for (auto const constraint : actions) open(constraint);
    auto const marks = [&](std::uint32_t uid) {
      return uid < marks_.size() ? marks_[uid] : std::uint8_t{0};
    };
    principal_.visit(principal, marks(principal), principal_equal_bit, actions, visit);
    resource_.visit(resource, marks(resource), resource_equal_bit, actions, visit);
  }

  /// Brings what a request will read near, while its other parts are still looked up.
  void prefetch(std::uint32_t uid) const {
    if (uid < marks_.size()) __builtin_prefetch(&marks_[uid]);
  }

 private:
  /// Rules by an entity, those of one action constraint side by side.
  struct Keyed {
    struct Entry {
      std::uint32_t actions, begin, end;
    };
    std::vector<std::uint32_t> starts;  // of entries, by uid
    std::vector<Entry> entries;
    std::vector<std::uint32_t> rules;

    void build(std::vector<std::vector<std::uint32_t>> const& by_uid, std::span<Rule const> all);
    template <class Visit>
    void visit(std::uint32_t uid, std::span<std::uint32_t const> actions,
               Visit const& visit) const {
      if (uid + 1 >= starts.size()) return;
      for (auto i = starts[uid]; i < starts[uid + 1]; ++i) {
        auto const& entry = entries[i];
        if (entry.actions != 0 &&
            std::find(actions.begin(), actions.end(), entry.actions) == actions.end())
          continue;
        for (auto r = entry.begin; r < entry.end; ++r) visit(rules[r]);
      }
    }
  };
  struct Side {
    Keyed equal, in;
    Lists above;  // by uid: itself and its ancestors, those alone that `in` has

    template <class Visit>
    void visit(std::uint32_t uid, std::uint8_t marks, std::uint8_t equal_bit,
               std::span<std::uint32_t const> actions, Visit const& visit) const {
      if ((marks & equal_bit) != 0) equal.visit(uid, actions, visit);
      if ((marks & (equal_bit << 1)) == 0) return;
      for (auto const ancestor : above.at(uid)) in.visit(ancestor, actions, visit);
    }
  };

  // By uid, one byte: has rules by `==`, and one bit above, by `in`. Most uids have none of a sort,
  // and this fits the cache where the lists do not.
  static constexpr std::uint8_t principal_equal_bit = 1, resource_equal_bit = 4;
  std::vector<std::uint8_t> marks_;

  Lists actions_;  // by uid: the action constraints it satisfies, without "any"
  Lists open_;     // by action constraint
  Side principal_, resource_;
};

}  // namespace reeve::cedar
