#include "connectors/host/sudoers.hpp"

#include <doctest/doctest.h>

namespace reeve::host {
namespace {

std::string show(std::vector<SudoMember> const& members) {
  std::string out;
  for (auto const& m : members)
    out += (out.empty() ? "" : ",") + std::string(m.negated ? "!" : "") + m.text;
  return out;
}

std::string show(SudoCommand const& c, std::vector<SudoRunAs> const& run_as) {
  std::string out;
  if (c.run_as >= 0) {
    auto const& target = run_as.at(std::size_t(c.run_as));
    out += "(" + show(target.users) + ":" + show(target.groups) + ")";
  }
  for (auto const& option : c.options) out += option + " ";
  for (auto const& tag : c.tags) out += tag + ":";
  out += (c.digest ? "digest " : "") + std::string(c.negated ? "!" : "") + c.path;
  return out + (c.arguments.empty() ? "" : " [" + c.arguments + "]");
}

std::string show(SudoStatement const& statement) {
  std::string out;
  if (auto const* rule = std::get_if<SudoRule>(&statement)) {
    out = show(rule->users) + " " + show(rule->hosts) + " =";
    for (auto const& command : rule->commands) out += " " + show(command, rule->run_as);
  } else if (auto const* alias = std::get_if<SudoAlias>(&statement)) {
    out = "alias " + std::to_string(int(alias->kind)) + " " + alias->name + " = " +
          show(alias->members);
    for (auto const& command : alias->commands) out += " " + show(command, {});
  } else if (auto const* defaults = std::get_if<SudoDefaults>(&statement)) {
    out = "defaults " + (defaults->scope ? std::string(1, defaults->scope) : "") +
          show(defaults->members);
    for (auto const& parameter : defaults->parameters) out += " [" + parameter + "]";
  } else {
    auto const& include = std::get<SudoInclude>(statement);
    out = (include.directory ? "dir " : "file ") + include.path;
  }
  return out;
}

std::string shown(std::string_view text) {
  auto const got = parse_sudoers(text);
  std::string out;
  for (auto const& statement : got.statements) out += (out.empty() ? "" : "; ") + show(statement);
  for (auto const& bad : got.malformed) out += "<" + std::to_string(bad.line) + " " + bad.why + ">";
  return out;
}

TEST_CASE("host sudoers: statements") {
  struct Case {
    char const* name;
    char const* text;
    char const* want;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"the shipped line", "%sudo\tALL=(ALL:ALL) ALL", "%sudo ALL = (ALL:ALL)ALL"},
           {"no run-as", "bob ALL = /bin/ls", "bob ALL = /bin/ls"},
           {"run-as and tag stay in force",
            "bob ALL=(root) NOPASSWD: /bin/a, PASSWD: /bin/b, (x) /bin/c",
            "bob ALL = (root:)NOPASSWD:/bin/a (root:)PASSWD:/bin/b (x:)PASSWD:/bin/c"},
           {"arguments, and none allowed", "bob ALL= /bin/a -l *, /bin/b \"\"",
            "bob ALL = /bin/a [-l *] /bin/b [\"\"]"},
           {"escapes", R"(bob ALL=/bin/a x\,y\:z\=1)", "bob ALL = /bin/a [x,y:z=1]"},
           {"negation, twice is none", "!bob, ! !alice ALL = ALL, !/bin/su, !!/bin/x",
            "!bob,alice ALL = ALL !/bin/su /bin/x"},
           {"several lists of hosts", "bob web = /bin/a : db1,db2 = (pg) /bin/b",
            "bob web = /bin/a; bob db1,db2 = (pg:)/bin/b"},
           {"ids and groups", "#1000, %#27, %wheel, %:unix, +net ALL=(#0) ALL",
            "#1000,%#27,%wheel,%:unix,+net ALL = (#0:)ALL"},
           {"quoted names", "\"bob smith\", %\"domain users\" ALL=ALL",
            "bob smith,%domain users ALL = ALL"},
           {"an escaped blank", R"(bob\ smith ALL=ALL)", "bob smith ALL = ALL"},
           {"groups alone", "bob ALL=(:adm) /bin/a", "bob ALL = (:adm)/bin/a"},
           {"oneself", "bob ALL=() /bin/a", "bob ALL = (:)/bin/a"},
           {"options", "bob ALL=(ALL) NOTAFTER=20270101 CWD=/srv SETENV: NOEXEC: /bin/a",
            "bob ALL = (ALL:)NOTAFTER=20270101 CWD=/srv SETENV:NOEXEC:/bin/a"},
           {"a digest", "bob ALL=sha256:ab/c+d=, sha512:x== /bin/a, /bin/b",
            "bob ALL = digest /bin/a /bin/b"},
           {"a pattern", "bob ALL=^/usr/bin/(a|b:c,d)$ ^[a-z,]+$, /bin/b",
            "bob ALL = ^/usr/bin/(a|b:c,d)$ [^[a-z,]+$] /bin/b"},
           {"IPv6", "bob fe80::1,2001:db8::/32 = ALL", "bob fe80::1,2001:db8::/32 = ALL"},
           {"aliases",
            "User_Alias A = bob, #1000 : B = %x\nCmnd_Alias C = /bin/a -x, !/bin/b\n"
            "Host_Alias H=10.0.0.0/8\nRunas_Alias R=#0,pg",
            "alias 0 A = bob,#1000; alias 0 B = %x; alias 3 C =  /bin/a [-x] !/bin/b; "
            "alias 2 H = 10.0.0.0/8; alias 1 R = #0,pg"},
           {"defaults",
            "Defaults !authenticate, env_reset\nDefaults:bob,alice !authenticate\n"
            "Defaults@web secure_path=\"/bin,/x\"\nDefaults!/bin/a noexec\nDefaults>root x",
            "defaults  [!authenticate] [env_reset]; defaults :bob,alice [!authenticate]; "
            "defaults @web [secure_path=/bin,/x]; defaults !/bin/a [noexec]; defaults >root [x]"},
           {"includes",
            "@include /etc/a\n#include b\n@includedir /etc/sudoers.d\n#includedir \"/x y\"",
            "file /etc/a; file b; dir /etc/sudoers.d; dir /x y"},
           {"sudoedit and list", "bob ALL=sudoedit /etc/a, list",
            "bob ALL = sudoedit [/etc/a] list"},
       }) {
    CAPTURE(c.name);
    CHECK(shown(c.text) == c.want);
  }
}

TEST_CASE("host sudoers: comments and continued lines hide nothing") {
  struct Case {
    char const* name;
    char const* text;
    char const* want;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"a line goes on", "bob ALL = /bin/a, \\\n  /bin/b", "bob ALL = /bin/a /bin/b"},
           {"blanks behind the backslash", "bob ALL = \\ \t\n ALL", "bob ALL = ALL"},
           {"Windows line ends", "bob ALL = \\\r\n ALL\r\n", "bob ALL = ALL"},
           {"a comment does not go on", "# note \\\nbob ALL=ALL", "bob ALL = ALL"},
           {"behind a rule", "bob ALL=ALL # why \\\nx ALL=ALL", "bob ALL = ALL; x ALL = ALL"},
           {"a number behind the commands", "bob ALL=ALL #1 admin", "bob ALL = ALL"},
           {"a comment that looks like an id", "#1000 ALL=ALL", "#1000 ALL = ALL"},
           {"# in a name", "bob#x ALL=ALL\nbob ALL=ALL",
            "bob ALL = ALL<1 a list with an empty member>"},
           {"an escaped #", R"(bob ALL=/bin/a \#1)", "bob ALL = /bin/a [#1]"},
           {"includes need a blank", "#included\nbob ALL=ALL", "bob ALL = ALL"},
           {"no line end", "bob ALL=ALL\\", "bob ALL = ALL\\"},
       }) {
    CAPTURE(c.name);
    CHECK(shown(c.text) == c.want);
  }
}

TEST_CASE("host sudoers: a broken statement costs itself alone") {
  CHECK(shown("bob ALL\n"
              "alice ALL=(root ALL\n"
              "User_Alias = x\n"
              "bob ALL=ALL \"x\n"
              "@include\n"
              "a,,b ALL=ALL\n"
              "bob ALL=\n"
              "bob ALL=/a) b (c=ALL : = x\n"
              "ok ALL=ALL") ==
        "ok ALL = ALL"
        "<1 no '=' behind the hosts>"
        "<2 a run-as list that is not closed>"
        "<3 an alias is NAME = list>"
        "<4 a quote that is not closed>"
        "<5 an include without a path>"
        "<6 a list with an empty member>"
        "<7 an empty command>"
        "<8 a list with an empty member>");
}

TEST_CASE("host sudoers: ten megabytes are bounded") {
  constexpr std::size_t size = 10'000'000;
  struct Case {
    char const* name;
    std::string text;
    std::size_t statements_max;
  };
  std::string rules, commas = "bob ALL=", joined;
  while (rules.size() < size) rules += "bob ALL=(ALL) ALL\n";
  while (commas.size() < size) commas += "/a,";
  while (joined.size() < size) joined += "\\\n";
  std::string users = "u", many;
  for (int i = 0; i < 4000; ++i) users += ",u";
  for (int i = 0; i < 63; ++i)
    many += (i == 0 ? users + " H=" : ":H=") + std::string("(") + users + ") ALL";
  for (auto const& c : {
           Case{"many rules", rules, sudo_statements_max},
           Case{"one long rule", commas + "\nbob ALL=ALL", 1},
           Case{"line ends", joined, 0},
           Case{"zeros", std::string(size, '\0'), 0},
           Case{"parentheses", "bob ALL=" + std::string(size, '('), 0},
           Case{"quotes", std::string(size, '"'), 0},
           Case{"lists that multiply", many, 64},
           Case{"bangs", std::string(200'000, '!'), 0},
       }) {
    CAPTURE(c.name);
    auto const got = parse_sudoers(c.text);
    CHECK(got.statements.size() <= c.statements_max);
    CHECK(got.malformed.size() <= 1);
  }
}

TEST_CASE("host sudoers: which files of a folder count") {
  CHECK(sudo_include_name("10-svc"));
  CHECK(!sudo_include_name("10.conf"));
  CHECK(!sudo_include_name("svc~"));
}

}  // namespace
}  // namespace reeve::host
