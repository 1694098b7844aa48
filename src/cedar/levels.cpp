#include "cedar/levels.hpp"

#include <algorithm>

namespace reeve::cedar {
namespace {

class Levels {
 public:
  Levels(TypeRecord const& record, Environment const& env, unsigned level_max)
      : record_(record), env_(env), max_(level_max) {}

  std::vector<TypeFault> faults;

  void check(Expr const& e) {
    if (!seen(e)) return;
    if (auto const it = record_.stands_for.find(&e); it != record_.stands_for.end())
      return check(*it->second);
    switch (e.op) {
      case Op::in:
      case Op::is_in:
      case Op::has_tag:
      case Op::get_tag:
        if (e.op == Op::is_in && !seen(e.args[1])) return check(e.args[0]);
        look_into(e);
        return check(e.args[1]);
      case Op::get:
      case Op::has:
        if (type_of(e.args[0])->kind == Type::Kind::record) return check(e.args[0]);
        return look_into(e);
      default:  // the others look at their operands alone
        for (auto const& arg : e.args) check(arg);
    }
  }

 private:
  bool seen(Expr const& e) const { return record_.types.contains(&e); }
  Type const* type_of(Expr const& e) const { return record_.types.at(&e).get(); }

  void look_into(Expr const& e) {
    auto const level = target(e.args[0], {}) + 1;
    if (level > max_)
      faults.push_back({e.span, "this needs level " + std::to_string(level) + ", allowed is " +
                                    std::to_string(max_)});
  }

  /// How many entities were looked into to come to this one. `path`: attributes of records asked on
  /// the way.
  unsigned target(Expr const& e, std::vector<std::string_view> path) {
    if (!seen(e)) return 0;
    switch (e.op) {
      case Op::variable: return 0;
      case Op::if_then_else: {
        check(e.args[0]);
        auto const yes = target(e.args[1], path);
        return std::max(yes, target(e.args[2], path));
      }
      case Op::get:
        if (type_of(e.args[0])->kind == Type::Kind::entity)
          return target(e.args[0], std::move(path)) + 1;
        path.push_back(e.text());
        return target(e.args[0], std::move(path));
      case Op::get_tag: check(e.args[1]); return target(e.args[0], std::move(path)) + 1;
      case Op::record: return record(e, std::move(path));
      case Op::literal:
        if (e.value().entity() && *e.value().entity() == env_.action) return 0;
        break;
      default: break;  // nothing else is an entity that can be looked into
    }
    faults.push_back({e.span, "only what the request names can be looked into"});
    return 0;
  }

  unsigned record(Expr const& e, std::vector<std::string_view> path) {
    if (path.empty()) return 0;
    auto const wanted = path.back();
    path.pop_back();
    unsigned level = 0;
    for (std::size_t i = 0; i < e.args.size(); ++i)
      if (e.names()[i] == wanted)
        level = target(e.args[i], path);
      else
        check(e.args[i]);
    return level;
  }

  TypeRecord const& record_;
  Environment const& env_;
  unsigned max_;
};

}  // namespace

std::vector<TypeFault> check_levels(Expr const& e, TypeRecord const& record, Environment const& env,
                                    unsigned level_max) {
  Levels levels(record, env, level_max);
  levels.check(e);
  return std::move(levels.faults);
}

}  // namespace reeve::cedar
