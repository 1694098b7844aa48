#include "cedar/ast.hpp"

#include <algorithm>
#include <array>

namespace reeve::cedar {
namespace {

constexpr std::array functions = {
    FunctionInfo{"ip", false, 1, Kind::text},
    FunctionInfo{"decimal", false, 1, Kind::text},
    FunctionInfo{"datetime", false, 1, Kind::text},
    FunctionInfo{"duration", false, 1, Kind::text},
    FunctionInfo{"isIpv4", true, 1, Kind::ip},
    FunctionInfo{"isIpv6", true, 1, Kind::ip},
    FunctionInfo{"isLoopback", true, 1, Kind::ip},
    FunctionInfo{"isMulticast", true, 1, Kind::ip},
    FunctionInfo{"isInRange", true, 2, Kind::ip},
    FunctionInfo{"lessThan", true, 2, Kind::decimal},
    FunctionInfo{"lessThanOrEqual", true, 2, Kind::decimal},
    FunctionInfo{"greaterThan", true, 2, Kind::decimal},
    FunctionInfo{"greaterThanOrEqual", true, 2, Kind::decimal},
    FunctionInfo{"offset", true, 2, Kind::datetime},
    FunctionInfo{"durationSince", true, 2, Kind::datetime},
    FunctionInfo{"toDate", true, 1, Kind::datetime},
    FunctionInfo{"toTime", true, 1, Kind::datetime},
    FunctionInfo{"toMilliseconds", true, 1, Kind::duration},
    FunctionInfo{"toSeconds", true, 1, Kind::duration},
    FunctionInfo{"toMinutes", true, 1, Kind::duration},
    FunctionInfo{"toHours", true, 1, Kind::duration},
    FunctionInfo{"toDays", true, 1, Kind::duration},
};

constexpr std::array<Function, functions.size()> all_functions = [] {
  std::array<Function, functions.size()> all{};
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<Function>(i);
  return all;
}();

constexpr MethodInfo methods[] = {
    {"contains", Op::contains, 1},        {"containsAll", Op::contains_all, 1},
    {"containsAny", Op::contains_any, 1}, {"isEmpty", Op::is_empty, 0},
    {"getTag", Op::get_tag, 1},           {"hasTag", Op::has_tag, 1},
};

}  // namespace

std::string_view name(Variable variable) {
  switch (variable) {
    case Variable::principal: return "principal";
    case Variable::action: return "action";
    case Variable::resource: return "resource";
    case Variable::context: return "context";
  }
  return "";
}

FunctionInfo describe(Function function) {
  return functions[static_cast<std::size_t>(function)];
}

Function const* find_function(std::string_view wanted) {
  for (auto const& function : all_functions)
    if (describe(function).name == wanted) return &function;
  return nullptr;
}

std::vector<std::string_view> function_names(bool want_methods) {
  std::vector<std::string_view> names;
  for (auto const& info : functions)
    if (info.method == want_methods) names.push_back(info.name);
  if (want_methods)
    for (auto const& method : methods) names.push_back(method.name);
  return names;
}

MethodInfo const* find_method(std::string_view wanted) {
  auto const* it = std::find_if(std::begin(methods), std::end(methods),
                                [&](auto& m) { return m.name == wanted; });
  return it == std::end(methods) ? nullptr : it;
}

std::string_view sign(Op op) {
  switch (op) {
    case Op::literal: return "Value";
    case Op::variable: return "Var";
    case Op::slot: return "Slot";
    case Op::if_then_else: return "if-then-else";
    case Op::and_: return "&&";
    case Op::or_: return "||";
    case Op::not_: return "!";
    case Op::negate: return "neg";
    case Op::equal: return "==";
    case Op::not_equal: return "!=";
    case Op::less: return "<";
    case Op::less_equal: return "<=";
    case Op::greater: return ">";
    case Op::greater_equal: return ">=";
    case Op::in: return "in";
    case Op::add: return "+";
    case Op::subtract: return "-";
    case Op::multiply: return "*";
    case Op::contains: return "contains";
    case Op::contains_all: return "containsAll";
    case Op::contains_any: return "containsAny";
    case Op::is_empty: return "isEmpty";
    case Op::get_tag: return "getTag";
    case Op::has_tag: return "hasTag";
    case Op::get: return ".";
    case Op::has: return "has";
    case Op::like: return "like";
    case Op::is:
    case Op::is_in: return "is";
    case Op::set: return "Set";
    case Op::record: return "Record";
    case Op::call: return "call";
  }
  return "";
}

bool Expr::operator==(Expr const& other) const {
  return op == other.op && data == other.data && args == other.args;
}

Expr make_expr(Op op, std::vector<Expr> args, Span span) {
  if ((op == Op::and_ || op == Op::or_) && args.size() > 1 && args[0].op == op) {
    auto chain = std::move(args[0].args);
    chain.insert(chain.end(), std::make_move_iterator(args.begin() + 1),
                 std::make_move_iterator(args.end()));
    args = std::move(chain);
  }
  Expr expr{.op = op, .span = span, .args = std::move(args)};
  for (auto const& arg : expr.args)
    expr.depth = std::max<std::uint16_t>(expr.depth, static_cast<std::uint16_t>(arg.depth + 1));
  return expr;
}

Expr make_literal(Value value, Span span) {
  return make_expr_with(Op::literal, std::move(value), {}, span);
}
Expr make_variable(Variable variable, Span span) {
  return make_expr_with(Op::variable, variable, {}, span);
}

}  // namespace reeve::cedar
