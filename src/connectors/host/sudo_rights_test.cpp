#include "connectors/host/sudo_rights.hpp"

#include <doctest/doctest.h>

#include "base/text.hpp"

namespace reeve::host {
namespace {

SudoPolicy policy(std::string_view text) {
  auto parsed = parse_sudoers(text);
  CHECK(parsed.malformed.empty());
  SudoPolicy out{.files = {"/etc/sudoers"}};
  for (auto& statement : parsed.statements) out.statements.push_back({std::move(statement), 0});
  return out;
}

std::string show(SudoRight const& right) {
  std::string out = right.command + (right.arguments.empty() ? "" : " …");
  out += " as " + join(right.run_as, ",");
  if (!right.run_as_groups.empty()) out += ":" + join(right.run_as_groups, ",");
  if (right.no_password) out += " NOPASSWD";
  for (auto const* list : {&right.tags, &right.options})
    for (auto const& item : *list) out += " " + item;
  if (!right.except.empty()) out += " except " + join(right.except, ",");
  if (!right.hosts.empty()) out += " on " + join(right.hosts, ",");
  return out + (right.via.empty() ? "" : " via " + right.via);
}

/// What bob, uid 1001, of the groups bob and sudo (27), may do on web.example.
std::string bobs(std::string_view text) {
  SudoBudget budget;
  SudoUser const bob{"bob", 1001, {{"bob", 1001}, {"sudo", 27}}};
  auto const found = sudo_rights(policy(text), bob, "web.example", budget);
  CHECK(!found.given_up);
  std::vector<std::string> all;
  for (auto const& right : found.rights) all.push_back(show(right));
  return join(all, "; ");
}

TEST_CASE("host sudo rights: who is meant") {
  struct Case {
    char const* name;
    char const* text;
    char const* want;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"by name", "bob ALL=ALL", "ALL as root"},
           {"by uid", "#1001 ALL=ALL", "ALL as root"},
           {"by group", "%sudo ALL=(ALL:ALL) ALL", "ALL as ALL:ALL via group:sudo"},
           {"by gid", "%#27 ALL=ALL", "ALL as root via group:sudo"},
           {"everybody", "ALL ALL=/bin/a", "/bin/a as root via ALL"},
           {"somebody else", "alice ALL=ALL", ""},
           {"all but him", "ALL, !bob ALL=ALL", ""},
           {"the last member decides", "!bob, ALL ALL=ALL", "ALL as root via ALL"},
           {"by alias", "User_Alias A = alice, %sudo\nA ALL=ALL", "ALL as root via group:sudo"},
           {"an alias denied", "User_Alias A = bob\nALL, !A ALL=ALL", ""},
           {"an alias that excludes him, denied, includes him",
            "User_Alias A = !bob\nalice, !A ALL=ALL", "ALL as root"},
           {"an alias of itself", "User_Alias A = B\nUser_Alias B = A, bob\nA ALL=ALL",
            "ALL as root"},
           {"a name that is no alias", "ADMINS ALL=ALL", ""},
           {"a netgroup is not guessed", "+ops ALL=ALL", ""},
       }) {
    CAPTURE(c.name);
    CHECK(bobs(c.text) == c.want);
  }
}

TEST_CASE("host sudo rights: where") {
  struct Case {
    char const* text;
    char const* want;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"bob web=ALL", "ALL as root"},
           {"bob WEB.example=ALL", "ALL as root"},
           {"bob web*=ALL", "ALL as root"},
           {"bob db=ALL", ""},
           {"bob ALL,!web=ALL", ""},
           {"Host_Alias H = db, web\nbob H=ALL", "ALL as root"},
           {"bob 10.0.0.0/8=ALL", "ALL as root on 10.0.0.0/8"},
           {"bob fe80::1=ALL", "ALL as root on fe80::1"},
           {"bob +servers=ALL", "ALL as root on +servers"},
           {"bob db=ALL : web=/bin/a", "/bin/a as root"},
       }) {
    CAPTURE(c.text);
    CHECK(bobs(c.text) == c.want);
  }
}

TEST_CASE("host sudo rights: the last match wins") {
  struct Case {
    char const* name;
    char const* text;
    char const* want;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"a later rule brings the password back",
            "bob ALL=(ALL:ALL) NOPASSWD: ALL\n%sudo ALL=(ALL:ALL) ALL",
            "ALL as ALL:ALL via group:sudo"},
           {"the other order does not", "%sudo ALL=(ALL:ALL) ALL\nbob ALL=(ALL:ALL) NOPASSWD: ALL",
            "ALL as ALL:ALL NOPASSWD"},
           {"another target is another right", "bob ALL=(pg) NOPASSWD: ALL\nbob ALL=(root) ALL",
            "ALL as pg NOPASSWD; ALL as root"},
           {"taken back", "bob ALL=ALL\nbob ALL=!ALL", ""},
           {"given again", "bob ALL=!ALL\nbob ALL=ALL", "ALL as root"},
           {"an exception", "bob ALL=ALL, !/bin/su, !/bin/sh -c",
            "ALL as root except /bin/su,/bin/sh …"},
           {"an exception that comes first is none", "bob ALL=!/bin/su, ALL", "ALL as root"},
           {"the same path", "bob ALL=NOPASSWD: /bin/a\nbob ALL=/bin/a", "/bin/a as root"},
           {"any arguments cover some", "bob ALL=NOPASSWD: /bin/a -x\nbob ALL=!/bin/a", ""},
           {"some arguments do not cover any", "bob ALL=/bin/a\nbob ALL=!/bin/a -x",
            "/bin/a as root except /bin/a …"},
           {"a folder covers its files", "bob ALL=/bin/a, /bin/x/y\nbob ALL=!/bin/",
            "/bin/x/y as root"},
           {"a pattern takes nothing back", "bob ALL=/bin/a\nbob ALL=!/bin/*", "/bin/a as root"},
           {"a rule for a time takes nothing back",
            "bob ALL=NOPASSWD: ALL\nbob ALL=NOTAFTER=20270101Z ALL",
            "ALL as root NOPASSWD; ALL as root NOTAFTER=20270101Z"},
           {"command aliases", "Cmnd_Alias C = /bin/a, !/bin/b\nbob ALL=ALL, C",
            "ALL as root except /bin/b; /bin/a as root"},
           {"a denied alias turns its denials round", "Cmnd_Alias C = /bin/a, !/bin/b\nbob ALL=!C",
            "/bin/b as root"},
           {"run-as aliases", "Runas_Alias R = pg, !root\nbob ALL=(R) /bin/a",
            "/bin/a as pg,!root"},
           {"oneself", "bob ALL=(:adm) /bin/a", "/bin/a as :adm"},
           {"authenticate off", "Defaults !authenticate\nbob ALL=ALL", "ALL as root NOPASSWD"},
           {"off for him", "Defaults:bob !authenticate\nbob ALL=ALL, PASSWD: /bin/a",
            "ALL as root NOPASSWD; /bin/a as root"},
           {"off for another", "Defaults:alice !authenticate\nbob ALL=ALL", "ALL as root"},
       }) {
    CAPTURE(c.name);
    CHECK(bobs(c.text) == c.want);
  }
}

TEST_CASE("host sudo rights: as root is root or anybody") {
  CHECK(SudoRight{.run_as = {"root"}}.as_root());
  CHECK(SudoRight{.run_as = {"ALL"}}.as_root());
  CHECK(!SudoRight{.run_as = {"ALL", "!root"}}.as_root());
  CHECK(!SudoRight{.run_as = {"pg"}}.as_root());
}

TEST_CASE("host sudo rights: who cannot be decided from files") {
  auto const got = undecided_holders(
      policy("User_Alias A = +ops, bob\nA, %sudo, eve, !mallory, #7, ALL, %:domain ALL=ALL"),
      {"bob"});
  CHECK(got == std::vector<std::string>{"%:domain", "+ops", "eve"});
}

TEST_CASE("host sudo rights: a policy made to explode is given up and says so") {
  std::string powers = "Cmnd_Alias C0 = /bin/a\n";
  for (int i = 1; i < 15; ++i) {
    auto const inner = "C" + std::to_string(i - 1);
    powers +=
        "Cmnd_Alias C" + std::to_string(i) + " = " + inner + ", " + inner + ", " + inner + "\n";
  }
  std::string many;
  for (int i = 0; i < 15'000; ++i) many += "bob ALL=/bin/" + std::to_string(i) + "\n";
  SudoUser const bob{"bob", 1001, {}};
  for (auto const& text : {powers + "bob ALL=C14\n", many}) {
    SudoBudget budget;
    CHECK(sudo_rights(policy(text), bob, "", budget).given_up);
  }
  SudoBudget none{0};
  CHECK(sudo_rights(policy("bob ALL=ALL"), bob, "", none).given_up);
}

}  // namespace
}  // namespace reeve::host
