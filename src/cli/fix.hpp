#pragma once

#include <string>
#include <vector>

#include "cli/verbs.hpp"

namespace reeve::cli {

struct FixOptions {
  std::string finding;
  std::string kind;               ///< Empty: what the rule names.
  std::vector<std::string> with;  ///< "networks=10.0.0.0/8".
  bool apply = false;
};
/// Shows what would be done; with `apply` does it: the plan that was previewed, if there is one and
/// nothing else is asked for.
Result<Exit> fix(Context const& context, FixOptions const& options);
/// "apply", "undo", "give-up" of a plan; a plan that failed is an exit code, not an error.
Result<Exit> act_on_plan(Context const& context, std::string const& verb, std::string const& plan);
Result<Exit> show_plan(Context const& context, std::string const& plan);
Result<Exit> list_plans(Context const& context);

/// A plan as a person reads it: steps, whom it hurts, what cannot be undone, what to do next.
std::string print_plan(Json const& plan, std::string const& reeve);

}  // namespace reeve::cli
