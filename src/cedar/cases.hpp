// Case files: what a set of policies has to answer, written by its authors and kept beside it.
//
//   # agents.test.yaml: names of files are relative to this one
//   policies: [agents.cedar]
//   entities: entities.json          # or a list of entities right here
//   defaults:                        # of every case; contexts are merged member by member
//     action: Action::"call"
//     resource: Tool::"db"
//     context: {attest: {level: 2}}
//   cases:
//     - name: a web agent calls the database
//       principal: Agent::"ann"
//       expect: allow
//       reasons: [call-tools]        # exactly these policies decided
//     - name: not from a weakly attested host
//       principal: Agent::"ann"
//       context: {attest: {level: 1}}
//       expect: not_permitted        # or forbidden; deny is either
//     - name: a context may also be a Cedar record
//       principal: Agent::"ann"
//       context: '{ip: ip("10.0.0.1"), now: datetime("2026-11-24")}'
//       expect: deny
//       errors: [call-tools]         # policies that cannot be evaluated; default: there are none
//
// Members: `policies` (at least one), `links`, `schema`, `entities`, `defaults`, `cases`; of a case
// `name`, `principal`, `action`, `resource`, `context`, `entities` (more of them), `expect`,
// `reasons`, `errors`. Any other is an error, as is a case that expects nothing: a typo must not
// turn a test off. In YAML a scalar without quotes is a number or a boolean when it looks like one;
// entities and extension values are written as in entity JSON (`{__entity: {type: …, id: …}}`), or
// as the schema allows.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/yaml.hpp"
#include "cedar/explain.hpp"
#include "cedar/types.hpp"

namespace reeve::cedar {

/// A map or list as JSON, or the text of a Cedar expression. Empty: not given.
using CaseValue = std::optional<Json>;

struct Case {
  int line = 0;  ///< Of its start, from 1.
  std::string name;
  std::string principal, action, resource;  ///< As Cedar text.
  CaseValue context;
  Json::Array entities;
  std::string expect;  ///< "allow", "deny", "forbidden", "not_permitted".
  std::optional<std::vector<std::string>> reasons;  ///< Sorted. Empty: any.
  std::vector<std::string> errors;                  ///< Sorted.
};

struct CaseFile {
  std::vector<std::string> policies;  ///< Names of files.
  std::string links, schema, entities_file;
  Json::Array entities;
  std::vector<Case> cases;
};

/// Errors: invalid, "line 3: …".
Result<CaseFile> parse_cases(std::string_view text);

/// What a case did not get: a code ("decision", "outcome", "reasons", "errors", "request") and what
/// came instead.
struct CaseFailure {
  std::string code;
  std::string message;
};
/// `entities` are those of the file; a case with its own costs a copy. Never fails: a case whose
/// request cannot be read is a failure of code "request".
std::vector<CaseFailure> run_case(Case const& one, PolicySet const& policies,
                                  std::optional<Schema> const& schema, Json::Array const& entities,
                                  Entities const& parsed);

}  // namespace reeve::cedar
