#include "connectors/host/secrets_lines.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "scan/command.hpp"
#include "scan/token.hpp"
#include "scan/value.hpp"

namespace reeve::host {
namespace {

constexpr std::size_t line_max = 64u << 10;

bool is_name(std::string_view text) {
  auto const ok = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
  };
  return !text.empty() && text.size() <= 256 && std::ranges::all_of(text, ok);
}

bool comment(std::string_view line) {
  return line.empty() || line.front() == '#' || line.front() == ';';
}

/// Behind an unquoted value a blank and "#" begin a comment.
std::string_view without_comment(std::string_view value) {
  if (value.starts_with('"') || value.starts_with('\'')) {
    auto const end = value.find(value.front(), 1);
    return end == std::string_view::npos ? value : value.substr(0, end + 1);
  }
  auto const hash = value.find(" #");
  return trim(value.substr(0, hash));
}

std::string at_key(std::string_view section, std::string_view name) {
  return section.empty() ? std::string(name)
                         : "[" + std::string(section) + "] " + std::string(name);
}

/// Collects the rest of a value whose quote is still open at the end of its line.
void read_on(std::string& value, Lines& lines) {
  auto const quote = value.front();
  while (value.find(quote, 1) == std::string::npos && value.size() < line_max && lines.next())
    value.append("\n").append(lines.text());
}

struct Assignment {
  std::string_view name, value;
};

Assignment assignment(std::string_view line) {
  for (std::string_view const word : {"export ", "set ", "declare -x "})
    if (line.starts_with(word)) line = trim(line.substr(word.size()));
  auto const equals = line.find('=');
  if (equals == std::string_view::npos) return {};
  auto const name = trim(line.substr(0, equals));
  return is_name(name) ? Assignment{name, trim(line.substr(equals + 1))} : Assignment{};
}

}  // namespace

void find_in_env(std::string_view text, Finder& finder, scan::Place place) {
  for (Lines lines(text); lines.next();) {
    auto const line = trim(lines.text());
    if (comment(line) || line.size() > line_max) continue;
    auto const [name, from] = assignment(line);
    if (name.empty()) continue;
    auto const number = lines.number();
    std::string value(from);
    if (value.starts_with('"') || value.starts_with('\'')) read_on(value, lines);
    finder.setting(name, without_comment(value), {.key = std::string(name), .line = number}, place);
    wipe(value);
  }
}

// --- INI

namespace {

/// The settings of one section, so that the halves of a pair find each other.
struct Section {
  std::string name;
  std::string account;  ///< Key id, user, client.
  std::string target;   ///< Host, repository.
};

struct IniLine {
  int number = 0;
  std::string_view name, value;
};

void note(Section& section, std::string_view name, std::string_view value) {
  auto const low = lower(name);
  for (std::string_view const key : {"aws_access_key_id", "username", "user", "access_key",
                                     "client_id", "login", "gs_access_key_id"})
    if (low == key) section.account = std::string(scan::unquoted(value));
  for (std::string_view const key : {"repository", "host", "url", "host_base", "registry"})
    if (low == key && !value.contains('@')) section.target = std::string(scan::unquoted(value));
}

void find_in_section(Section& section, std::vector<IniLine> const& settings, Finder& finder) {
  for (auto const& line : settings) note(section, line.name, line.value);
  for (auto const& [number, name, value] : settings) {
    Finder::Where const where{at_key(section.name, name), number, section.account, section.target};
    auto const low = lower(name);
    if (low == "credential_process" || low == "source_profile" || low == "sso_session" ||
        low == "web_identity_token_file")
      finder.reference(low == "credential_process" ? "secret" : "token",
                       low + " " + std::string(low == "credential_process" ? "command" : value),
                       where);
    if (low == "credential_process")
      finder.command(scan::split_command(value), where);
    else
      finder.setting(name, value, where);
  }
}

}  // namespace

void find_in_ini(std::string_view text, Finder& finder) {
  Section section;
  std::vector<IniLine> settings;
  for (Lines lines(text); lines.next();) {
    auto const line = trim(lines.text());
    if (comment(line) || line.size() > line_max) continue;
    if (line.front() == '[') {
      find_in_section(section, settings, finder);
      settings.clear();
      section = {.name = std::string(trim(line.substr(1, line.rfind(']') - 1)))};
      finder.setting({}, section.name, {.key = "section", .line = lines.number()});
      continue;
    }
    auto const equals = line.find_first_of("=:");
    if (equals == std::string_view::npos) continue;  // a flag, or the rest of a list
    settings.push_back(
        {lines.number(), trim(line.substr(0, equals)), trim(line.substr(equals + 1))});
  }
  find_in_section(section, settings, finder);
}

// --- npm

namespace {

struct NpmKey {
  std::string_view registry, name;
};

/// "//registry.npmjs.org/:_authToken" → registry, name.
NpmKey npm_key(std::string_view key) {
  auto const colon = key.rfind(':');
  if (!key.starts_with("//") || colon == std::string_view::npos) return {{}, key};
  return {key.substr(2, colon - 2), key.substr(colon + 1)};
}

}  // namespace

void find_in_npmrc(std::string_view text, Finder& finder) {
  for (Lines lines(text); lines.next();) {
    auto const line = trim(lines.text());
    auto const equals = line.find('=');
    if (comment(line) || equals == std::string_view::npos) continue;
    auto const key = trim(line.substr(0, equals));
    auto const value = scan::unquoted(line.substr(equals + 1));
    auto const [registry, name] = npm_key(key);
    auto const host = registry.ends_with('/') ? registry.substr(0, registry.size() - 1) : registry;
    Finder::Where const where{.key = std::string(key),
                              .line = lines.number(),
                              .target = registry.empty() ? "" : "https://" + std::string(host)};
    auto decoded = name == "_password" ? scan::base64_decoded(value) : std::string();
    if (name == "_auth" && !value.starts_with("${"))
      finder.setting(name, "Basic " + std::string(value), where, scan::Place::value);
    else if (!decoded.empty())
      finder.setting(name, decoded, where, scan::Place::value);
    else
      finder.setting(name, value, where);
    wipe(decoded);
  }
}

// --- netrc

namespace {

struct Word {
  std::string text;
  int line = 0;
};

/// Words of netrc: quotes as curl and Python read them, comments to the end of their line, and
/// "macdef" with its body (to the next empty line) left out.
std::vector<Word> netrc_words(std::string_view text) {
  std::vector<Word> words;
  bool macro = false;
  for (Lines lines(text); lines.next();) {
    auto const line = trim(lines.text());
    if (line.empty()) macro = false;
    if (macro || line.size() > line_max || words.size() > 100'000) continue;
    for (auto& word : scan::split_command(line)) {
      if (word.starts_with('#') && (words.empty() || words.back().text != "password")) break;
      if (word == "macdef") macro = true;
      if (macro) break;
      words.push_back({std::move(word), lines.number()});
    }
  }
  return words;
}

}  // namespace

void find_in_netrc(std::string_view text, Finder& finder) {
  auto const words = netrc_words(text);
  std::string machine, login;
  for (std::size_t i = 0; i < words.size(); ++i) {
    auto const& word = words[i].text;
    if (word == "default") machine = "default", login.clear();
    if (i + 1 == words.size()) break;
    if (word == "machine")
      machine = words[++i].text, login.clear();
    else if (word == "login" || word == "user")
      login = words[++i].text;
    else if (word == "account")
      ++i;
    else if (word == "password" || word == "passwd") {
      // The login may stand behind the password.
      if (login.empty() && i + 3 < words.size() && words[i + 2].text == "login")
        login = words[i + 3].text;
      ++i;
      finder.setting("password", words[i].text,
                     {"machine " + machine + (login.empty() ? "" : " login " + login),
                      words[i].line, login, machine},
                     scan::Place::value);
    }
  }
}

// --- the short ones

void find_in_urls(std::string_view text, Finder& finder) {
  for (Lines lines(text); lines.next();) {
    auto const line = trim(lines.text());
    if (comment(line) || line.size() > line_max) continue;
    auto const at = line.rfind('@');
    auto const key = at == std::string_view::npos ? "line " + std::to_string(lines.number())
                                                  : "url " + std::string(line.substr(at + 1));
    finder.setting({}, line, {.key = key, .line = lines.number()});
  }
}

namespace {

std::vector<std::string> pgpass_fields(std::string_view line) {
  std::vector<std::string> fields(1);
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == ':' && fields.size() < 5)
      fields.emplace_back();
    else
      fields.back() += line[i] == '\\' && i + 1 < line.size() ? line[++i] : line[i];
  }
  return fields;
}

}  // namespace

void find_in_pgpass(std::string_view text, Finder& finder) {
  for (Lines lines(text); lines.next();) {
    auto const line = lines.text();
    if (line.empty() || line.front() == '#' || line.size() > line_max) continue;
    auto const field = pgpass_fields(line);
    if (field.size() != 5) {
      finder.malformed(lines.number(), "not host:port:database:user:password");
      continue;
    }
    finder.setting("password", field[4],
                   {field[0] + ":" + field[1] + ":" + field[2] + ":" + field[3], lines.number(),
                    field[3], "postgresql://" + field[0] + ":" + field[1] + "/" + field[2]},
                   scan::Place::value);
  }
}

void find_in_pairs(std::string_view text, Finder& finder) {
  for (Lines lines(text); lines.next();) {
    auto const line = trim(lines.text());
    auto const colon = line.rfind(':');
    if (comment(line) || colon == std::string_view::npos || line.size() > line_max) continue;
    auto const account = std::string(line.substr(0, colon));
    finder.setting("secret", line.substr(colon + 1), {account, lines.number(), account, {}},
                   scan::Place::value);
  }
}

void find_token_file(std::string_view kind, std::string_view text, Finder& finder) {
  auto const value = trim(text);
  if (value.empty()) return;
  if (value.size() > line_max || value.contains('\n'))
    return finder.malformed(0, "more than one line where a single token is expected");
  auto const token = scan::token_at(value, 0);
  bool const marked = token && token->size == value.size() && token->kind != "jwt";
  finder.secret(marked ? token->kind : kind, value, {.key = "token", .line = 1});
}

}  // namespace reeve::host
