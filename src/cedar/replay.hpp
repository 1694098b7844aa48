// A log of decisions against other policies: what would be answered differently.
//
// The log is one JSON object a line:
//
//   {"time": "2026-11-24T12:00:00Z",                                            optional, not read
//    "entities": "sha256:9f86d0…",                     which entities the decision was made on,
//                                                      optional; a line of others is left out
//    "principal": {"type": "Agent", "id": "ann"}, "action": {…}, "resource": {…},
//    "context": {…},                                   as in entity JSON; absent: empty
//    "decision": "allow",                              or "deny"
//    "reasons": ["call-tools"], "errors": []}          optional, not read
//
// Other members are skipped. A request that is in the log as the decision point saw it is judged
// again with nothing else changed, so the entities have to be those of that time: `entities` says
// so.
//
// Speed: a line in the plain form, ASCII without escapes, is read by a scanner that allocates
// nothing, and a context that came before is taken from a cache. The scanner takes only what the
// JSON parser would take alike; at the first doubt the line goes to that.
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cedar/snapshot.hpp"

namespace reeve::cedar {

/// Same principal, same action, same direction.
struct Flip {
  std::string principal, action;  ///< As Cedar text.
  Decision from = Decision::deny, to = Decision::deny;
  std::size_t count = 0;
  std::size_t line = 0;                      ///< The first, from 1.
  std::string resource;                      ///< Of the first.
  std::vector<std::string> reasons, errors;  ///< Of the candidate, for the first; sorted ids.
};

struct ReplayCounts {
  std::size_t lines = 0;           ///< Blank ones too.
  std::size_t decisions = 0;       ///< Judged again.
  std::size_t other_entities = 0;  ///< Left out.
  std::size_t allow_to_deny = 0, deny_to_allow = 0;
  std::size_t with_errors =
      0;  ///< Decisions in which a policy of the candidate cannot be evaluated.
};

struct ReplayMistake {
  std::size_t line;
  std::string message;
};

/// One thread. Keeps references to the snapshots.
class Replay {
 public:
  /// `entities`: of which the snapshot was made; empty: lines of any are judged. `baseline`: what
  /// it answers counts in place of the log's decision, which may then be absent; null: the log's.
  explicit Replay(Snapshot const& candidate, std::string entities = "",
                  Snapshot const* baseline = nullptr)
      : candidate_(candidate), baseline_(baseline), entities_(std::move(entities)) {}

  /// The next line, without its end. What is no such line is kept as a mistake.
  void line(std::string_view text);

  ReplayCounts const& counts() const { return counts_; }
  /// By principal, then action.
  std::vector<Flip> flips() const;
  std::vector<ReplayMistake> const& mistakes() const { return mistakes_; }  ///< The first 100.
  std::size_t mistake_count() const { return mistake_count_; }

 private:
  struct Line;
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  Result<> slow(std::string_view text);
  Result<Record const*> context_of(std::string_view json);
  Result<Decision> decision_of(std::string_view word) const;
  void judge(Line line);
  void note(Line const& line, Answer const& answer);

  Snapshot const& candidate_;
  Snapshot const* baseline_;
  std::string entities_;
  Scratch scratch_;
  ReplayCounts counts_;
  std::map<std::array<std::string, 3>, Flip, std::less<>> flips_;
  std::unordered_map<std::string, Record, Hash, std::equal_to<>> contexts_;
  std::size_t context_bytes_ = 0, hits_ = 0, misses_ = 0;
  Record fresh_;  // of this line
  Record const empty_;
  std::vector<ReplayMistake> mistakes_;
  std::size_t mistake_count_ = 0;
};

}  // namespace reeve::cedar
