#pragma once

#include <string>

#include "cli/verbs.hpp"

namespace CLI {
class App;
}

namespace reeve::cli {

struct AskOptions {
  std::string domain;             ///< Of policies; empty: the usual one.
  std::string subject, resource;  ///< "user:alice".
  std::string action;
  /// JSON objects; empty: none.
  std::string subject_properties, resource_properties, action_properties, context;
};
/// One AuthZEN evaluation by the running server, or in this process. 0 permit, 1 deny.
Result<Exit> policy_ask(Context const& context, AskOptions const& options);

/// One policy domain and what its shadow would have decided; without a name, all of them.
Result<Exit> policy_domain(Context const& context, std::string const& name);

}  // namespace reeve::cli
