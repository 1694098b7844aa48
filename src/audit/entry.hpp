// What one line of the log says. The JSON has a fixed shape and order, so that equal entries are
// equal bytes; nothing in it may be a secret.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace reeve::audit {

enum class Kind : std::uint8_t {
  act,     ///< Somebody changed something, or tried to.
  denial,  ///< Somebody was not let.
  read,    ///< Somebody looked.
  run,     ///< A discovery run became what readers see.
  plan,    ///< A step of a plan.
};
std::string_view name(Kind kind);

/// One of the chain person → agent → tool → credential, who asks first.
struct Actor {
  std::string kind;  ///< "person", "agent", "tool", "credential", "system".
  std::string id;

  bool operator==(Actor const&) const = default;
};

struct Entry {
  Instant time;  ///< Set by the log.
  Kind kind = Kind::act;
  std::string action;  ///< As the decision point knows it: "source.add".
  std::string object;  ///< What it was done to: "source:prod-pg", "run:run_7".
  /// "ok", "denied", "failed", "error"; of a plan also "begun" and "unknown" (it was sent, and
  /// nobody can see what came of it).
  std::string outcome;
  std::vector<Actor> actors;  ///< In the order of delegation.
  std::string request;        ///< Id of the request; empty: nobody asked, a timer did.
  std::vector<std::pair<std::string, std::string>> details;  ///< Keys are unique.

  bool operator==(Entry const&) const = default;
};

/// What a bundle can hold: its lengths have 16 bits.
constexpr std::size_t entry_bytes_max = 65535;

/// Compact JSON of at most entry_bytes_max bytes. Texts become UTF-8 and are cut ("…") to 1 KiB
/// each, chains to 16 actors, details to 32: a log that refuses to note a long request would be
/// the easiest one to silence.
std::string to_json(Entry const& entry);
/// Strictly what to_json writes. Errors: corrupt.
Result<Entry> parse_entry(std::string_view json);

}  // namespace reeve::audit
