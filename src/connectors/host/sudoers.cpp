// Reads one sudoers file into statements. Two passes, as in sudo's own lexer:
//
//   text ──► logical lines          ──► statements
//            "\" + line end joins       by hand-written descent over one line
//            comments are cut
//
// What the first pass has to get right, since a mistake hides a rule:
//   * a comment ends at its line end, even behind a backslash: "# note \" does not swallow the
//     rule below it;
//   * '#' is no comment in "#1000" and "%#27" where users stand, nor in "#include";
//   * quotes protect '#' and '\'; a line that ends inside quotes is malformed.
//
// In the second: the list of users ends at the first blank that no comma touches; that of hosts at
// '='; a list of commands at an unescaped ':', after which other hosts follow for the same users.
// Run-as, tags and options stay in force for the commands after them in the same list.
//
// Lists are bounded, so that 10 MB of commas are one malformed line.
//
// Source: sudoers(5) and plugins/sudoers/toke.l of sudo 1.9.13 (grammar; no text of it is here).

#include "connectors/host/sudoers.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace reeve::host {
namespace {

constexpr std::size_t statement_bytes_max = 256 * 1024;
constexpr std::size_t list_max = 4096;
constexpr std::size_t host_lists_max = 64;  ///< Of one rule, which repeats its users for each.
constexpr std::size_t option_bytes_max = 256;

struct Logical {
  int line = 0;
  std::string text;
  bool open_quote = false, too_long = false;
};

/// Pass one.
class Joiner {
 public:
  explicit Joiner(std::string_view text) : rest_(text) {}

  /// False: no more text. A line may be empty.
  bool next(Logical& out) {
    if (rest_.empty()) return false;
    out = {.line = line_};
    quoted_ = equals_ = ids_behind_equals_ = false;
    parentheses_ = 0;
    while (!rest_.empty() && rest_[0] != '\n') step(out);
    out.open_quote = quoted_;
    if (!rest_.empty()) newline();
    return true;
  }

 private:
  void newline() {
    rest_.remove_prefix(1);
    ++line_;
  }

  void step(Logical& out) {
    char const c = rest_[0];
    if (c == '\\') return escape(out);
    if (c == '#' && !quoted_ && comment(out.text)) {
      rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
      return;
    }
    if (c == '"') quoted_ = !quoted_;
    if (!quoted_ && c == '(') ++parentheses_;
    if (!quoted_ && c == ')') --parentheses_;
    if (!quoted_ && c == '=' && !equals_) {
      equals_ = true;
      auto const head = trim(out.text);
      ids_behind_equals_ = head.starts_with("User_Alias") || head.starts_with("Runas_Alias");
    }
    take(out, 1);
  }

  void escape(Logical& out) {
    auto const end = rest_.find_first_not_of(" \t\r", 1);
    if (end != std::string_view::npos && rest_[end] == '\n') {
      rest_.remove_prefix(end);
      newline();
      if (out.text.size() < statement_bytes_max) out.text += ' ';
    } else {
      take(out, rest_.size() > 1 ? 2 : 1);
    }
  }

  void take(Logical& out, std::size_t size) {
    out.too_long = out.too_long || out.text.size() + size > statement_bytes_max;
    if (!out.too_long) out.text.append(rest_.substr(0, size));
    rest_.remove_prefix(size);
  }

  /// Whether the '#' that comes next begins a comment.
  bool comment(std::string_view before) const {
    if (before.ends_with('%') || before.ends_with("%:")) return false;
    auto after = rest_.substr(1);
    if (trim(before).empty() &&
        (after.starts_with("include ") || after.starts_with("include\t") ||
         after.starts_with("includedir ") || after.starts_with("includedir\t")))
      return false;
    if (after.starts_with('-')) after.remove_prefix(1);
    bool const id = !after.empty() && after[0] >= '0' && after[0] <= '9';
    bool const ids_here = !equals_ || parentheses_ > 0 || ids_behind_equals_;
    return !(id && ids_here);
  }

  std::string_view rest_;
  int line_ = 1;
  bool quoted_ = false, equals_ = false, ids_behind_equals_ = false;
  int parentheses_ = 0;
};

using Why = std::string_view;  ///< A sentence; empty: all went well.

/// Pass two: over one logical line.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) { blanks(); }

  bool at_end() const { return rest_.empty(); }
  char peek() const { return rest_.empty() ? '\0' : rest_[0]; }
  std::string_view rest() const { return rest_; }

  bool take(char c) {
    if (peek() != c || at_end()) return false;
    rest_.remove_prefix(1);
    blanks();
    return true;
  }
  void skip(std::size_t size) {
    rest_.remove_prefix(std::min(size, rest_.size()));
    blanks();
  }
  /// Any number of '!': an even one is none.
  bool negation() {
    bool negated = false;
    while (take('!')) negated = !negated;
    return negated;
  }
  /// Up to one of `stops` outside quotes and escapes; quotes and the escapes of separators go.
  std::string text(std::string_view stops) {
    std::string out;
    bool quoted = false;
    std::size_t i = 0;
    for (; i < rest_.size(); ++i) {
      char const c = rest_[i];
      if (c == '\\' && i + 1 < rest_.size()) {
        if (!std::string_view(",:=#!()\" \t").contains(rest_[i + 1])) out += c;
        out += rest_[++i];
      } else if (c == '"') {
        quoted = !quoted;
      } else if (!quoted && stops.contains(c)) {
        break;
      } else {
        out += c;
      }
    }
    skip(i);
    return out;
  }

 private:
  void blanks() {
    auto const from = rest_.find_first_not_of(" \t\r");
    rest_.remove_prefix(std::min(from, rest_.size()));
  }
  std::string_view rest_;
};

Why member(Cursor& at, std::string_view stops, std::vector<SudoMember>& out) {
  if (out.size() == list_max) return "a list of more than 4096 members";
  SudoMember member{.negated = at.negation()};
  if (at.rest().starts_with("%:")) {
    at.skip(2);
    member.text = "%:";
  }
  member.text += at.text(stops);
  if (member.text.empty()) return "a list with an empty member";
  out.push_back(std::move(member));
  return "";
}

/// `a, !b, c`, up to what is neither.
Why members(Cursor& at, std::string_view stops, std::vector<SudoMember>& out) {
  do {
    if (auto const why = member(at, stops, out); !why.empty()) return why;
  } while (at.take(','));
  return "";
}

constexpr std::string_view user_stops = ", \t\r=:()!";
/// An address of IPv6 holds colons, hence none here: hosts end at '='.
constexpr std::string_view host_stops = ", \t\r=()!";

/// `(users : groups)`, behind its '('.
Why run_as(Cursor& at, SudoRunAs& out) {
  if (at.peek() != ':' && at.peek() != ')')
    if (auto const why = members(at, user_stops, out.users); !why.empty()) return why;
  if (at.take(':') && at.peek() != ')')
    if (auto const why = members(at, user_stops, out.groups); !why.empty()) return why;
  return at.take(')') ? "" : "a run-as list that is not closed";
}

std::string_view upper_word(std::string_view text) {
  auto const end = std::ranges::find_if_not(
      text, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; });
  return text.substr(0, std::size_t(end - text.begin()));
}

/// The pair a tag belongs to: PASSWD of NOPASSWD. Empty: not a tag.
std::string_view tag_pair(std::string_view word) {
  constexpr std::string_view pairs[] = {"EXEC",       "FOLLOW", "INTERCEPT", "LOG_INPUT",
                                        "LOG_OUTPUT", "MAIL",   "PASSWD",    "SETENV"};
  for (auto const pair : pairs)
    if (word == pair || (word.starts_with("NO") && word.substr(2) == pair)) return pair;
  return "";
}

/// TAG: before a command. False: none is here.
bool tag(Cursor& at, std::vector<std::string>& tags) {
  auto const word = upper_word(at.rest());
  auto const pair = tag_pair(word);
  if (pair.empty()) return false;
  auto ahead = at;
  ahead.skip(word.size());
  if (!ahead.take(':')) return false;
  std::erase_if(tags, [&](std::string const& tag) { return tag_pair(tag) == pair; });
  tags.emplace_back(word);
  at = ahead;
  return true;
}

/// NAME=value before a command. False: none is here.
bool option(Cursor& at, std::vector<std::string>& options) {
  constexpr std::string_view names[] = {"APPARMOR_PROFILE", "CHROOT",    "CWD",   "LIMITPRIVS",
                                        "NOTAFTER",         "NOTBEFORE", "PRIVS", "ROLE",
                                        "TIMEOUT",          "TYPE"};
  auto const word = upper_word(at.rest());
  if (std::ranges::find(names, word) == std::end(names)) return false;
  auto ahead = at;
  ahead.skip(word.size());
  if (!ahead.take('=')) return false;
  std::erase_if(options, [&](std::string const& o) {
    return o.starts_with(word) && o.substr(word.size()).starts_with('=');
  });
  options.push_back(std::string(word) + "=" + shortened(ahead.text(" \t\r,:"), option_bytes_max));
  at = ahead;
  return true;
}

/// `sha256:…`, several with commas between, before a path.
bool digests(Cursor& at) {
  bool any = false;
  for (;;) {
    auto const word = at.rest().substr(0, at.rest().find(':'));
    if (word != "sha224" && word != "sha256" && word != "sha384" && word != "sha512") return any;
    any = true;
    at.skip(word.size() + 1);
    auto const value = at.rest().substr(0, at.rest().find_first_of(", \t"));
    at.skip(value.size());
    at.take(',');
  }
}

/// A pattern `^…$` ends at a '$' before a separator; what is inside separates nothing.
std::size_t pattern_size(std::string_view text) {
  if (!text.starts_with('^')) return 0;
  for (std::size_t i = 1; i < text.size(); ++i) {
    auto const after = text.substr(i + 1);
    if (text[i] == '$' && (after.empty() || std::string_view(", \t:").contains(after[0])))
      return i + 1;
  }
  return 0;
}

std::string command_part(Cursor& at, std::string_view stops) {
  auto const size = pattern_size(at.rest());
  if (size == 0) return at.text(stops);
  std::string out(at.rest().substr(0, size));
  at.skip(size);
  return out;
}

/// Path and arguments, up to ',' or ':'.
Why path_and_arguments(Cursor& at, SudoCommand& command) {
  command.negated = at.negation();
  command.digest = digests(at);
  if (at.negation()) command.negated = !command.negated;
  command.path = command_part(at, " \t\r,:");
  if (command.path.empty()) return "an empty command";
  command.arguments.clear();
  bool const none = at.rest().starts_with("\"\"");
  if (!at.at_end() && at.peek() != ',' && at.peek() != ':')
    command.arguments = std::string(trim(command_part(at, ",:")));
  if (none) command.arguments = "\"\"";
  return "";
}

/// In an alias there is no run-as (null).
Why commands(Cursor& at, std::vector<SudoCommand>& out, std::vector<SudoRunAs>* targets) {
  SudoCommand command;
  do {
    if (out.size() == list_max) return "a list of more than 4096 commands";
    for (bool more = true; more;) {
      more = option(at, command.options) || tag(at, command.tags);
      if (!more && targets && at.take('(')) {
        command.run_as = int(targets->size());
        if (auto const why = run_as(at, targets->emplace_back()); !why.empty()) return why;
        more = true;
      }
    }
    if (auto const why = path_and_arguments(at, command); !why.empty()) return why;
    out.push_back(command);
  } while (at.take(','));
  return "";
}

/// `users hosts = commands : hosts = commands`: one rule for each list of hosts.
Why rules(int line, Cursor& at, std::vector<SudoStatement>& out) {
  SudoRule rule{.line = line};
  std::size_t lists = 0;
  if (auto const why = members(at, user_stops, rule.users); !why.empty()) return why;
  do {
    rule.hosts.clear();
    rule.commands.clear();
    rule.run_as.clear();
    if (++lists > host_lists_max) return "more than 64 lists of hosts";
    if (auto const why = members(at, host_stops, rule.hosts); !why.empty()) return why;
    if (!at.take('=')) return "no '=' behind the hosts";
    if (auto const why = commands(at, rule.commands, &rule.run_as); !why.empty()) return why;
    out.emplace_back(rule);
  } while (at.take(':'));
  return at.at_end() ? "" : "something behind the commands";
}

/// `NAME = list : NAME = list`.
Why aliases(int line, SudoAlias::Kind kind, Cursor& at, std::vector<SudoStatement>& out) {
  bool const of_commands = kind == SudoAlias::Kind::command;
  do {
    SudoAlias alias{.line = line, .kind = kind, .name = std::string(upper_word(at.rest()))};
    at.skip(alias.name.size());
    if (alias.name.empty() || !at.take('=')) return "an alias is NAME = list";
    auto const stops = kind == SudoAlias::Kind::host ? host_stops : user_stops;
    auto const why =
        of_commands ? commands(at, alias.commands, nullptr) : members(at, stops, alias.members);
    if (!why.empty()) return why;
    out.emplace_back(std::move(alias));
  } while (at.take(':'));
  return at.at_end() ? "" : "something behind the alias";
}

/// `Defaults[scope list] parameter, parameter`, behind the word. A scope touches the word:
/// "Defaults!C" is about the command C, "Defaults !x" turns x off.
Why defaults(int line, bool scoped, Cursor& at, std::vector<SudoStatement>& out) {
  SudoDefaults found{.line = line};
  if (scoped) {
    found.scope = at.peek();
    at.skip(1);
    auto const stops = found.scope == '@' ? host_stops : user_stops;
    if (auto const why = members(at, stops, found.members); !why.empty()) return why;
  }
  do {
    if (found.parameters.size() == list_max) return "more than 4096 parameters";
    auto const parameter = at.text(",");
    found.parameters.emplace_back(trim(parameter));
  } while (at.take(','));
  out.emplace_back(std::move(found));
  return "";
}

Why include(int line, bool directory, Cursor& at, std::vector<SudoStatement>& out) {
  SudoInclude found{.line = line, .directory = directory, .path = at.text("")};
  found.path = trim(found.path);
  if (found.path.empty()) return "an include without a path";
  out.emplace_back(std::move(found));
  return "";
}

struct AliasWord {
  std::string_view word;
  SudoAlias::Kind kind;
};
constexpr AliasWord alias_words[] = {{"User_Alias", SudoAlias::Kind::user},
                                     {"Runas_Alias", SudoAlias::Kind::run_as},
                                     {"Host_Alias", SudoAlias::Kind::host},
                                     {"Cmnd_Alias", SudoAlias::Kind::command},
                                     {"Cmd_Alias", SudoAlias::Kind::command}};

Why statement(Logical const& logical, std::vector<SudoStatement>& out) {
  if (logical.too_long) return "a statement of more than 256 KiB";
  if (logical.open_quote) return "a quote that is not closed";
  auto rest = trim(logical.text);
  auto const line = std::string_view(rest);
  auto const word = next_word(rest);
  Cursor at(rest);
  if (word == "@include" || word == "#include") return include(logical.line, false, at, out);
  if (word == "@includedir" || word == "#includedir") return include(logical.line, true, at, out);
  for (auto const& alias : alias_words)
    if (word == alias.word) return aliases(logical.line, alias.kind, at, out);
  constexpr std::string_view defaults_word = "Defaults";
  auto const scope = word.starts_with(defaults_word) ? word.substr(defaults_word.size()) : "-";
  if (scope.empty() || std::string_view(":@>!").contains(scope[0])) {
    Cursor behind(line.substr(defaults_word.size()));
    return defaults(logical.line, !scope.empty(), behind, out);
  }
  Cursor all(line);
  return rules(logical.line, all, out);
}

std::size_t members_of(SudoStatement const& statement) {
  if (auto const* alias = std::get_if<SudoAlias>(&statement))
    return alias->members.size() + alias->commands.size();
  if (auto const* found = std::get_if<SudoDefaults>(&statement))
    return found->members.size() + found->parameters.size();
  auto const* rule = std::get_if<SudoRule>(&statement);
  if (!rule) return 1;
  auto sum = rule->users.size() + rule->hosts.size() + rule->commands.size();
  for (auto const& target : rule->run_as) sum += target.users.size() + target.groups.size();
  return sum;
}

}  // namespace

Sudoers parse_sudoers(std::string_view text) {
  Sudoers out;
  Logical logical;
  std::size_t members_seen = 0;
  for (Joiner joiner(text); joiner.next(logical);) {
    if (trim(logical.text).empty() && !logical.too_long) continue;
    if (out.statements.size() + out.malformed.size() >= sudo_statements_max) {
      out.malformed.push_back({logical.line, "more than " + std::to_string(sudo_statements_max) +
                                                 " statements; the rest is not read"});
      break;
    }
    auto const size = out.statements.size();
    if (auto const why = statement(logical, out.statements); !why.empty()) {
      out.statements.resize(size);  // half a statement is none, as sudo has it
      out.malformed.push_back({logical.line, std::string(why)});
    }
    for (auto at = size; at < out.statements.size(); ++at)
      members_seen += members_of(out.statements[at]);
    if (members_seen > sudo_members_max) {
      out.malformed.push_back({logical.line, "lists of more than " +
                                                 std::to_string(sudo_members_max) +
                                                 " members in all; the rest is not read"});
      break;
    }
  }
  return out;
}

bool sudo_include_name(std::string_view name) {
  return !name.empty() && !name.contains('.') && !name.ends_with('~');
}

}  // namespace reeve::host
