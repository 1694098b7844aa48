// sshd_config: `Keyword arguments`, perhaps with '=' between; arguments may be quoted. The first
// value of a keyword wins, and what stands under Match holds for some only: we read the general
// part and say whether there is more (`match_blocks`).
//
// Source: sshd_config(5), OpenSSH 9.2.

#include "connectors/host/sshd_config.hpp"

#include <set>

#include "base/text.hpp"

namespace reeve::host {
namespace {

constexpr std::size_t settings_max = 10'000;

/// The next argument of `rest`, cut off it; quotes group. False: a quote is not closed.
bool next_argument(std::string_view& rest, std::string& out) {
  out.clear();
  char quote = 0;
  std::size_t i = 0;
  for (; i < rest.size(); ++i) {
    char const c = rest[i];
    if (quote == 0 && (c == ' ' || c == '\t')) break;
    if (quote == 0 && (c == '"' || c == '\''))
      quote = c;
    else if (c == quote)
      quote = 0;
    else
      out += c;
  }
  rest = trim(rest.substr(i));
  return quote == 0;
}

std::string_view read(std::string_view line, SshdSetting& setting) {
  auto const size = line.find_first_of(" \t=");
  setting.keyword = lower(line.substr(0, size));
  auto rest = size == std::string_view::npos ? std::string_view() : trim(line.substr(size));
  if (rest.starts_with('=')) rest = trim(rest.substr(1));
  if (rest.empty()) return "a keyword without arguments";
  for (std::string argument; !rest.empty();) {
    if (!next_argument(rest, argument)) return "a quote is not closed";
    if (argument.starts_with('#')) break;
    setting.arguments.push_back(argument);
  }
  return setting.arguments.empty() ? "a keyword without arguments" : "";
}

void apply(SshdSetting const& setting, SshdPolicy& policy) {
  auto const& first = setting.arguments.front();
  auto const path = first == "none" ? "" : first;
  if (setting.keyword == "authorizedkeysfile") policy.authorized_keys_files = setting.arguments;
  if (setting.keyword == "authorizedkeyscommand") policy.authorized_keys_command = path;
  if (setting.keyword == "trustedusercakeys") policy.trusted_user_ca_keys = path;
  if (setting.keyword == "permitrootlogin") policy.permit_root_login = lower(first);
  if (setting.keyword == "passwordauthentication")
    policy.password_authentication = lower(first) != "no";
}

}  // namespace

SshdSettings parse_sshd_config(std::string_view text) {
  SshdSettings out;
  bool conditional = false;
  for (Lines lines(text); lines.next();) {
    auto const line = trim(lines.text());
    if (line.empty() || line.starts_with('#')) continue;
    if (out.settings.size() + out.malformed.size() == settings_max) {
      out.malformed.push_back({lines.number(), "more than 10000 settings; the rest is not read"});
      break;
    }
    SshdSetting setting{.line = lines.number()};
    auto const why = read(line, setting);
    if (setting.keyword == "match") conditional = true;
    setting.conditional = conditional;
    if (why.empty())
      out.settings.push_back(std::move(setting));
    else
      out.malformed.push_back({lines.number(), std::string(why)});
  }
  return out;
}

SshdPolicy sshd_policy(std::vector<SshdSetting> const& settings) {
  SshdPolicy policy;
  std::set<std::string_view> decided;
  for (auto const& setting : settings) {
    policy.match_blocks = policy.match_blocks || setting.keyword == "match";
    if (!setting.conditional && !setting.arguments.empty() &&
        decided.insert(setting.keyword).second)
      apply(setting, policy);
  }
  return policy;
}

std::string authorized_keys_path(std::string_view pattern, std::string_view user,
                                 std::string_view home, std::uint32_t uid) {
  if (lower(pattern) == "none") return "";
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    char const next = pattern[i] == '%' && i + 1 < pattern.size() ? pattern[i + 1] : '\0';
    if (next == 'h')
      out += home;
    else if (next == 'u')
      out += user;
    else if (next == 'U')
      out += std::to_string(uid);
    else if (next == '%')
      out += '%';
    else
      out += pattern[i];
    if (next == 'h' || next == 'u' || next == 'U' || next == '%') ++i;
  }
  return out.starts_with('/') ? out : std::string(home) + "/" + out;
}

}  // namespace reeve::host
