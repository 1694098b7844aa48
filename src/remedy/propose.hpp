// From a finding to a plan: which act mends it, what that act would do, and whom it would hurt.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "remedy/engine.hpp"

namespace reeve::sql {
class Database;
}

namespace reeve::remedy {

/// A kind of plan. Rules name one as `fix:`.
struct Fix {
  std::string_view kind;
  std::string_view subjects;    ///< Classes of objects it mends: "credential identity".
  std::string_view parameters;  ///< What may be given, for help.
  std::string_view help;        ///< One sentence.
};
extern std::vector<Fix> const fixes;
/// Null: there is none of that name.
Fix const* find_fix(std::string_view kind);

struct Wish {
  FindingId finding;
  std::string kind;                               ///< Of Fix.
  std::map<std::string, std::string> parameters;  ///< As Fix::parameters says.
  std::string by;
};

/// The kinds that mend what a finding is about; none when it is gone or nothing here does.
/// Errors: not_found (the finding), those of the store.
Result<std::vector<std::string_view>> ways(sql::Database& inventory, FindingId finding);

/// The plan that grants a wish; not kept yet (journal.hpp, add). Its `about` tells:
///   uses_now           [{what, name, detail}]: consumers, and places where the credential lies
///   would_have_failed  {known, count, since, uses: [{action, network, client, consumer, last,
///                      count}], reason}: of what was seen, what the change would have stopped
///   cannot_undo, warnings   [text]
///
/// Errors: not_found (finding, or its subject is gone), conflict (resolved, or the world is already
/// as asked), invalid (parameters; what would be needed is said), unsupported (this kind does not
/// mend such a subject), those of the changer.
Result<Plan> propose(sql::Database& inventory, Tools const& tools, Wish const& wish);

}  // namespace reeve::remedy
