// The syntax tree of one expression, plain data: what the parsers of both forms make, and what the
// tree walk, the compiler, the printers and the validator read.
//
// `a && b && c` is one node with three children: policies made by programs have chains of
// thousands, and a chain as a comb would cost as many stack frames in every walk.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cedar/syntax.hpp"
#include "cedar/value.hpp"

namespace reeve::cedar {

enum class Op : std::uint8_t {
  literal,       ///< Value: bool, number, text, entity. From EST also what constants fold to.
  variable,      ///< Variable.
  slot,          ///< Variable (principal, resource). Legal nowhere in a condition; kept for errors.
  if_then_else,  ///< 3 args.
  and_,          ///< 2 or more args.
  or_,           ///< 2 or more args.
  not_,
  negate,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  in,
  add,
  subtract,
  multiply,
  contains,
  contains_all,
  contains_any,
  is_empty,
  get_tag,
  has_tag,
  get,     ///< 1 arg, std::string: the attribute.
  has,     ///< 1 arg, Names: the path, at least one.
  like,    ///< 1 arg, Pattern.
  is,      ///< 1 arg, std::string: the entity type.
  is_in,   ///< 2 args, std::string: the entity type.
  set,     ///< Any number of args.
  record,  ///< Names: one for each arg.
  call,    ///< Function; any number of args.
};

enum class Variable : std::uint8_t { principal, action, resource, context };
std::string_view name(Variable variable);

/// The functions of the extension types. Those up to `duration` make a value from text and are
/// written `ip("…")`, the others are written as methods.
enum class Function : std::uint8_t {
  ip,
  decimal,
  datetime,
  duration,
  is_ipv4,
  is_ipv6,
  is_loopback,
  is_multicast,
  is_in_range,
  less_than,
  less_than_or_equal,
  greater_than,
  greater_than_or_equal,
  offset,
  duration_since,
  to_date,
  to_time,
  to_milliseconds,
  to_seconds,
  to_minutes,
  to_hours,
  to_days,
};

struct FunctionInfo {
  std::string_view name;  ///< "isInRange".
  bool method;
  std::size_t arity;  ///< With the receiver.
  Kind receiver;      ///< Of the first argument.
};
FunctionInfo describe(Function function);
/// Null: no such function.
Function const* find_function(std::string_view name);
/// The choices for "did you mean".
std::vector<std::string_view> function_names(bool methods);

using Names = std::vector<std::string>;

struct Expr {
  Op op = Op::literal;
  std::uint16_t depth = 1;  ///< Of the tree below, this node included.
  Span span;
  std::vector<Expr> args;
  std::variant<std::monostate, Value, Variable, std::string, Names, Pattern, Function> data;

  Value const& value() const { return std::get<Value>(data); }
  std::string const& text() const { return std::get<std::string>(data); }
  Names const& names() const { return std::get<Names>(data); }

  /// The same tree; spans do not count.
  bool operator==(Expr const& other) const;
};

/// A node over `args`. An `and_` or `or_` whose first argument is of the same kind takes its
/// arguments over, which is what the text without parentheses means.
Expr make_expr(Op op, std::vector<Expr> args, Span span = {});
Expr make_literal(Value value, Span span = {});
Expr make_variable(Variable variable, Span span = {});
template <class Data>
Expr make_expr_with(Op op, Data data, std::vector<Expr> args, Span span = {}) {
  auto expr = make_expr(op, std::move(args), span);
  expr.data = std::move(data);
  return expr;
}

/// Operators written as `a.contains(b)`. Null: none of that name.
struct MethodInfo {
  std::string_view name;
  Op op;
  std::size_t arity;  ///< Without the receiver.
};
MethodInfo const* find_method(std::string_view name);
/// "&&", "contains", "<=": the operator's key in JSON policies and its sign in text.
std::string_view sign(Op op);

}  // namespace reeve::cedar
