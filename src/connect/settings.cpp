#include "connect/settings.hpp"

#include <algorithm>
#include <charconv>

#include "base/file.hpp"
#include "base/text.hpp"

namespace reeve::connect {
namespace {

constexpr std::size_t secret_bytes_max = 64u << 10;

Option const* find_option(Info const& info, std::string_view name) {
  auto const found = std::ranges::find(info.options, name, &Option::name);
  return found == info.options.end() ? nullptr : &*found;
}

/// "url" of "url_env", if that is a secret option.
Option const* secret_named(Info const& info, std::string_view name, std::string_view suffix) {
  if (!name.ends_with(suffix)) return nullptr;
  auto const* option = find_option(info, name.substr(0, name.size() - suffix.size()));
  return option && option->secret ? option : nullptr;
}

std::unexpected<Error> unknown(Info const& info, std::string const& name) {
  std::vector<std::string> names;
  for (auto const& option : info.options) {
    names.emplace_back(option.name);
    if (!option.secret) continue;
    names.back() += "_env";
    names.push_back(std::string(option.name) + "_file");
  }
  std::vector<std::string_view> const choices(names.begin(), names.end());
  auto const meant = closest(name, choices);
  auto message = "a " + std::string(info.kind) + " source has no option " + name;
  if (!meant.empty())
    message += "; did you mean " + std::string(meant) + "?";
  else
    message += "; it has: " + join(names, ", ");
  return fail(Errc::invalid, std::move(message));
}

Result<std::int64_t> parse_number(std::string_view text) {
  std::int64_t value = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0)
    return fail(Errc::invalid, "not a number of 0 or more: " + std::string(text));
  return value;
}

Result<> check_type(Option const& option, std::string const& value) {
  using enum Option::Type;
  if (value.contains('\0')) return fail(Errc::invalid, "holds a NUL byte");
  switch (option.type) {
    case number: (void)TRY(parse_number(value)); return {};
    case duration: (void)TRY(parse_duration(value)); return {};
    case boolean:
      if (value != "true" && value != "false") return fail(Errc::invalid, "neither true nor false");
      return {};
    case url:
      if (!value.contains("://")) return fail(Errc::invalid, "not a URL");
      return {};
    case path:
      if (value.empty()) return fail(Errc::invalid, "an empty path");
      return {};
    case text:
    case list: return {};
  }
  return {};
}

/// A file holds its secret with or without a line end.
Result<Secret> read_secret(std::string const& path) {
  auto bytes = TRY(read_file(path, secret_bytes_max));
  while (bytes.ends_with('\n') || bytes.ends_with('\r')) bytes.pop_back();
  return Secret::take(bytes);
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  struct Unit {
    std::string_view name;
    Duration length;
  };
  constexpr Unit units[] = {{"ms", std::chrono::milliseconds(1)},
                            {"s", std::chrono::seconds(1)},
                            {"m", std::chrono::minutes(1)},
                            {"h", std::chrono::hours(1)},
                            {"d", Days(1)}};
  for (auto const& unit : units) {
    if (!text.ends_with(unit.name)) continue;
    auto const count = parse_number(text.substr(0, text.size() - unit.name.size()));
    if (!count) continue;
    if (*count > Duration::max() / unit.length) break;
    return unit.length * *count;
  }
  return fail(Errc::invalid, "not a time like 30s, 5m, 2h or 45d: " + std::string(text));
}

Result<Settings> Settings::resolve(Info const& info, Given given, Environment const& environment) {
  Settings out;
  for (auto const& [name, value] : given) TRY(out.put(info, name, value, environment));
  for (auto const& option : info.options) {
    auto const name = std::string(option.name);
    auto const set = option.secret ? out.secrets_.contains(name) : out.texts_.contains(name);
    if (set) continue;
    if (option.required)
      return fail(Errc::invalid, "a " + std::string(info.kind) + " source needs " +
                                     (option.secret ? name + "_env or " + name + "_file" : name) +
                                     ": " + std::string(option.help));
    if (!option.fallback.empty()) out.texts_.emplace(name, option.fallback);
  }
  return out;
}

Result<> Settings::put(Info const& info, std::string const& name, std::string const& value,
                       Environment const& environment) {
  if (auto const* option = secret_named(info, name, "_env")) {
    auto found = environment(value);
    if (!found) return fail(Errc::invalid, name + ": the environment has no variable " + value);
    secrets_.insert_or_assign(std::string(option->name), Secret::take(*found));
    return {};
  }
  if (auto const* option = secret_named(info, name, "_file")) {
    auto secret = TRY_DURING(read_secret(value), name);
    secrets_.insert_or_assign(std::string(option->name), std::move(secret));
    return {};
  }
  auto const* option = find_option(info, name);
  if (!option) return unknown(info, name);
  if (option->secret)  // the value is not repeated
    return fail(Errc::invalid, name + " may hold a secret: set " + name + "_env or " + name +
                                   "_file to where it lies");
  TRY_DURING(check_type(*option, value), name);
  texts_.insert_or_assign(name, value);
  return {};
}

std::string_view Settings::text(std::string_view name) const {
  auto const found = texts_.find(name);
  return found == texts_.end() ? std::string_view() : std::string_view(found->second);
}

bool Settings::yes(std::string_view name) const {
  return text(name) == "true";
}

std::int64_t Settings::number(std::string_view name) const {
  return parse_number(text(name)).value_or(0);
}

Duration Settings::duration(std::string_view name) const {
  return parse_duration(text(name)).value_or(Duration::zero());
}

std::vector<std::string> Settings::list(std::string_view name) const {
  std::vector<std::string> out;
  for (auto const part : split(text(name), ','))
    if (auto const item = trim(part); !item.empty()) out.emplace_back(item);
  return out;
}

Secret const& Settings::secret(std::string_view name) const {
  static Secret const none;
  auto const found = secrets_.find(name);
  return found == secrets_.end() ? none : found->second;
}

}  // namespace reeve::connect
