// authorized_keys: `[options ]type base64[ comment]`, one key a line.
//
// Options and type are told apart as sshd does it: when the line does not begin with a key type,
// what stands before the first blank outside quotes is the list of options. Inside quotes a comma
// or a blank is text and \" is a quote; there is no other escape.
//
// The key itself is decoded far enough to know that it is what the line says: RFC 4253 §6.6 names
// the type again inside, and a line whose two types differ is refused by sshd. From there also
// comes the size of an RSA key: the bits of its modulus.
//
// Sources: sshd(8) and auth-options.c of OpenSSH 9.2; RFC 4253 §6.6, RFC 5656 §3.1, RFC 8709 §4.

#include "connectors/host/authorized_keys.hpp"

#include <algorithm>
#include <bit>

#include "base/text.hpp"

namespace reeve::host {
namespace {

constexpr std::size_t line_bytes_max = 64 * 1024;
constexpr std::size_t options_max = 256;

struct KeyType {
  std::string_view name, algorithm;  ///< Algorithm empty: with its bits, from the key.
};
constexpr KeyType key_types[] = {
    {"ssh-ed25519", "ed25519"},
    {"ssh-rsa", ""},
    {"ssh-dss", ""},
    {"ecdsa-sha2-nistp256", "ecdsa-p256"},
    {"ecdsa-sha2-nistp384", "ecdsa-p384"},
    {"ecdsa-sha2-nistp521", "ecdsa-p521"},
    {"sk-ssh-ed25519@openssh.com", "ed25519-sk"},
    {"sk-ecdsa-sha2-nistp256@openssh.com", "ecdsa-p256-sk"},
    {"ssh-ed25519-cert-v01@openssh.com", "ed25519-cert"},
    {"ssh-rsa-cert-v01@openssh.com", "rsa-cert"},
    {"ssh-dss-cert-v01@openssh.com", "dsa-cert"},
    {"ecdsa-sha2-nistp256-cert-v01@openssh.com", "ecdsa-p256-cert"},
    {"ecdsa-sha2-nistp384-cert-v01@openssh.com", "ecdsa-p384-cert"},
    {"ecdsa-sha2-nistp521-cert-v01@openssh.com", "ecdsa-p521-cert"},
    {"sk-ssh-ed25519-cert-v01@openssh.com", "ed25519-sk-cert"},
    {"sk-ecdsa-sha2-nistp256-cert-v01@openssh.com", "ecdsa-p256-sk-cert"},
};

KeyType const* key_type(std::string_view name) {
  auto const found = std::ranges::find(key_types, name, &KeyType::name);
  return found == std::end(key_types) ? nullptr : found;
}

/// Canonical base64 only (RFC 4648 §4): one key has one text.
std::optional<std::string> decode(std::string_view text) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  while (text.ends_with('=')) text.remove_suffix(1);
  std::string out;
  std::uint32_t bits = 0;
  int held = 0;
  for (char const c : text) {
    auto const value = alphabet.find(c);
    if (value == std::string_view::npos) return {};
    bits = (bits << 6) | std::uint32_t(value);
    if ((held += 6) < 8) continue;
    held -= 8;
    out += char(bits >> held & 0xFFU);
    bits &= (1U << held) - 1;
  }
  if (bits != 0 || held >= 6) return {};
  return out;
}

/// The next string of an SSH blob (RFC 4251 §5), cut off it.
std::optional<std::string_view> next_string(std::string_view& blob) {
  if (blob.size() < 4) return {};
  std::uint32_t size = 0;
  for (std::size_t i = 0; i < 4; ++i) size = size << 8 | std::uint8_t(blob[i]);
  if (size > blob.size() - 4) return {};
  auto const out = blob.substr(4, size);
  blob.remove_prefix(4 + std::size_t(size));
  return out;
}

std::size_t bits_of(std::string_view number) {
  while (number.starts_with('\0')) number.remove_prefix(1);
  if (number.empty()) return 0;
  return (number.size() - 1) * 8 + std::size_t(std::bit_width(std::uint8_t(number[0])));
}

/// Nothing but strings, at least one; as all plain keys are (certificates hold numbers too).
bool strings_alone(std::string_view blob) {
  bool any = false;
  for (; !blob.empty(); any = true)
    if (!next_string(blob)) return false;
  return any;
}

/// What the blob is, if it is what its line says. Empty: it is not.
std::string algorithm_of(KeyType const& type, std::string_view blob) {
  if (next_string(blob) != type.name) return "";
  if (!type.name.contains("-cert-") && !strings_alone(blob)) return "";
  if (!type.algorithm.empty()) return std::string(type.algorithm);
  bool const rsa = type.name == "ssh-rsa";
  auto number = next_string(blob);  // rsa: exponent, modulus; dsa: p
  if (rsa && number) number = next_string(blob);
  auto const bits = number ? bits_of(*number) : 0;
  return bits == 0 ? "" : (rsa ? "rsa-" : "dsa-") + std::to_string(bits);
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

/// Reads one line; answers why it cannot.
std::string_view read(std::string_view line, AuthorizedKey& key) {
  if (line.size() > line_bytes_max) return "a line of more than 64 KiB";
  auto rest = line;
  auto const* type = key_type(next_word(rest));
  if (!type) {
    auto const size = options_size(line);
    if (!size) return "neither a key nor options before one, or a quote that is not closed";
    rest = line.substr(*size);
    if (!add_options(line.substr(0, *size), key.options)) return "more than 256 options";
    type = key_type(next_word(rest));
  }
  if (!type) return "no key type that OpenSSH knows";
  key.type = type->name;
  key.base64 = next_word(rest);
  auto const blob = decode(key.base64);
  if (!blob) return "the key is not base64";
  key.algorithm = algorithm_of(*type, *blob);
  if (key.algorithm.empty()) return "the key is not of the type its line says";
  key.comment = trim(rest);
  return "";
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
    if (auto const why = read(line, key); why.empty())
      out.keys.push_back(std::move(key));
    else
      out.malformed.push_back({lines.number(), std::string(why)});
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
