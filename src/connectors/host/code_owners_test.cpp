#include "connectors/host/code_owners.hpp"

#include <doctest/doctest.h>

#include <initializer_list>

#include "connectors/host/client_fake.hpp"

namespace reeve::host {
namespace {

TEST_CASE("host CODEOWNERS: the last line that matches, by the patterns of gitignore") {
  constexpr char text[] =
      "# who answers\n"
      "*            @ada\n"
      "*.sh         bob@example.com @ops/team # scripts\n"
      "/jobs/       @carl\n"
      "docs/*.md    @dora\n"
      "/deep/**/run @eve\n"
      "/nobody\n"
      "[Section] @fay\n"
      "/part/\n";
  struct Case {
    char const *path, *owners;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"main", "ada"},
           {"bin/run.sh", "bob@example.com ops/team"},
           {"jobs/run.sh", "carl"},
           {"old/jobs/x", "ada"},
           {"docs/a.md", "dora"},
           {"docs/b/a.md", "ada"},
           {"deep/a/b/run", "eve"},
           {"deep/run", "eve"},
           {"nobody", ""},
           {"part/x", "fay"},
       }) {
    CAPTURE(c.path);
    CHECK(code_owners_of(text, c.path) == c.owners);
  }
  CHECK(code_owners_of("", "x").empty());
  CHECK(code_owners_of(std::string(5000, '*') + " @x", std::string(5000, 'a')) == "x");
}

TEST_CASE("host CODEOWNERS: the nearest one above a program") {
  FakeFiles files;
  files.file("/srv/app/.github/CODEOWNERS", "bin/ @ada\n").file("/srv/CODEOWNERS", "* @bo\n");
  FakeTree tree(files);
  CHECK(code_owners_near(tree, "/srv/app/bin/run") == "ada by /srv/app/.github/CODEOWNERS");
  CHECK(code_owners_near(tree, "/srv/app/run").empty());
  CHECK(code_owners_near(tree, "/srv/other/run") == "bo by /srv/CODEOWNERS");
  CHECK(code_owners_near(tree, "/opt/run").empty());
  CHECK(code_owners_near(tree, "run").empty());
}

}  // namespace
}  // namespace reeve::host
