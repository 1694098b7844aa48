#pragma once

#include <string>
#include <vector>

#include "cli/verbs.hpp"

namespace reeve::cli {

// Cedar policies on the command line, offline. 0 good or permit, 1 a verdict failed or deny, 2 it
// cannot be read.

struct PolicyOptions {
  std::vector<std::string> files;  ///< Policies in Cedar's text form, or *.json: a policy set.
  std::string links;               ///< JSON list of template links; empty: none.
  std::string schema;              ///< Either form; a file that ends in .json is the JSON form.
  std::string entities, request;   ///< JSON.
  /// In place of `request`: entities as Cedar text, and a JSON file.
  std::string principal, action, resource, context;
  bool check = false;  ///< fmt: change nothing, say what would change.
  bool permissive = false;
  std::size_t near_misses = 5;
};

/// Parses; every mistake as FILE:LINE:COLUMN: code: text.
Result<Exit> policy_check(Context const& context, PolicyOptions const& options);
/// One layout; writes the files back, or prints standard output's share with --check as exit code.
Result<Exit> policy_fmt(Context const& context, PolicyOptions const& options);
/// Against a schema.
Result<Exit> policy_validate(Context const& context, PolicyOptions const& options);
/// One request: the decision, which policies made it, which could not be evaluated.
Result<Exit> policy_evaluate(Context const& context, PolicyOptions const& options);
/// The same, and why; on a deny what the nearest permits lack, and when the answer may change.
Result<Exit> policy_explain(Context const& context, PolicyOptions const& options);
/// Case files: `files` are those.
Result<Exit> policy_test(Context const& context, PolicyOptions const& options);

struct LogOptions {
  std::string log;                    ///< NDJSON (cedar/replay.hpp); "-": standard input.
  std::vector<std::string> policies;  ///< The candidate.
  std::vector<std::string> before;    ///< diff: what it is compared with.
  std::string links, links_before;
  std::string schema, entities;
};
/// A log of decisions against a candidate: 1 when an answer flips.
Result<Exit> policy_replay(Context const& context, LogOptions const& options);
/// Which policies differ and, with a log, which of its requests are answered otherwise: 1 on any.
Result<Exit> policy_diff(Context const& context, LogOptions const& options);

struct SearchOptions {
  PolicyOptions base;  ///< Two of principal, action and resource; `files` are the policies.
  std::string type;    ///< Of the open one; empty: every type there is, or of actions "Action".
  std::string after;
  std::size_t limit = 1000;
};
/// Who can do what: 1 when nobody can.
Result<Exit> policy_search(Context const& context, SearchOptions const& options);

/// The reference's own tests: `files` are folders or archives of them. 1 on any difference.
Result<Exit> policy_corpus(Context const& context, PolicyOptions const& options);

struct OracleOptions {
  std::uint64_t seed = 1, cases = 1000;
  std::uint64_t jobs = 1;                     ///< Oracles side by side; the cases are the same.
  std::string folder = "tools/cedar-oracle";  ///< With oracle.mjs and what it needs installed.
  std::string node = "node";
};
/// Random cases against Cedar's own WebAssembly build. 1 on any difference.
Result<Exit> policy_oracle_diff(Context const& context, OracleOptions const& options);

}  // namespace reeve::cli
