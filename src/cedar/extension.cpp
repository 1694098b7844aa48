#include "cedar/extension.hpp"

namespace reeve::cedar {
namespace {

std::unexpected<Error> mistyped(Function function, Value const& value, Kind wanted) {
  return fail(Errc::invalid, std::string(describe(function).name) + ": expected " +
                                 std::string(name(wanted)) + ", got " +
                                 std::string(name(value.kind())));
}

template <class Parsed>
Result<Value> made(Function function, std::string const& text, Parsed parsed) {
  if (parsed) return Value(*parsed);
  return fail(Errc::invalid, quoted(text) + " is no " + std::string(describe(function).name));
}

Result<Value> construct(Function function, std::string const& text) {
  switch (function) {
    case Function::ip: return made(function, text, parse_ip(text));
    case Function::decimal: return made(function, text, parse_decimal(text));
    case Function::datetime: return made(function, text, parse_datetime(text));
    default: return made(function, text, parse_duration(text));  // the last of the constructors
  }
}

Result<Value> in_range(Function function, auto result) {
  if (result) return Value(*result);
  return fail(Errc::invalid, std::string(describe(function).name) + ": the result is out of range");
}

}  // namespace

Result<Value> call_function(Function function, std::span<Value const> args) {
  auto const info = describe(function);
  if (args.size() != info.arity)
    return fail(Errc::invalid, std::string(info.name) + " takes " + std::to_string(info.arity) +
                                   " arguments, not " + std::to_string(args.size()));
  if (args[0].kind() != info.receiver) return mistyped(function, args[0], info.receiver);
  auto const second = function == Function::offset ? Kind::duration : info.receiver;
  if (info.arity == 2 && args[1].kind() != second) return mistyped(function, args[1], second);
  auto const& a = args[0];
  switch (function) {
    case Function::ip:
    case Function::decimal:
    case Function::datetime:
    case Function::duration: return construct(function, *a.text());
    case Function::is_ipv4: return Value(!a.ip()->v6);
    case Function::is_ipv6: return Value(a.ip()->v6);
    case Function::is_loopback: return Value(is_loopback(*a.ip()));
    case Function::is_multicast: return Value(is_multicast(*a.ip()));
    case Function::is_in_range: return Value(in_range(*a.ip(), *args[1].ip()));
    case Function::less_than: return Value(*a.decimal() < *args[1].decimal());
    case Function::less_than_or_equal: return Value(*a.decimal() <= *args[1].decimal());
    case Function::greater_than: return Value(*a.decimal() > *args[1].decimal());
    case Function::greater_than_or_equal: return Value(*a.decimal() >= *args[1].decimal());
    case Function::offset: return in_range(function, offset(*a.datetime(), *args[1].duration()));
    case Function::duration_since:
      return in_range(function, duration_since(*a.datetime(), *args[1].datetime()));
    case Function::to_date: return in_range(function, to_date(*a.datetime()));
    case Function::to_time: return Value(to_time(*a.datetime()));
    case Function::to_milliseconds: return Value(a.duration()->ms);
    case Function::to_seconds: return Value(a.duration()->ms / 1'000);
    case Function::to_minutes: return Value(a.duration()->ms / 60'000);
    case Function::to_hours: return Value(a.duration()->ms / 3'600'000);
    case Function::to_days: return Value(a.duration()->ms / 86'400'000);
  }
  return fail(Errc::internal, "no such function");
}

Construction construction(Value const& value) {
  if (auto const* ip = value.ip()) return {Function::ip, to_string(*ip)};
  if (auto const* decimal = value.decimal()) return {Function::decimal, to_string(*decimal)};
  if (auto const* at = value.datetime()) return {Function::datetime, to_string(*at)};
  return {Function::duration, to_string(*value.duration())};
}

}  // namespace reeve::cedar
