#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "connect/info.hpp"

namespace reeve::connect {

// How a source is changed. Everything here is plain text, because a plan is journalled: a process
// that takes over after kill -9 has the steps and the world, and nothing else. Hence a step says
// what the world looks like before and after, and every question about it is answered by looking.

/// What somebody wants: `{"disable_login", "16385", {}}`.
struct Action {
  std::string kind;     ///< One of Info::acts, or a name that `plan` takes apart into such.
  std::string subject;  ///< native_id at this source.
  std::vector<std::pair<std::string, std::string>> parameters;

  bool operator==(Action const&) const = default;
};

/// One change of one thing, as it was planned.
struct Step {
  std::string kind;     ///< Kind of an Act of this Info.
  std::string subject;  ///< native_id of what it changes.
  std::string title;    ///< "Role etl may no longer log in."
  std::string before;   ///< State it starts from, in the connector's own spelling; precondition.
  std::string after;    ///< State it ends in; what verify looks for.
  bool reversible = false;
  std::string loss;     ///< What cannot be brought back; empty if reversible.
  std::string preview;  ///< The statement, command or diff, for a person. Holds no secret.

  bool operator==(Step const&) const = default;
};

struct Plan {
  std::vector<Step> steps;            ///< In order. Empty: the world is already as asked.
  std::vector<std::string> warnings;  ///< One sentence each.
};

enum class Outcome : std::uint8_t {
  done,
  already,      ///< The world was so before.
  rejected,     ///< Refused, or the world is neither as before nor as after. Nothing was changed.
  retry_after,  ///< Not sent, or refused for now; the same call works later.
  unknown,      ///< Sent, and no answer. Ask verify; never repeat.
};
inline constexpr std::string_view outcome_names[] = {"done", "already", "rejected", "retry_after",
                                                     "unknown"};
constexpr std::string_view name(Outcome outcome) {
  return outcome_names[std::size_t(outcome)];
}

struct ApplyOutcome {
  Outcome outcome = Outcome::unknown;
  std::string detail;  ///< For a person; empty when there is nothing to say.
  Duration wait{};     ///< retry_after: how long at least.
};

enum class Truth : std::uint8_t { no, yes, unknown };

/// Does the world look as after the step?
struct Verdict {
  Truth truth = Truth::unknown;
  std::string evidence;  ///< What was looked at and what it showed.
};

/// Changes one source. Its credential may be another than the connector's, and usually should.
/// One thread at a time. What all promise is checked by broken_acts (connect/conformance.hpp).
class Changer {
 public:
  Changer() = default;
  Changer(Changer const&) = delete;
  Changer& operator=(Changer const&) = delete;
  virtual ~Changer() = default;

  virtual Info const& info() const = 0;
  virtual std::string_view source() const = 0;

  /// Reads only. Errors: invalid (no such action here), not_found, denied, unavailable, timeout.
  Result<Plan> plan(Action const& action);

  /// Takes a step, if the world is as before it. `key` names this attempt in the journal: the same
  /// key again answers as the first time and changes nothing, in this process by memory, in
  /// another because the world is already as after. Never fails: whatever goes wrong is an
  /// outcome, and doubt is `unknown`.
  ApplyOutcome apply(Step const& step, std::string_view key);

  /// Reads only. Whatever goes wrong is Truth::unknown.
  Verdict verify(Step const& step);

  /// The step that takes `step` back; to be applied like any other. Needs no I/O.
  /// Errors: unsupported (irreversible, as plan has said).
  Result<Step> undo(Step const& step) const;

 private:
  virtual Result<Plan> do_plan(Action const& action) = 0;
  /// The front has seen that the world is not as after. Errors mean: denied, invalid, conflict,
  /// not_found, unsupported → rejected; rate_limited → retry_after; any other → unknown.
  virtual Result<ApplyOutcome> do_apply(Step const& step) = 0;
  virtual Result<Verdict> do_verify(Step const& step) = 0;
  /// The inverse of a reversible step; the front swaps before and after.
  virtual Step do_undo(Step inverse) const = 0;

  struct Done {
    Step step;
    ApplyOutcome outcome;
  };
  std::map<std::string, Done, std::less<>> done_;  ///< By key.
};

/// A parameter of an action; empty: not given.
std::string_view parameter(Action const& action, std::string_view name);

}  // namespace reeve::connect
