#include "cedar/vm.hpp"

#include <algorithm>

namespace reeve::cedar {
namespace {

constexpr auto fine = Failure::none;

struct RequestNumbering final : Numbering {
  RequestNumbering(Tables const& t, Strangers& s) : tables(t), strangers(s) {}
  std::uint32_t uid(std::string_view type, std::string_view id) override {
    return strangers.uid(tables, type, id);
  }
  std::uint32_t name(std::string_view name) override { return strangers.name(tables, name); }
  std::string_view text(std::string_view text) override { return text; }  // the request outlives us
  Tables const& tables;
  Strangers& strangers;
};

bool ordered(Kind kind) {
  return kind == Kind::number || kind == Kind::datetime || kind == Kind::duration;
}

bool holds(Code code, std::int64_t a, std::int64_t b) {
  switch (code) {
    case Code::less: return a < b;
    case Code::less_equal: return a <= b;
    case Code::greater: return a > b;
    default: return a >= b;
  }
}

Kind receiver_of(Function function) {
  return describe(function).receiver;
}

}  // namespace

Finish Vm::run(std::uint32_t start) {
  for (auto const* ins = image_.code.data() + start;; ++ins) {
    switch (ins->code) {
      case Code::satisfied: return {.satisfied = true};
      case Code::unsatisfied: return {};
      case Code::jump: ins = image_.code.data() + ins->k - 1; break;
      case Code::jump_false:
      case Code::jump_true: {
        auto const& x = at(ins->x);
        if (x.kind != Kind::boolean) return {.failure = Failure::wrong_type};
        if (x.boolean == (ins->code == Code::jump_true)) ins = image_.code.data() + ins->k - 1;
        break;
      }
      default:  // all others make a value
        if (auto const failure = step(*ins, scratch_.registers[ins->dst]); failure != fine)
          return {.failure = failure};
    }
  }
}

Failure Vm::step(Ins const& ins, Cell& dst) {
  auto const& x = at(ins.x);
  switch (ins.code) {
    case Code::satisfied:
    case Code::unsatisfied:
    case Code::jump:
    case Code::jump_false:
    case Code::jump_true: return fine;  // done by run
    case Code::context:
      if (!scratch_.has_context) make_context();
      return fine;
    case Code::move: dst = x; return fine;
    case Code::not_:
      if (x.kind != Kind::boolean) return Failure::wrong_type;
      dst = cell(!x.boolean);
      return fine;
    case Code::negate: return arithmetic(Code::subtract, cell(Kind::number, 0), x, dst);
    case Code::equal: dst = cell(equal(x, at(ins.y))); return fine;
    case Code::not_equal: dst = cell(!equal(x, at(ins.y))); return fine;
    case Code::less:
    case Code::less_equal:
    case Code::greater:
    case Code::greater_equal: return order(ins.code, x, at(ins.y), dst);
    case Code::in: return in(x, at(ins.y), dst);
    case Code::add:
    case Code::subtract:
    case Code::multiply: return arithmetic(ins.code, x, at(ins.y), dst);
    case Code::contains:
    case Code::contains_all:
    case Code::contains_any:
    case Code::is_empty: return set_function(ins.code, x, at(ins.y), dst);
    case Code::get_tag:
    case Code::has_tag: return tag(ins.code, x, at(ins.y), dst);
    case Code::get: return attribute(x, ins.k, dst);
    case Code::has: return has(x, ins.k, dst);
    case Code::has_path: return has_path(x, image_.paths[ins.k], dst);
    case Code::like:
      if (x.kind != Kind::text) return Failure::wrong_type;
      dst = cell(matches(std::span<std::string_view const>(image_.patterns[ins.k]), x.view()));
      return fine;
    case Code::is:
      if (x.kind != Kind::entity) return Failure::wrong_type;
      dst = cell(type_of(x.entity) == ins.k);
      return fine;
    case Code::set:
    case Code::record: return make(ins, dst);
    case Code::call: return call(static_cast<Function>(ins.k), x, at(ins.y), dst);
    case Code::fail: return static_cast<Failure>(ins.k);
  }
  return Failure::wrong_type;
}

void Vm::make_context() {
  RequestNumbering numbers(tables_, scratch_.strangers);
  scratch_.registers[3] = to_cell(context_, scratch_.arena, numbers);
  scratch_.has_context = true;
}

Failure Vm::in(Cell const& x, Cell const& y, Cell& dst) const {
  if (x.kind != Kind::entity) return Failure::wrong_type;
  auto const uid = x.entity;
  if (y.kind == Kind::entity) {
    dst = cell(graph_.within(uid, y.entity));
    return fine;
  }
  if (y.kind != Kind::set || !y.set->all_entities) return Failure::wrong_type;
  bool found = false;
  for (std::uint32_t i = 0; i < y.set->size && !found; ++i)
    found = graph_.within(uid, y.set->entities[i]);
  dst = cell(found);
  return fine;
}

Failure Vm::order(Code code, Cell const& x, Cell const& y, Cell& dst) const {
  if (!ordered(x.kind) || x.kind != y.kind) return Failure::wrong_type;
  dst = cell(holds(code, x.number, y.number));
  return fine;
}

Failure Vm::arithmetic(Code code, Cell const& x, Cell const& y, Cell& dst) const {
  if (x.kind != Kind::number || y.kind != Kind::number) return Failure::wrong_type;
  std::int64_t out = 0;
  bool const overflow = code == Code::add        ? __builtin_add_overflow(x.number, y.number, &out)
                        : code == Code::subtract ? __builtin_sub_overflow(x.number, y.number, &out)
                                                 : __builtin_mul_overflow(x.number, y.number, &out);
  if (overflow) return Failure::overflow;
  dst = cell(Kind::number, out);
  return fine;
}

Failure Vm::set_function(Code code, Cell const& x, Cell const& y, Cell& dst) const {
  if (x.kind != Kind::set) return Failure::wrong_type;
  auto const& set = *x.set;
  if (code == Code::is_empty) {
    dst = cell(set.size == 0);
    return fine;
  }
  if (code == Code::contains) {
    dst = cell(contains(set, y));
    return fine;
  }
  if (y.kind != Kind::set) return Failure::wrong_type;
  bool const any = code == Code::contains_any;
  for (std::uint32_t i = 0; i < y.set->size; ++i)
    if (contains(set, y.set->items[i]) == any) {
      dst = cell(any);
      return fine;
    }
  dst = cell(!any);
  return fine;
}

Failure Vm::tag(Code code, Cell const& x, Cell const& y, Cell& dst) const {
  if (x.kind != Kind::entity || y.kind != Kind::text) return Failure::wrong_type;
  auto const* row = graph_.find(x.entity);
  auto const name = row ? tables_.names.find(y.view()) : no_number;
  auto const* found = name == no_number ? nullptr : find(*row->tags, name);
  if (code == Code::has_tag)
    dst = cell(found != nullptr);
  else if (found)
    dst = *found;
  else
    return row ? Failure::no_tag : Failure::no_entity;
  return fine;
}

Failure Vm::attribute(Cell const& x, std::uint32_t name, Cell& dst) const {
  RecordCells const* record = nullptr;
  if (x.kind == Kind::entity) {
    auto const* row = graph_.find(x.entity);
    if (!row) return Failure::no_entity;
    record = row->attributes;
  } else if (x.kind == Kind::record) {
    record = x.record;
  } else {
    return Failure::wrong_type;
  }
  auto const* found = find(*record, name);
  if (!found) return Failure::no_attribute;
  dst = *found;
  return fine;
}

Failure Vm::has(Cell const& x, std::uint32_t name, Cell& dst) const {
  if (x.kind == Kind::entity) {
    auto const* row = graph_.find(x.entity);
    dst = cell(row && find(*row->attributes, name) != nullptr);
  } else if (x.kind == Kind::record) {
    dst = cell(find(*x.record, name) != nullptr);
  } else {
    return Failure::wrong_type;
  }
  return fine;
}

Failure Vm::has_path(Cell x, std::vector<std::uint32_t> const& path, Cell& dst) const {
  for (auto const name : path) {
    if (auto const failure = has(x, name, dst); failure != fine || !dst.boolean) return failure;
    Cell next;
    if (auto const failure = attribute(x, name, next); failure != fine) return failure;
    x = next;
  }
  dst = cell(true);
  return fine;
}

Failure Vm::make(Ins const& ins, Cell& dst) {
  auto& arena = scratch_.arena;
  auto* const cells = arena.array<Cell>(ins.y);
  std::copy_n(scratch_.registers.begin() + ins.x, ins.y, cells);
  if (ins.code == Code::set) {
    dst = make_set(arena, cells, ins.y);
    return fine;
  }
  auto* const names = arena.array<std::uint32_t>(ins.y);
  std::copy_n(image_.paths[ins.k].begin(), ins.y, names);
  dst = make_record(arena, names, cells, ins.y);
  return fine;
}

Failure Vm::call(Function function, Cell const& x, Cell const& y, Cell& dst) {
  if (x.kind != receiver_of(function)) return Failure::wrong_type;
  bool const two = describe(function).arity == 2;
  if (two && y.kind != (function == Function::offset ? Kind::duration : x.kind))
    return Failure::wrong_type;
  auto const number = [&](Kind kind, auto const& made, auto member) {
    if (!made) return Failure::bad_extension;
    dst = cell(kind, (*made).*member);
    return fine;
  };
  auto const yes = [&](bool value) {
    dst = cell(value);
    return fine;
  };
  auto const duration = [&](std::int64_t unit) {
    dst = cell(Kind::number, x.number / unit);
    return fine;
  };
  switch (function) {
    case Function::ip: {
      auto const ip = parse_ip(x.view());
      if (!ip) return Failure::bad_extension;
      dst = make_ip(scratch_.arena, *ip);
      return fine;
    }
    case Function::decimal: return number(Kind::decimal, parse_decimal(x.view()), &Decimal::units);
    case Function::datetime: return number(Kind::datetime, parse_datetime(x.view()), &Datetime::ms);
    case Function::duration: return number(Kind::duration, parse_duration(x.view()), &Duration::ms);
    case Function::is_ipv4: return yes(!x.ip->v6);
    case Function::is_ipv6: return yes(x.ip->v6);
    case Function::is_loopback: return yes(is_loopback(*x.ip));
    case Function::is_multicast: return yes(is_multicast(*x.ip));
    case Function::is_in_range: return yes(in_range(*x.ip, *y.ip));
    case Function::less_than: return yes(x.number < y.number);
    case Function::less_than_or_equal: return yes(x.number <= y.number);
    case Function::greater_than: return yes(x.number > y.number);
    case Function::greater_than_or_equal: return yes(x.number >= y.number);
    case Function::offset:
      return number(Kind::datetime, offset(Datetime{x.number}, Duration{y.number}), &Datetime::ms);
    case Function::duration_since:
      return number(Kind::duration, duration_since(Datetime{x.number}, Datetime{y.number}),
                    &Duration::ms);
    case Function::to_date:
      return number(Kind::datetime, to_date(Datetime{x.number}), &Datetime::ms);
    case Function::to_time: dst = cell(Kind::duration, to_time(Datetime{x.number}).ms); return fine;
    case Function::to_milliseconds: return duration(1);
    case Function::to_seconds: return duration(1'000);
    case Function::to_minutes: return duration(60'000);
    case Function::to_hours: return duration(3'600'000);
    case Function::to_days: return duration(86'400'000);
  }
  return Failure::wrong_type;
}

}  // namespace reeve::cedar
