// Policy text to syntax trees.
//
//   policies   = { policy }
//   policy     = { "@" NAME [ "(" STRING ")" ] } ("permit" | "forbid") "(" scope ")" { cond } ";"
//   scope      = principal "," action "," resource [ "," ]
//   principal  = "principal" [ "==" ref | "in" ref | "is" TYPE [ "in" ref ] ]        resource alike
//   action     = "action" [ "==" UID | "in" UID | "in" "[" { UID "," } "]" ]
//   cond       = ("when" | "unless") "{" expr "}"
//   expr       = "if" expr "then" expr "else" expr | or
//   or         = and { "||" and }           and = relation { "&&" relation }
//   relation   = add [ ("==" | "!=" | "<" | "<=" | ">" | ">=" | "in") add | "has" path | "like"
//   STRING
//                    | "is" TYPE [ "in" add ] ]                          at most one: no chains
//   add        = mult { ("+" | "-") mult }  mult = unary { "*" unary }
//   unary      = [ "!" up to 4 | "-" up to 4 ] member
//   member     = primary { "." NAME [ "(" args ")" ] | "[" STRING "]" }
//   primary    = literal | variable | UID | FUNCTION "(" args ")" | "(" expr ")" | set | record
//
// The language of record is Cedar's own grammar and the checks behind it (SDK 4.13,
// parser/grammar.lalrpop, parser/cst_to_ast.rs). A policy with a syntax error is skipped to its `;`
// and the next one is read, so a file shows all its errors at once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "cedar/policy.hpp"

namespace reeve::cedar {

struct ParsedPolicies {
  std::vector<Policy> policies;    ///< In the order of the text; ids are "policy0", "policy1", ….
  std::vector<Diagnostic> errors;  ///< At most 100. Not empty: the policies are not to be used.
};

inline constexpr std::size_t policy_bytes_max = 64u << 20;

ParsedPolicies parse_policies_with_errors(std::string_view text);

/// All policies and templates of a text; nothing but comments is the empty set. Errors: invalid,
/// with the place and the line of each mistake.
Result<PolicySet> parse_policies(std::string_view text);
/// Exactly one policy or template. Errors: invalid.
Result<Policy> parse_policy(std::string_view text, std::string id);
/// Errors: invalid.
Result<Expr> parse_expression(std::string_view text);
/// `Type::"id"`. Errors: invalid.
Result<EntityUid> parse_entity_uid(std::string_view text);

}  // namespace reeve::cedar
