// Precedence decides about parentheses: each operand is printed for the level the grammar has at
// its place. The levels are those of parser.hpp, loosest first.

#include "cedar/print.hpp"

#include "cedar/extension.hpp"

namespace reeve::cedar {
namespace {

enum class Level : std::uint8_t { any, or_, and_, relation, sum, product, unary, member };

Level next(Level level) {
  return static_cast<Level>(static_cast<int>(level) + 1);
}

Level level_of(Expr const& e) {
  switch (e.op) {
    case Op::if_then_else: return Level::any;
    case Op::or_: return Level::or_;
    case Op::and_: return Level::and_;
    case Op::equal:
    case Op::not_equal:
    case Op::less:
    case Op::less_equal:
    case Op::greater:
    case Op::greater_equal:
    case Op::in:
    case Op::like:
    case Op::is:
    case Op::is_in: return Level::relation;
    case Op::has: {
      // A path with a step that is no identifier has no text of its own: it becomes a chain.
      bool plain = true;
      for (auto const& step : e.names()) plain = plain && !needs_quotes(step);
      return plain || e.names().size() == 1 ? Level::relation : Level::and_;
    }
    case Op::add:
    case Op::subtract: return Level::sum;
    case Op::multiply: return Level::product;
    case Op::not_:
    case Op::negate: return Level::unary;
    case Op::literal: {
      auto const* number = e.value().number();
      return number && *number < 0 ? Level::unary : Level::member;
    }
    case Op::variable:
    case Op::slot:
    case Op::contains:
    case Op::contains_all:
    case Op::contains_any:
    case Op::is_empty:
    case Op::get_tag:
    case Op::has_tag:
    case Op::get:
    case Op::set:
    case Op::record:
    case Op::call: return Level::member;
  }
  return Level::any;
}

class Printer {
 public:
  std::string out;

  void at(Level level, Expr const& e) {
    bool const wrap = level_of(e) < level;
    if (wrap) out += "(";
    bare(e);
    if (wrap) out += ")";
  }

  void bare(Expr const& e) {
    switch (e.op) {
      case Op::literal: return literal(e.value());
      case Op::variable: out += name(std::get<Variable>(e.data)); return;
      case Op::slot: out += "?" + std::string(name(std::get<Variable>(e.data))); return;
      case Op::if_then_else:
        out += "if ", at(Level::any, e.args[0]);
        out += " then ", at(Level::any, e.args[1]);
        out += " else ", at(Level::any, e.args[2]);
        return;
      case Op::and_:
      case Op::or_: return infix_chain(e);
      case Op::not_: out += "!", at(Level::member, e.args[0]); return;
      case Op::negate: return negation(e.args[0]);
      case Op::add:
      case Op::subtract:
      case Op::multiply: return infix(e, level_of(e), next(level_of(e)));
      case Op::equal:
      case Op::not_equal:
      case Op::less:
      case Op::less_equal:
      case Op::greater:
      case Op::greater_equal:
      case Op::in: return infix(e, Level::sum, Level::sum);
      case Op::contains:
      case Op::contains_all:
      case Op::contains_any:
      case Op::is_empty:
      case Op::get_tag:
      case Op::has_tag: return method(sign(e.op), e.args);
      case Op::get: at(Level::member, e.args[0]), attribute(e.text()); return;
      case Op::has: return has(e);
      case Op::like:
        at(Level::sum, e.args[0]);
        out += " like " + quoted(std::get<Pattern>(e.data));
        return;
      case Op::is:
      case Op::is_in:
        at(Level::sum, e.args[0]);
        out += " is " + e.text();
        if (e.op == Op::is_in) out += " in ", at(Level::sum, e.args[1]);
        return;
      case Op::set: out += "[", list(e.args, 0), out += "]"; return;
      case Op::record: return record(e);
      case Op::call: return call(e);
    }
  }

 private:
  void literal(Value const& value) {
    if (auto const* yes = value.boolean())
      out += *yes ? "true" : "false";
    else if (auto const* number = value.number())
      out += std::to_string(*number);
    else if (auto const* text = value.text())
      out += quoted(*text);
    else if (auto const* uid = value.entity())
      out += to_string(*uid);
    else
      bare(to_expr(value));
  }

  void infix_chain(Expr const& e) {
    auto const level = level_of(e);
    for (std::size_t i = 0; i < e.args.size(); ++i) {
      if (i > 0) out.append(" ").append(sign(e.op)).append(" ");
      at(next(level), e.args[i]);
    }
  }

  void infix(Expr const& e, Level left, Level right) {
    at(left, e.args[0]);
    out.append(" ").append(sign(e.op)).append(" ");
    at(right, e.args[1]);
  }

  /// `-5` is a literal, so the operator before a number needs parentheses.
  void negation(Expr const& arg) {
    bool const number = arg.op == Op::literal && arg.value().number();
    out += "-";
    if (!number) return at(Level::member, arg);
    out += "(", bare(arg), out += ")";
  }

  void attribute(std::string const& name) {
    out += needs_quotes(name) ? "[" + quoted(name) + "]" : "." + name;
  }

  void has(Expr const& e) {
    auto const& path = e.names();
    if (level_of(e) == Level::relation) {
      at(Level::sum, e.args[0]);
      out += " has " + (needs_quotes(path[0]) ? quoted(path[0]) : path[0]);
      for (std::size_t i = 1; i < path.size(); ++i) out += "." + path[i];
      return;
    }
    for (std::size_t end = 0; end < path.size(); ++end) {
      if (end > 0) out += " && ";
      at(end == 0 ? Level::sum : Level::member, e.args[0]);
      for (std::size_t i = 0; i < end; ++i) attribute(path[i]);
      out += " has " + (needs_quotes(path[end]) ? quoted(path[end]) : path[end]);
    }
  }

  void list(std::vector<Expr> const& args, std::size_t from) {
    for (std::size_t i = from; i < args.size(); ++i) {
      if (i > from) out += ", ";
      at(Level::any, args[i]);
    }
  }

  void record(Expr const& e) {
    out += "{";
    for (std::size_t i = 0; i < e.args.size(); ++i) {
      auto const& key = e.names()[i];
      out += (i > 0 ? ", " : "") + (needs_quotes(key) ? quoted(key) : key) + ": ";
      at(Level::any, e.args[i]);
    }
    out += "}";
  }

  void method(std::string_view name, std::vector<Expr> const& args) {
    at(Level::member, args[0]);
    out.append(".").append(name).append("(");
    list(args, 1);
    out += ")";
  }

  void call(Expr const& e) {
    auto const info = describe(std::get<Function>(e.data));
    if (info.method && !e.args.empty()) return method(info.name, e.args);
    out.append(info.name).append("(");
    list(e.args, 0);
    out += ")";
  }
};

std::string scope(std::string_view variable, EntityScope const& s) {
  using Kind = EntityScope::Kind;
  std::string out(variable);
  auto const target = s.entity ? to_string(*s.entity) : "?" + out;
  if (s.kind == Kind::is || s.kind == Kind::is_in) out += " is " + s.type;
  if (s.kind == Kind::in || s.kind == Kind::is_in) out += " in " + target;
  if (s.kind == Kind::equal) out += " == " + target;
  return out;
}

std::string scope(ActionScope const& s) {
  using Kind = ActionScope::Kind;
  if (s.kind == Kind::any) return "action";
  if (s.kind == Kind::equal) return "action == " + to_string(s.entities[0]);
  if (s.kind == Kind::in) return "action in " + to_string(s.entities[0]);
  std::string out = "action in [";
  for (std::size_t i = 0; i < s.entities.size(); ++i)
    out += (i > 0 ? ", " : "") + to_string(s.entities[i]);
  return out + "]";
}

}  // namespace

bool needs_quotes(std::string_view attribute) {
  return !is_identifier(attribute) || is_reserved(attribute);
}

Expr to_expr(Value const& value) {
  std::vector<Expr> args;
  if (auto const* set = value.set()) {
    for (auto const& item : set->items()) args.push_back(to_expr(item));
    return make_expr(Op::set, std::move(args));
  }
  if (auto const* record = value.record()) {
    Names names;
    for (auto const& field : record->fields()) {
      names.push_back(field.name);
      args.push_back(to_expr(field.value));
    }
    return make_expr_with(Op::record, std::move(names), std::move(args));
  }
  auto const kind = value.kind();
  if (kind == Kind::boolean || kind == Kind::number || kind == Kind::text || kind == Kind::entity)
    return make_literal(value);
  auto made = construction(value);
  if (made.text.empty()) {
    // A datetime no literal reaches: from 1970 by a duration.
    std::vector<Expr> offset;
    offset.push_back(to_expr(Value(Datetime{0})));
    offset.push_back(to_expr(Value(Duration{value.datetime()->ms})));
    return make_expr_with(Op::call, Function::offset, std::move(offset));
  }
  args.push_back(make_literal(std::move(made.text)));
  return make_expr_with(Op::call, made.function, std::move(args));
}

std::string to_string(Expr const& expr) {
  Printer printer;
  printer.bare(expr);
  return std::move(printer.out);
}

std::string to_string(Value const& value) {
  return to_string(to_expr(value));
}

std::string to_string(Policy const& policy) {
  std::string out;
  for (auto const& a : policy.annotations)
    out += "@" + a.key + (a.value ? "(" + quoted(*a.value) + ")" : "") + "\n";
  out += std::string(name(policy.effect)) + "(\n  " + scope("principal", policy.principal) +
         ",\n  " + scope(policy.action) + ",\n  " + scope("resource", policy.resource) + "\n)";
  for (auto const& condition : policy.conditions)
    out += std::string(condition.unless ? "\nunless" : "\nwhen") + " { " +
           to_string(condition.body) + " }";
  return out + ";\n";
}

std::string to_string(PolicySet const& set) {
  std::string out;
  for (auto const& policy : set.policies()) out += (out.empty() ? "" : "\n") + to_string(*policy);
  return out;
}

}  // namespace reeve::cedar
