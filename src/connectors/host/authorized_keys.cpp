// authorized_keys: `[options ]type base64[ comment]`, one key a line.
//
// Options and type are told apart as sshd does it: when the line does not begin with a key type,
// what stands before the first blank outside quotes is the list of options. Inside quotes a comma
// or a blank is text and \" is a quote; there is no other escape.
//
// The key itself is decoded (crypto/ssh_key.hpp): a line whose inner type is another than it says
// is refused by sshd, and by us.
//
// Sources: sshd(8) and auth-options.c of OpenSSH 9.2.

#include "connectors/host/authorized_keys.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace reeve::host {
namespace {

constexpr std::size_t line_bytes_max = 64 * 1024;
constexpr std::size_t options_max = 256;

/// No option's name looks like this.
bool key_type(std::string_view word) {
  return word.starts_with("ssh-") || word.starts_with("ecdsa-sha2-") || word.starts_with("sk-");
}

/// The length of the option list at the start of `line`: up to a blank outside quotes.
std::optional<std::size_t> options_size(std::string_view line) {
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\' && i + 1 < line.size() && line[i + 1] == '"')
      ++i;
    else if (line[i] == '"')
      quoted = !quoted;
    else if (!quoted && (line[i] == ' ' || line[i] == '\t'))
      return i;
  }
  return {};
}

std::string unquoted(std::string_view value) {
  std::string out;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '\\' && i + 1 < value.size() && value[i + 1] == '"')
      ++i;
    else if (value[i] == '"')
      continue;
    out += value[i];
  }
  return out;
}

/// The next option of `rest`, cut off it with its comma.
std::string_view next_option(std::string_view& rest) {
  bool quoted = false;
  std::size_t i = 0;
  for (; i < rest.size() && (quoted || rest[i] != ','); ++i) {
    if (rest[i] == '\\' && i + 1 < rest.size() && rest[i + 1] == '"')
      ++i;
    else if (rest[i] == '"')
      quoted = !quoted;
  }
  auto const option = rest.substr(0, i);
  rest.remove_prefix(std::min(i + 1, rest.size()));
  return option;
}

/// False: too many.
bool add_options(std::string_view rest, std::vector<KeyOption>& out) {
  while (!rest.empty()) {
    auto const option = next_option(rest);
    if (option.empty()) continue;
    if (out.size() == options_max) return false;
    auto const equals = option.find('=');
    out.push_back({.name = lower(option.substr(0, equals))});
    if (equals != std::string_view::npos) out.back().value = unquoted(option.substr(equals + 1));
  }
  return true;
}

Result<> read(std::string_view line, AuthorizedKey& out) {
  auto rest = line;
  if (!key_type(next_word(rest))) {
    auto const size = options_size(line);
    if (!size)
      return fail(Errc::corrupt,
                  "neither a key nor options before one, or a quote that is not closed");
    if (!add_options(line.substr(0, *size), out.options))
      return fail(Errc::corrupt, "more than 256 options");
    line = trim(line.substr(*size));
  }
  auto found = TRY(crypto::parse_ssh_line(line));
  out.key = std::move(found.key);
  out.comment = std::move(found.comment);
  out.algorithm = out.key.key.algorithm + (out.key.hardware ? "-sk" : "");
  return {};
}

std::string shown(KeyOption const& option) {
  if (!option.value) return option.name;
  auto value = std::string_view(*option.value);
  bool cut = false;
  if (option.name == "environment") {
    value = value.substr(0, value.find('='));
    cut = true;
  } else if (option.name == "command") {
    auto rest = value;
    value = next_word(rest);
    if (value.contains('=')) value = "";  // NAME=value before the command
    cut = !trim(rest).empty() || value.empty();
  }
  return option.name + "=\"" + std::string(value) + (cut ? " …\"" : "\"");
}

}  // namespace

KeyOption const* AuthorizedKey::option(std::string_view name) const {
  auto const found = std::ranges::find(options, name, &KeyOption::name);
  return found == options.end() ? nullptr : &*found;
}

Known<Instant> AuthorizedKey::expires() const {
  Known<Instant> earliest = None{};
  for (auto const& option : options) {
    if (option.name != "expiry-time") continue;
    auto const at = option.value ? parse_expiry_time(*option.value) : std::nullopt;
    if (!at) return NotReported{};
    auto const* before = std::get_if<Instant>(&earliest);
    if (!before || *at < *before) earliest = *at;
  }
  return earliest;
}

std::string AuthorizedKey::restrictions() const {
  std::string out;
  for (auto const& option : options) {
    if (!out.empty()) out += ',';
    out += shown(option);
  }
  return out;
}

AuthorizedKeys parse_authorized_keys(std::string_view text) {
  AuthorizedKeys out;
  for (Lines lines(text); lines.next();) {
    auto const line = trim(lines.text());
    if (line.empty() || line.starts_with('#')) continue;
    if (out.keys.size() + out.malformed.size() == authorized_keys_max) {
      out.malformed.push_back({lines.number(), "more than " + std::to_string(authorized_keys_max) +
                                                   " lines; the rest is not read"});
      break;
    }
    AuthorizedKey key{.line = lines.number()};
    if (line.size() > line_bytes_max)
      out.malformed.push_back({lines.number(), "a line of more than 64 KiB"});
    else if (auto const ok = read(line, key); ok)
      out.keys.push_back(std::move(key));
    else
      out.malformed.push_back({lines.number(), std::string(ok.error().message())});
  }
  return out;
}

std::optional<Instant> parse_expiry_time(std::string_view text) {
  if (text.ends_with('Z') || text.ends_with('z')) text.remove_suffix(1);
  if (text.size() != 8 && text.size() != 12 && text.size() != 14) return {};
  if (!std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) return {};
  auto const part = [&](std::size_t from, std::size_t size) {
    return from < text.size() ? number<int>(text.substr(from, size)).value_or(0) : 0;
  };
  std::chrono::year_month_day const day{std::chrono::year(part(0, 4)),
                                        std::chrono::month(unsigned(part(4, 2))),
                                        std::chrono::day(unsigned(part(6, 2)))};
  if (!day.ok() || part(8, 2) > 23 || part(10, 2) > 59 || part(12, 2) > 60) return {};
  return Instant(std::chrono::sys_days(day)) + std::chrono::hours(part(8, 2)) +
         std::chrono::minutes(part(10, 2)) + std::chrono::seconds(part(12, 2));
}

}  // namespace reeve::host
