#include "cedar/program.hpp"

#include <algorithm>

#include "cedar/evaluate.hpp"

namespace reeve::cedar {
namespace {

constexpr std::uint32_t registers_max = 60'000;

struct LoadNumbering final : Numbering {
  explicit LoadNumbering(Tables& to) : tables(to) {}
  std::uint32_t uid(std::string_view type, std::string_view id) override {
    return tables.uids.add(tables.arena, tables.types, type, id);
  }
  std::uint32_t name(std::string_view name) override {
    return tables.names.add(tables.arena, name);
  }
  std::string_view text(std::string_view text) override { return tables.arena.copy(text); }
  Tables& tables;
};

/// Depends on nothing but itself, and is worth to be made once.
bool constant(Expr const& e) {
  if (e.op == Op::literal) return true;
  bool const maker =
      e.op == Op::set || e.op == Op::record || e.op == Op::call || e.op == Op::negate;
  return maker && std::all_of(e.args.begin(), e.args.end(), [](auto& a) { return constant(a); });
}

class Compiler {
 public:
  Compiler(Tables& tables, Image& image) : tables_(tables), image_(image) {}

  Result<std::uint32_t> run(Policy const& policy) {
    auto const start = here();
    Jumps unsatisfied;
    for (auto const& condition : policy.conditions) {
      if (condition.unless)
        branch_true(condition.body, unsatisfied);
      else
        branch_false(condition.body, unsatisfied);
    }
    emit({.code = Code::satisfied});
    bind(unsatisfied);
    if (!unsatisfied.empty()) emit({.code = Code::unsatisfied});
    if (most_ > registers_max)
      return fail(Errc::unsupported, "policy " + quoted(policy.id) + " needs too many registers");
    image_.registers = std::max(image_.registers, most_);
    return start;
  }

 private:
  using Jumps = std::vector<std::uint32_t>;

  std::uint32_t here() const { return static_cast<std::uint32_t>(image_.code.size()); }
  void emit(Ins ins) { image_.code.push_back(ins); }
  void jump(Code code, std::uint32_t x, Jumps& to) {
    to.push_back(here());
    emit({.code = code, .x = x});
  }
  void bind(Jumps const& jumps) {
    for (auto const at : jumps) image_.code[at].k = here();
  }

  /// A free register; above registers_max only counted, and the policy is refused at the end.
  std::uint16_t reserve() {
    auto const out = next_++;
    most_ = std::max(most_, next_);
    return static_cast<std::uint16_t>(std::min(out, registers_max));
  }

  std::uint32_t constant_operand(Cell const& value) {
    image_.constants.push_back(value);
    return constant_bit | static_cast<std::uint32_t>(image_.constants.size() - 1);
  }
  std::uint32_t constant_operand(Value const& value) {
    LoadNumbering numbers(tables_);
    return constant_operand(to_cell(value, tables_.arena, numbers));
  }

  // A branch jumps to `to` when `e` has the named value, and falls through otherwise.

  void branch_false(Expr const& e, Jumps& to) {
    if (e.op == Op::and_) {
      for (auto const& arg : e.args) branch_false(arg, to);
    } else if (e.op == Op::or_) {
      Jumps done;
      for (std::size_t i = 0; i + 1 < e.args.size(); ++i) branch_true(e.args[i], done);
      branch_false(e.args.back(), to);
      bind(done);
    } else if (e.op == Op::not_) {
      branch_true(e.args[0], to);
    } else {
      jump_on(Code::jump_false, e, to);
    }
  }

  void branch_true(Expr const& e, Jumps& to) {
    if (e.op == Op::or_) {
      for (auto const& arg : e.args) branch_true(arg, to);
    } else if (e.op == Op::and_) {
      Jumps done;
      for (std::size_t i = 0; i + 1 < e.args.size(); ++i) branch_false(e.args[i], done);
      branch_true(e.args.back(), to);
      bind(done);
    } else if (e.op == Op::not_) {
      branch_false(e.args[0], to);
    } else {
      jump_on(Code::jump_true, e, to);
    }
  }

  void jump_on(Code code, Expr const& e, Jumps& to) {
    if (e.op == Op::literal && e.value().boolean()) {
      if (*e.value().boolean() == (code == Code::jump_true)) jump(Code::jump, 0, to);
      return;
    }
    auto const mark = next_;
    auto const x = operand(e);
    next_ = mark;
    jump(code, x, to);
  }

  /// Where the value of `e` is after the code emitted here.
  std::uint32_t operand(Expr const& e) {
    if (e.op == Op::variable) {
      auto const variable = std::get<Variable>(e.data);
      if (variable == Variable::context) emit({.code = Code::context});
      return static_cast<std::uint32_t>(variable);
    }
    if (constant(e)) {
      if (auto const value = evaluate(e, Request{}, Entities())) return constant_operand(*value);
    }
    auto const dst = reserve();
    into(e, dst);
    return dst;
  }

  void into(Expr const& e, std::uint16_t dst) {
    auto const mark = next_;
    make(e, dst);
    next_ = mark;
  }

  void unary(Code code, Expr const& e, std::uint16_t dst, std::uint32_t k = 0) {
    auto const x = operand(e.args[0]);
    emit({.code = code, .dst = dst, .x = x, .k = k});
  }
  void binary(Code code, Expr const& e, std::uint16_t dst) {
    auto const x = operand(e.args[0]);
    auto const y = operand(e.args[1]);
    emit({.code = code, .dst = dst, .x = x, .y = y});
  }
  void set_constant(std::uint16_t dst, bool yes) {
    emit({.code = Code::move, .dst = dst, .x = constant_operand(cell(yes))});
  }

  void logic(Expr const& e, std::uint16_t dst) {
    Jumps no, end;
    branch_false(e, no);
    set_constant(dst, true);
    jump(Code::jump, 0, end);
    bind(no);
    set_constant(dst, false);
    bind(end);
  }

  void choice(Expr const& e, std::uint16_t dst) {
    Jumps no, end;
    branch_false(e.args[0], no);
    copy_into(e.args[1], dst);
    jump(Code::jump, 0, end);
    bind(no);
    copy_into(e.args[2], dst);
    bind(end);
  }
  void copy_into(Expr const& e, std::uint16_t dst) {
    auto const mark = next_;
    auto const x = operand(e);
    next_ = mark;
    if (x != dst) emit({.code = Code::move, .dst = dst, .x = x});
  }

  void is_in(Expr const& e, std::uint16_t dst) {
    Jumps end;
    auto const x = operand(e.args[0]);
    emit({.code = Code::is, .dst = dst, .x = x, .k = type(e.text())});
    jump(Code::jump_false, dst, end);
    auto const y = operand(e.args[1]);
    emit({.code = Code::in, .dst = dst, .x = x, .y = y});
    bind(end);
  }

  std::uint32_t attribute(std::string_view name) { return tables_.names.add(tables_.arena, name); }
  std::uint32_t type(std::string_view name) { return tables_.types.add(tables_.arena, name); }

  std::uint32_t path(Names const& names) {
    std::vector<std::uint32_t> numbers;
    for (auto const& name : names) numbers.push_back(attribute(name));
    image_.paths.push_back(std::move(numbers));
    return static_cast<std::uint32_t>(image_.paths.size() - 1);
  }

  std::uint32_t pattern(Pattern const& pattern) {
    std::vector<std::string_view> pieces;
    pieces.reserve(pattern.pieces.size());
    for (auto const& piece : pattern.pieces) pieces.push_back(tables_.arena.copy(piece));
    image_.patterns.push_back(std::move(pieces));
    return static_cast<std::uint32_t>(image_.patterns.size() - 1);
  }

  /// Every argument in a register of its own, side by side.
  std::uint32_t row(std::vector<Expr> const& args) {
    auto const first = next_;
    for (std::size_t i = 0; i < args.size(); ++i) reserve();
    for (std::size_t i = 0; i < args.size(); ++i)
      copy_into(args[i],
                static_cast<std::uint16_t>(std::min<std::size_t>(first + i, registers_max)));
    return first;
  }

  void call(Expr const& e, std::uint16_t dst) {
    auto const function = std::get<Function>(e.data);
    std::vector<std::uint32_t> args;
    args.reserve(e.args.size());
    for (auto const& arg : e.args) args.push_back(operand(arg));
    if (args.size() != describe(function).arity)
      return emit({.code = Code::fail, .k = static_cast<std::uint32_t>(Failure::wrong_arity)});
    emit({.code = Code::call,
          .dst = dst,
          .x = args[0],
          .y = args.back(),
          .k = static_cast<std::uint32_t>(function)});
  }

  void make(Expr const& e, std::uint16_t dst) {
    auto const count = static_cast<std::uint32_t>(e.args.size());
    switch (e.op) {
      case Op::literal:
        emit({.code = Code::move, .dst = dst, .x = constant_operand(e.value())});
        return;
      case Op::variable: emit({.code = Code::move, .dst = dst, .x = operand(e)}); return;
      case Op::slot:
        emit({.code = Code::fail, .k = static_cast<std::uint32_t>(Failure::wrong_type)});
        return;
      case Op::if_then_else: return choice(e, dst);
      case Op::and_:
      case Op::or_: return logic(e, dst);
      case Op::not_: return unary(Code::not_, e, dst);
      case Op::negate: return unary(Code::negate, e, dst);
      case Op::equal: return binary(Code::equal, e, dst);
      case Op::not_equal: return binary(Code::not_equal, e, dst);
      case Op::less: return binary(Code::less, e, dst);
      case Op::less_equal: return binary(Code::less_equal, e, dst);
      case Op::greater: return binary(Code::greater, e, dst);
      case Op::greater_equal: return binary(Code::greater_equal, e, dst);
      case Op::in: return binary(Code::in, e, dst);
      case Op::add: return binary(Code::add, e, dst);
      case Op::subtract: return binary(Code::subtract, e, dst);
      case Op::multiply: return binary(Code::multiply, e, dst);
      case Op::contains: return binary(Code::contains, e, dst);
      case Op::contains_all: return binary(Code::contains_all, e, dst);
      case Op::contains_any: return binary(Code::contains_any, e, dst);
      case Op::is_empty: return unary(Code::is_empty, e, dst);
      case Op::get_tag: return binary(Code::get_tag, e, dst);
      case Op::has_tag: return binary(Code::has_tag, e, dst);
      case Op::get: return unary(Code::get, e, dst, attribute(e.text()));
      case Op::has:
        if (e.names().size() == 1) return unary(Code::has, e, dst, attribute(e.names()[0]));
        return unary(Code::has_path, e, dst, path(e.names()));
      case Op::like: return unary(Code::like, e, dst, pattern(std::get<Pattern>(e.data)));
      case Op::is: return unary(Code::is, e, dst, type(e.text()));
      case Op::is_in: return is_in(e, dst);
      case Op::set: emit({.code = Code::set, .dst = dst, .x = row(e.args), .y = count}); return;
      case Op::record: {
        auto const first = row(e.args);
        emit({.code = Code::record, .dst = dst, .x = first, .y = count, .k = path(e.names())});
        return;
      }
      case Op::call: return call(e, dst);
    }
  }

  Tables& tables_;
  Image& image_;
  std::uint32_t next_ = 4;
  std::uint32_t most_ = 4;
};

}  // namespace

std::string_view message(Failure failure) {
  switch (failure) {
    case Failure::none: return "";
    case Failure::wrong_type: return "an operand has the wrong type";
    case Failure::no_entity: return "an entity does not exist";
    case Failure::no_attribute: return "an attribute is missing";
    case Failure::no_tag: return "a tag is missing";
    case Failure::overflow: return "a number does not fit in 64 bits";
    case Failure::bad_extension: return "an extension value cannot be made";
    case Failure::wrong_arity: return "an extension function has the wrong number of arguments";
  }
  return "";
}

Result<std::uint32_t> compile(Policy const& policy, Tables& tables, Image& image) {
  return Compiler(tables, image).run(policy);
}

}  // namespace reeve::cedar
