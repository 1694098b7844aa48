// systemd's unit files. What differs from an INI file: a key may come several times and then makes
// a list, unless an empty value begins the list anew; a backslash at the line end goes on with the
// next line, over comment lines in between; sections may come again. Drop-ins are more of the same
// file, so a unit is the sequence of all its settings.
//
// Environment= and ExecStart= are cut into words by systemd's quoting, not the shell's: quotes of
// both kinds, C escapes, and no variables.
//
// Sources: systemd.syntax(7), systemd.exec(5), systemd.service(5), systemd.unit(5) of systemd 252.

#include "connectors/host/unit.hpp"

#include <algorithm>
#include <ranges>
#include <set>

#include "base/text.hpp"
#include "crypto/encode.hpp"

namespace reeve::host {
namespace {

constexpr std::size_t value_bytes_max = 1024 * 1024;  ///< LONG_LINE_MAX of systemd.

bool comment(std::string_view line) {
  return line.starts_with('#') || line.starts_with(';');
}

/// One setting and whatever lines continue it.
class UnitReader {
 public:
  explicit UnitReader(std::string_view text) : lines_(text) {}

  UnitFile read() && {
    while (lines_.next()) {
      auto const line = trim(lines_.text());
      if (line.empty() || comment(line)) continue;
      if (out_.settings.size() + out_.malformed.size() == unit_settings_max) {
        bad("more than " + std::to_string(unit_settings_max) + " settings; the rest is not read");
        break;
      }
      if (line.starts_with('['))
        section(line);
      else
        setting(line);
    }
    return std::move(out_);
  }

 private:
  void bad(std::string why) { out_.malformed.push_back({lines_.number(), std::move(why)}); }

  void section(std::string_view line) {
    if (!line.ends_with(']')) return bad("a section that is not closed");
    section_ = line.substr(1, line.size() - 2);
  }

  void setting(std::string_view line) {
    int const number = lines_.number();
    auto text = joined(line);
    auto const equals = text.find('=');
    if (text.size() > value_bytes_max)
      out_.malformed.push_back({number, "a value of more than 1 MiB"});
    else if (equals == std::string::npos || trim(text.substr(0, equals)).empty())
      out_.malformed.push_back({number, "neither a section nor Key=value"});
    else if (section_.empty())
      out_.malformed.push_back({number, "a setting before any section"});
    else
      out_.settings.push_back({.line = number,
                               .section = section_,
                               .key = std::string(trim(text.substr(0, equals))),
                               .value = Secret(trim(std::string_view(text).substr(equals + 1)))});
    wipe(text);
  }

  std::string joined(std::string_view line) {
    std::string text(line);
    while (text.ends_with('\\') && lines_.next()) {
      auto const more = trim(lines_.text());
      if (comment(more)) continue;
      text.back() = ' ';
      if (text.size() <= value_bytes_max) text += more;
    }
    if (text.ends_with('\\')) text.pop_back();
    return text;
  }

  Lines lines_;
  std::string section_;
  UnitFile out_;
};

/// A C escape after '\\' at `i`; `i` is left on its last character.
char escaped(std::string_view text, std::size_t& i) {
  constexpr std::string_view from = "abfnrtvs", to = "\a\b\f\n\r\t\v ";
  char const c = text[i];
  if (auto const known = from.find(c); known != std::string_view::npos) return to[known];
  if (c == 'x' && i + 2 < text.size())
    if (auto const byte = crypto::from_hex(text.substr(i + 1, 2))) {
      i += 2;
      return (*byte)[0];
    }
  return c;
}

/// The next word by systemd's quoting, cut off `rest`. Empty optional: none is left.
std::optional<std::string> unit_word(std::string_view& rest) {
  auto const from = rest.find_first_not_of(" \t\n");
  if (from == std::string_view::npos) return {};
  rest.remove_prefix(from);
  std::string out;
  char quote = 0;
  std::size_t i = 0;
  for (; i < rest.size(); ++i) {
    char const c = rest[i];
    if (c == '\\' && i + 1 < rest.size()) {
      ++i;
      out += escaped(rest, i);
    } else if (quote != 0 && c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else if (quote == 0 && (c == ' ' || c == '\t' || c == '\n')) {
      break;
    } else {
      out += c;
    }
  }
  rest.remove_prefix(i);
  return out;
}

bool yes(std::string_view value) {
  auto const word = lower(value);
  return word == "yes" || word == "true" || word == "on" || word == "1" || word == "y" ||
         word == "t";
}

void put(std::vector<UnitVariable>& variables, std::string_view name, std::string_view value) {
  auto const found = std::ranges::find(variables, name, &UnitVariable::name);
  if (found == variables.end())
    variables.push_back({std::string(name), Secret(value)});
  else
    found->value = Secret(value);
}

void add_environment(std::string_view value, std::vector<UnitVariable>& out) {
  while (auto word = unit_word(value)) {
    auto const equals = word->find('=');
    if (equals != std::string::npos && equals > 0)
      put(out, word->substr(0, equals), std::string_view(*word).substr(equals + 1));
    wipe(*word);
  }
}

/// "@", "-", ":", "+", "!" before a path say how it is run.
std::string exec_program(std::string_view command) {
  auto const from = command.find_first_not_of("@-:+!|");
  if (from == std::string_view::npos) return "";
  command.remove_prefix(from);
  return unit_word(command).value_or("");
}

/// NAME:VALUE or NAME.
std::pair<std::string, std::string> credential(std::string_view value) {
  auto const colon = value.find(':');
  if (colon == std::string_view::npos) return {std::string(value), std::string(value)};
  return {std::string(value.substr(0, colon)), std::string(value.substr(colon + 1))};
}

void add_loaded(std::string_view value, ServiceUnit& unit) {
  if (value.empty()) {
    unit.loaded_credentials.clear();
    unit.loaded_paths.clear();
    return;
  }
  auto pair = credential(value);
  unit.loaded_credentials.push_back(pair.first);
  unit.loaded_paths.push_back(std::move(pair));
}

/// Applies a setting of [Service].
void apply(std::string_view key, std::string_view value, ServiceUnit& unit) {
  if (key == "User") unit.user = value;
  if (key == "Group") unit.group = value;
  if (key == "DynamicUser") unit.dynamic_user = yes(value);
  if (key == "RootDirectory" || key == "RootImage") unit.root_directory = value;
  if (key == "Environment") {
    if (value.empty()) unit.environment.clear();
    add_environment(value, unit.environment);
  }
  if (key == "EnvironmentFile") {
    if (value.empty())
      unit.environment_files.clear();
    else
      unit.environment_files.emplace_back(value.substr(value.starts_with('-') ? 1 : 0));
  }
  if (key == "LoadCredential" || key == "LoadCredentialEncrypted") add_loaded(value, unit);
  if (key == "SetCredential") {
    if (value.empty()) unit.set_credentials.clear();
    auto const [name, text] = credential(value);
    if (!value.empty()) put(unit.set_credentials, name, text);
  }
}

bool exec_key(std::string_view key) {
  constexpr std::string_view keys[] = {"ExecStart", "ExecStartPre", "ExecStartPost", "ExecReload",
                                       "ExecStop",  "ExecStopPost", "ExecCondition"};
  return std::ranges::find(keys, key) != std::end(keys);
}

/// The commands that are left when an empty one of the same key undid those before it.
void add_commands(std::vector<UnitSetting const*> const& settings, ServiceUnit& unit) {
  std::set<std::string_view> undone;
  std::vector<UnitSetting const*> left;
  for (auto const* setting : settings | std::views::reverse) {
    if (!exec_key(setting->key) || undone.contains(setting->key)) continue;
    if (setting->value.empty())
      undone.insert(setting->key);
    else
      left.push_back(setting);
  }
  for (auto const* setting : left | std::views::reverse) {
    unit.programs.push_back(exec_program(setting->value.reveal()));
    unit.commands.push_back(setting->value.copy());
  }
}

std::vector<UnitSetting const*> section(std::span<UnitFile const* const> files,
                                        std::string_view name) {
  std::vector<UnitSetting const*> out;
  for (auto const* file : files)
    for (auto const& setting : file->settings)
      if (setting.section == name) out.push_back(&setting);
  return out;
}

/// systemd-escape's way back: "-" is "/", "\x2d" is "-".
std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == 'x') {
      ++i;
      out += escaped(text, i);
    } else {
      out += text[i] == '-' ? '/' : text[i];
    }
  }
  return out;
}

}  // namespace

UnitFile parse_unit(std::string_view text) {
  return UnitReader(text).read();
}

ServiceUnit service_unit(std::span<UnitFile const* const> files) {
  ServiceUnit unit;
  auto const settings = section(files, "Service");
  for (auto const* setting : settings) apply(setting->key, setting->value.reveal(), unit);
  add_commands(settings, unit);
  return unit;
}

std::string timer_target(std::string_view timer, std::span<UnitFile const* const> files) {
  std::string target;
  for (auto const* setting : section(files, "Timer"))
    if (setting->key == "Unit") target = setting->value.reveal();
  if (!target.empty()) return resolve_specifiers(target, timer);
  return std::string(timer.substr(0, timer.rfind('.'))) + ".service";
}

UnitName parse_unit_name(std::string_view name) {
  UnitName out;
  auto const dot = name.rfind('.');
  auto const stem = name.substr(0, dot);
  if (dot != std::string_view::npos) out.type = name.substr(dot + 1);
  auto const at = stem.find('@');
  out.prefix = stem.substr(0, at);
  out.templated = at != std::string_view::npos;
  if (out.templated) out.instance = stem.substr(at + 1);
  return out;
}

std::string resolve_specifiers(std::string_view text, std::string_view unit) {
  auto const name = parse_unit_name(unit);
  auto const last = name.prefix.substr(name.prefix.rfind('-') + 1);
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    switch (text[++i]) {
      case 'i': out += name.instance; break;
      case 'I': out += unescaped(name.instance); break;
      case 'j': out += last; break;
      case 'J': out += unescaped(last); break;
      case 'n': out += unit; break;
      case 'N': out += unit.substr(0, unit.rfind('.')); break;
      case 'p': out += name.prefix; break;
      case 'P': out += unescaped(name.prefix); break;
      case '%': out += '%'; break;
      default: out.append(1, '%').append(1, text[i]);
    }
  }
  return out;
}

}  // namespace reeve::host
