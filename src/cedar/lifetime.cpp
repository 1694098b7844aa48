// An expression that moves with the clock is a line: sign * t + offset, in milliseconds. Each rule
// below says how a line goes through one operator; what is no line changes at the next step of it,
// or, when nothing is known, at the next millisecond.

#include "cedar/lifetime.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <span>
#include <unordered_map>

#include "cedar/conjuncts.hpp"
#include "cedar/evaluate.hpp"
#include "cedar/print.hpp"

namespace reeve::cedar {
namespace {

__extension__ typedef __int128 Wide;  // a sum of two int64 fits

constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t day_ms = 86'400'000;
constexpr int steps_max = 64;  // crossings that are passed over

struct Line {
  int sign;     // 1, -1
  Wide offset;  // of the value, in milliseconds
};

/// `context.a.b` is the path {a, b}.
bool is_attribute(Expr const& e, std::vector<std::string> const& path) {
  auto const* at = &e;
  for (auto step = path.rbegin(); step != path.rend(); ++step) {
    if (at->op != Op::get || at->text() != *step) return false;
    at = &at->args[0];
  }
  return at->op == Op::variable && std::get<Variable>(at->data) == Variable::context;
}

/// A part of the path, so what stands there holds the attribute: `context` or `context.a`.
bool leads_to(Expr const& e, std::vector<std::string> path) {
  while (!path.empty()) {
    path.pop_back();
    if (is_attribute(e, path)) return true;
  }
  return false;
}

std::int64_t after(std::int64_t t) {
  return t == never ? never : t + 1;
}
std::int64_t clamp(Wide t) {
  return t >= never ? never : static_cast<std::int64_t>(t);
}

class Moves {
 public:
  Moves(Request const& request, Entities const& entities, Clock const& clock, std::int64_t now)
      : request_(request), entities_(entities), clock_(clock), now_(now) {}

  /// No earlier than this, the value of the expression changes.
  std::int64_t next(Expr const& e) {
    auto const known = known_.find(&e);
    if (known != known_.end()) return known->second;
    auto const out = work_out(e);
    known_[&e] = out;
    return out;
  }

  /// When the first derived attribute that is read changes.
  std::int64_t derived = never;

 private:
  std::int64_t work_out(Expr const& e) {
    if (e.op == Op::variable || e.op == Op::get) return path(e);
    if (e.op == Op::has && is_path(e.args[0])) return never;  // there goes on being a clock
    if (compares(e)) return crossing(e);
    if (e.op == Op::call) return step(e);
    return of_parts(e);
  }
  std::int64_t of_parts(Expr const& e) {
    auto out = never;
    for (auto const& arg : e.args) out = std::min(out, next(arg));
    return out;
  }

  static bool equality(Expr const& e) { return e.op == Op::equal || e.op == Op::not_equal; }
  static bool compares(Expr const& e) {
    return equality(e) || e.op == Op::less || e.op == Op::less_equal || e.op == Op::greater ||
           e.op == Op::greater_equal;
  }

  /// What stands beside the clock stands still; a record that holds the clock moves with it.
  std::int64_t path(Expr const& e) {
    if (is_attribute(e, clock_.path) || leads_to(e, clock_.path)) return after(now_);
    for (auto const& each : clock_.derived) {
      if (!is_attribute(e, each.path) && !leads_to(e, each.path)) continue;
      derived = std::min(derived, std::max(each.changes_at.ms, after(now_)));
      return derived;
    }
    return e.op == Op::get ? beside(e) : never;
  }
  /// The record of a path was not read whole.
  std::int64_t beside(Expr const& e) { return is_path(e) ? never : next(e.args[0]); }

  /// A number of milliseconds, or any other, that stands still. Empty: it moves, or is no number.
  std::optional<std::int64_t> still(Expr const& e) {
    if (next(e) != never) return {};
    auto const value = evaluate(e, request_, entities_);
    if (!value) return {};
    if (auto const* at = value->datetime()) return at->ms;
    if (auto const* span = value->duration()) return span->ms;
    if (auto const* number = value->number()) return *number;
    return {};
  }

  /// Empty: it is none, or stands still.
  std::optional<Line> line(Expr const& e) {
    if (is_attribute(e, clock_.path)) return Line{1, 0};
    if (e.op != Op::call || e.args.empty()) return {};
    auto const function = std::get<Function>(e.data);
    if (function == Function::to_milliseconds && e.args.size() == 1) return line(e.args[0]);
    if (e.args.size() != 2) return {};
    if (function == Function::offset) return sum(e, 1);
    return function == Function::duration_since ? sum(e, -1) : std::nullopt;
  }
  std::optional<Line> sum(Expr const& e, int sign) {
    if (auto const by = still(e.args[1])) {
      auto const moving = line(e.args[0]);
      return moving ? std::optional(Line{moving->sign, moving->offset + sign * Wide{*by}})
                    : std::nullopt;
    }
    auto const from = still(e.args[0]);
    auto const moving = from ? line(e.args[1]) : std::nullopt;
    return moving ? std::optional(Line{sign * moving->sign, *from + sign * moving->offset})
                  : std::nullopt;
  }

  std::int64_t crossing(Expr const& e) {
    for (std::size_t i = 0; i < 2; ++i) {
      auto const& other = e.args[1 - i];
      if (next(other) != never) continue;
      auto const limit = still(other);
      if (!limit) return equality(e) ? of_parts(e) : never;  // else an error for ever
      if (auto const moving = line(e.args[i])) return turn(*moving, *limit);
      if (auto const found = turn_of_day(e.args[i], *limit)) return *found;
    }
    return of_parts(e);
  }

  /// `line < limit` turns when the line reaches the limit, or just behind it.
  std::int64_t turn(Line const& line, Wide limit) const {
    auto const at = line.sign > 0 ? limit - line.offset : line.offset - limit;
    return at == now_ ? after(now_) : at > now_ ? clamp(at) : never;
  }

  /// `line.toTime() < limit` turns at the limit and at the end of the day.
  std::optional<std::int64_t> turn_of_day(Expr const& e, std::int64_t limit) {
    if (e.op != Op::call || std::get<Function>(e.data) != Function::to_time) return {};
    auto const found = e.args.size() == 1 ? line(e.args[0]) : std::nullopt;
    if (!found || found->sign < 0) return {};
    auto const into = modulo(Wide{now_} + found->offset, day_ms);
    if (into == limit) return after(now_);
    bool const ahead = into < limit && limit < day_ms;
    return clamp(Wide{now_} + (ahead ? Wide{limit} : Wide{day_ms}) - into);
  }

  /// What rounds a line changes once a unit: when it reaches a multiple of it, or leaves it (dates
  /// round down, durations toward zero).
  std::int64_t step(Expr const& e) {
    auto const unit = unit_of(std::get<Function>(e.data));
    auto const found = unit > 0 && e.args.size() == 1 ? line(e.args[0]) : std::nullopt;
    if (!found) return of_parts(e);
    auto const into = modulo(found->sign * Wide{now_} + found->offset, unit);
    return clamp(Wide{now_} + (into == 0 ? 1 : found->sign > 0 ? unit - into : into));
  }
  static Wide modulo(Wide a, Wide unit) { return ((a % unit) + unit) % unit; }
  static Wide unit_of(Function function) {
    switch (function) {
      case Function::to_date:
      case Function::to_days: return day_ms;
      case Function::to_hours: return day_ms / 24;
      case Function::to_minutes: return 60'000;
      case Function::to_seconds: return 1000;
      default: return 0;
    }
  }

  Request const& request_;
  Entities const& entities_;
  Clock const& clock_;
  std::int64_t now_;
  std::unordered_map<Expr const*, std::int64_t>
      known_;  // else a nest of == is walked 2^depth times
};

std::vector<Active> in_scope(PolicySet const& policies, Request const& request,
                             Entities const& entities) {
  Look const look{request, entities};
  std::vector<Active> out;
  for (auto const& active : policies.active()) {
    auto const& policy = *active.policy;
    if (look.within(policy.principal, request.principal, active.principal_slot) &&
        look.within(policy.action, request.action) &&
        look.within(policy.resource, request.resource, active.resource_slot))
      out.push_back(active);
  }
  return out;
}

Decision decide(std::vector<Active> const& policies, Request const& request,
                Entities const& entities) {
  auto out = Decision::deny;
  for (auto const& active : policies) {
    auto const verdict = evaluate(active, request, entities);
    if (!verdict || *verdict != Verdict::satisfied) continue;
    if (active.policy->effect == Effect::forbid) return Decision::deny;
    out = Decision::allow;
  }
  return out;
}

Value const* find(Record const& context, std::vector<std::string> const& path) {
  auto const* record = &context;
  Value const* out = nullptr;
  for (auto const& step : path) {
    out = record ? record->find(step) : nullptr;
    if (!out) return nullptr;
    record = out->record();
  }
  return out;
}

/// The path is there.
Record with(Record const& context, std::span<std::string const> path, Value const& value) {
  Fields fields = context.fields();
  for (auto& field : fields) {
    if (field.name != path[0]) continue;
    field.value =
        path.size() == 1 ? value : Value(with(*field.value.record(), path.subspan(1), value));
  }
  return Record(std::move(fields));
}

struct Next {
  std::int64_t at = never, derived = never;
};
Next next_change(std::vector<Active> const& policies, Request const& request,
                 Entities const& entities, Clock const& clock, std::int64_t now) {
  Moves moves(request, entities, clock, now);
  Next out;
  for (auto const& active : policies)
    for (auto const& condition : active.policy->conditions)
      out.at = std::min(out.at, moves.next(condition.body));
  out.derived = moves.derived;
  return out;
}

/// Collects what a tree of expressions looks at.
class Reads {
 public:
  Reads(Request const& request, Entities const& entities) : request_(request), entities_(entities) {
    entities_read_ = {request.principal, request.action, request.resource};
  }
  void add(Expr const& e) {
    bool const asks = e.op == Op::has || e.op == Op::has_tag;
    if (asks) add_has(e);
    if (e.op == Op::in || e.op == Op::is_in || e.op == Op::has_tag) look_at(e.args[0]);
    if (is_path(e)) return add_path(e, /*whole=*/true);
    for (auto const& arg : e.args)
      if (asks && is_path(arg))
        add_path(arg, /*whole=*/false);
      else
        add(arg);
  }
  ReadSet result() const {
    return {{paths_.begin(), paths_.end()}, {entities_read_.begin(), entities_read_.end()}};
  }

 private:
  void add_path(Expr const& e, bool whole) {
    if (whole) paths_.insert(to_string(e));
    if (e.op == Op::variable) return;
    look_at(e.args[0]);
    add_path(e.args[0], /*whole=*/false);
  }
  void add_has(Expr const& e) {
    if (e.op == Op::has_tag) {
      if (is_path(e.args[0]) && e.args[1].op == Op::literal)
        paths_.insert(to_string(make_expr(Op::get_tag, e.args)));
      return;
    }
    auto path = e.args[0];
    for (auto const& step : e.names()) {
      look_at(path);
      path = make_expr_with(Op::get, step, {std::move(path)});
    }
    if (is_path(path)) paths_.insert(to_string(path));
  }
  void look_at(Expr const& e) {
    auto const value = evaluate(e, request_, entities_);
    if (value && value->entity()) entities_read_.insert(*value->entity());
  }

  Request const& request_;
  Entities const& entities_;
  std::set<std::string> paths_;
  std::set<EntityUid> entities_read_;
};

}  // namespace

Lifetime lifetime(PolicySet const& policies, Request const& request, Entities const& entities,
                  Clock const& clock) {
  auto const read = in_scope(policies, request, entities);
  auto const* value = find(request.context, clock.path);
  auto const* start = value ? value->datetime() : nullptr;
  auto now = start ? start->ms : std::numeric_limits<std::int64_t>::min();
  auto at = request;
  auto const decision = decide(read, request, entities);
  for (int i = 0; i < steps_max; ++i) {
    auto const next = next_change(read, at, entities, clock, now);
    auto const moved = start ? next.at : next.derived;
    if (moved == never) return {};
    now = moved;
    if (now == next.derived) break;  // only its maker knows what it will be
    at.context = with(at.context, clock.path, Datetime{now});
    if (decide(read, at, entities) != decision) break;
  }
  return {.changes_at = Datetime{now}};
}

ReadSet reads(PolicySet const& policies, Request const& request, Entities const& entities) {
  Reads out(request, entities);
  for (auto const& active : in_scope(policies, request, entities))
    for (auto const& condition : active.policy->conditions) out.add(condition.body);
  return out.result();
}

}  // namespace reeve::cedar
