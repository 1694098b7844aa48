#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "connectors/host/lines.hpp"

namespace reeve::host {

inline constexpr std::size_t sudo_statements_max = 20'000;  ///< Taken from one file.
inline constexpr std::size_t sudo_members_max = 200'000;    ///< Of all lists of one file.

/// A member of a list of users, hosts or run-as targets, as written: "bob", "#1000", "%wheel",
/// "%#27", "%:unix", "+netgroup", "10.0.0.0/8", "ALL", or the name of an alias.
struct SudoMember {
  std::string text;
  bool negated = false;

  bool operator==(SudoMember const&) const = default;
};

/// Whom a command may be run as.
struct SudoRunAs {
  std::vector<SudoMember> users;   ///< Empty: as the one who calls.
  std::vector<SudoMember> groups;  ///< Empty: the target's own.
};

/// One command of a rule with everything that holds for it, what earlier commands of the same
/// list left in force included.
struct SudoCommand {
  std::string path;       ///< "/usr/bin/pg_dump", "/usr/bin/", "ALL", "sudoedit", "list", an alias.
  std::string arguments;  ///< Empty: any are allowed; `""`: none may be given.
  bool negated = false;
  int run_as = -1;                   ///< Into SudoRule::run_as; -1: as root (runas_default).
  std::vector<std::string> tags;     ///< "NOPASSWD", "SETENV", …: the last said of each pair.
  std::vector<std::string> options;  ///< "NOTAFTER=20270101", "CWD=/srv", ….
  bool digest = false;               ///< Only a file with a given checksum.
};

/// Who may run what on some hosts.
struct SudoRule {
  int line = 0;
  std::vector<SudoMember> users, hosts;
  std::vector<SudoRunAs> run_as;      ///< One for each that was written.
  std::vector<SudoCommand> commands;  ///< In order: the last that matches decides.
};

struct SudoAlias {
  enum class Kind : std::uint8_t { user, run_as, host, command };
  int line = 0;
  Kind kind = Kind::user;
  std::string name;
  std::vector<SudoMember> members;    ///< Not of commands.
  std::vector<SudoCommand> commands;  ///< Of commands: path, arguments, negated, digest alone.
};

/// `Defaults`, of which we need to know when it does away with the password.
struct SudoDefaults {
  int line = 0;
  char scope = 0;  ///< 0: everybody; ':' users, '@' hosts, '>' run-as, '!' commands.
  std::vector<SudoMember> members;      ///< Of the scope.
  std::vector<std::string> parameters;  ///< "!authenticate", "env_reset", "timestamp_timeout=5".
};

/// To be followed at this place of the order.
struct SudoInclude {
  int line = 0;
  bool directory = false;
  std::string path;  ///< Relative ones start at the folder of the file; %h is the host's name.
};

using SudoStatement = std::variant<SudoRule, SudoAlias, SudoDefaults, SudoInclude>;

struct Sudoers {
  std::vector<SudoStatement> statements;  ///< In order.
  std::vector<Malformed> malformed;
};

/// sudoers(5) of sudo 1.9.13. Time and memory are linear in the text.
Sudoers parse_sudoers(std::string_view text);

/// Whether @includedir takes a file of that name: no '.' in it, no '~' at its end.
bool sudo_include_name(std::string_view name);

}  // namespace reeve::host
