#include "posture/naming.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>

namespace reeve::posture {
namespace {

TEST_CASE("naming: whole words of names and comments, and no parts of words") {
  struct Case {
    char const *name, *comment, *said;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"svc-billing", "", "task"},
           {"SVC_Billing2", "", "task"},
           {"ci", "", "task"},
           {"ciara", "", ""},
           {"abbott", "", ""},
           {"alice", "Alice Adams,,,", ""},
           {"root", "root", "shared"},
           {"rooted", "", ""},
           {"dba_shared", "", "shared"},
           {"oncall2", "", "shared"},
           {"x", "Break Glass, see the safe", "shared"},
           {"x", "glass break", ""},
           {"x", "owner=ada@example.com app=billing", "application owner"},
           {"x", "Owner: Ada Adams", "owner"},
           {"x", "nightly load", "work"},
           {"x", "downer=ada", ""},
           {"x", "the owner of this", ""},
           {"x", "owner=", ""},
           {"", "", ""},
       }) {
    CAPTURE(c.name);
    CAPTURE(c.comment);
    auto const said = said_by(c.name, c.comment);
    std::string text;
    if (said.shared) text += " shared";
    if (said.task) text += " task";
    if (said.application) text += " application";
    if (said.work) text += " work";
    if (said.owner) text += " owner";
    CHECK(text == (*c.said ? " " + std::string(c.said) : ""));
  }
}

TEST_CASE("naming: the owner a comment declares ends with its field") {
  CHECK(declared_owner("owner=ada; app=x") == "ada");
  CHECK(declared_owner("Owner: Ada Adams, of old") == "Ada Adams");
  CHECK(declared_owner("maintainer = bo") == "bo");
  CHECK(declared_owner("the owner left\nresponsible: cy") == "cy");
  CHECK(declared_owner("owner").empty());
}

}  // namespace
}  // namespace reeve::posture
