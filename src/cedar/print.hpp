// Syntax trees to policy text that parses back to the same trees.
#pragma once

#include <string>

#include "cedar/policy.hpp"

namespace reeve::cedar {

/// On one line, with no more parentheses than the grammar needs.
std::string to_string(Expr const& expr);
/// A static policy or a template with its annotations. Its id is not part of the text.
std::string to_string(Policy const& policy);
/// Every static policy and template, a blank line between two. Links have no text form.
std::string to_string(PolicySet const& set);
/// As an expression: `[1, User::"a"]`, `ip("10.0.0.0/8")`.
std::string to_string(Value const& value);
/// The expression that makes the value: sets, records and calls around literals.
Expr to_expr(Value const& value);
/// `.name` or `["na me"]` needs quotes; also a key or `has`.
bool needs_quotes(std::string_view attribute);

}  // namespace reeve::cedar
