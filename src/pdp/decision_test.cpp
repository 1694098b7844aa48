#include "pdp/decision.hpp"

#include <doctest/doctest.h>

#include "pdp/actions.hpp"

namespace reeve::pdp {
namespace {

Request ask(std::string_view role, std::string_view action) {
  Request out{.subject = {"user", "ada"}, .action = std::string(action)};
  out.subject.properties.add("role", role);
  return out;
}

TEST_CASE("pdp: a reader reads, an operator acts, everybody else is denied") {
  auto const point = make_role_table();
  for (auto const& action : actions) {
    CAPTURE(action.name);
    CHECK(point->decide(ask("operator", action.name)).permit);
    CHECK(point->decide(ask("reader", action.name)).permit == (action.least == Role::reader));
    CHECK_FALSE(point->decide(ask("", action.name)).permit);
    CHECK_FALSE(point->decide(ask("root", action.name)).permit);
  }
}

TEST_CASE("pdp: what cannot be decided is denied, with a reason") {
  auto const point = make_role_table();
  CHECK(point->decide(ask("operator", "universe.delete")).reason ==
        "there is no action \"universe.delete\"");
  auto nobody = ask("operator", "finding.read");
  nobody.subject.id = "";
  CHECK_FALSE(point->decide(nobody).permit);
  auto number = ask("operator", "finding.read");
  number.subject.properties = Json();
  number.subject.properties.add("role", 7);
  CHECK_FALSE(point->decide(number).permit);
}

TEST_CASE("pdp: each action can be taken away alone, and the denial names it") {
  for (auto const& action : actions) {
    auto const point = make_role_table({std::string(action.name)});
    for (auto const& other : actions) {
      auto const allowed = require(*point, ask("operator", other.name));
      CHECK(allowed.has_value() == (&other != &action));
      if (!allowed) {
        CHECK(allowed.error().code() == Errc::denied);
        CHECK(allowed.error().message().starts_with(action.name));
      }
    }
  }
}

}  // namespace
}  // namespace reeve::pdp
