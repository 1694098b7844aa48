// What people decided: which sources to look at, who answers for what, which findings are accepted
// until when, which resources are critical, which sightings are not the same credential.
//
// It lives in the state store under the sources' own names, and is applied to the inventory, which
// can be rebuilt at any time. What writes a decision is work of sql::Store::commit: a statement or
// two, in a transaction that is not its own.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "model/coverage.hpp"
#include "model/identity.hpp"

namespace reeve::sql {
class Database;
}

namespace reeve::inventory {

/// Brings the tables to what this program knows. Errors: unsupported (of a newer program).
Result<> create_state(sql::Database& state);

/// How to reach a source. Options that are secret hold the name of an environment variable or
/// file, never the value.
struct SourceConfig {
  std::string name, kind;
  std::map<std::string, std::string> options;
};
/// Errors: conflict (the name is taken).
Result<> add_source(sql::Database& state, SourceConfig const& config, Instant now);
/// Errors: not_found. What was discovered there stays in the inventory.
Result<> remove_source(sql::Database& state, std::string const& name);
Result<std::vector<SourceConfig>> sources(sql::Database& state);  ///< By name.

/// How a source that was named on the spot was reached last; replaces what was said of that name.
Result<> remember_spot(sql::Database& state, SourceConfig const& config, Instant now);
Result<std::vector<SourceConfig>> spots(sql::Database& state);  ///< By name.

/// An object as its source names it.
struct Named {
  std::string source, native_id;
  bool operator==(Named const&) const = default;
};

struct OwnerDecision {
  Named identity, person;
  std::string role = "owner";  ///< owner, sponsor, reviewer.
  std::string state;           ///< accepted, declined, assigned.
  std::string by;
};
Result<> decide(sql::Database& state, OwnerDecision const& decision, Instant now);
/// Takes a decision back; a proposal is a proposal again. No decision is no error.
Result<> undecide(sql::Database& state, OwnerDecision const& decision);

/// A finding somebody accepts until an end; there is no exception without one.
struct Exception {
  std::string rule;
  ObjectClass object_class{};
  Named subject;
  std::string reason, by;
  Instant until{};
};
/// Errors: invalid (the end is not ahead, no reason).
Result<> accept(sql::Database& state, Exception const& exception, Instant now);

struct Mark {
  std::string pattern;      ///< Of resource names; "*" is any text, "?" any one character.
  std::string sensitivity;  ///< critical, high, normal.
  std::string reason, by;
};
/// Replaces an earlier mark of the same pattern. Errors: invalid (sensitivity).
Result<> mark(sql::Database& state, Mark const& mark, Instant now);

/// "This one is not the same credential as the others of its cluster."
Result<> split(sql::Database& state, ObjectClass object_class, Named const& member,
               std::string const& cluster, std::string const& by, Instant now);

/// All that has to be known to draw conclusions.
struct Decisions {
  std::vector<OwnerDecision> owners;
  std::vector<Exception> exceptions;
  std::vector<Mark> marks;  ///< Earliest first: a later one wins.
};
Result<Decisions> decisions(sql::Database& state);

/// Copies marks and splits into the inventory, where views use them.
Result<> apply(sql::Database& inventory, sql::Database& state);

/// `name` has the shape of `pattern`; letters' case counts.
bool matches(std::string_view pattern, std::string_view name);

}  // namespace reeve::inventory
