#include "cedar/format.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

namespace reeve::cedar {
namespace {

TEST_CASE("format: one layout, comments kept, twice is once") {
  struct Case {
    std::string_view text, want;
  };
  Case const cases[] = {
      {"permit(principal,action,resource,);", "permit (principal, action, resource);\n"},
      {"@a@b(\"x\") forbid(principal==U::\"a\",action "
       "in[Action::\"x\",],resource)when{1==1&&principal.a>-5}unless{[].isEmpty()};",
       "@a\n@b(\"x\")\nforbid (\n  principal == U::\"a\",\n  action in [Action::\"x\"],\n  "
       "resource\n)\n"
       "when { 1 == 1 && principal.a > -5 }\nunless { [].isEmpty() };\n"},
      {"// head\npermit(principal, action, resource) // tail\nwhen { true // why\n};\n\n\n// end",
       "// head\npermit (principal, action, resource) // tail\nwhen\n{\n  true // why\n};\n// "
       "end\n"},
      {"permit(principal, action, resource) when { principal.aaaaaaaaaaaaaaaaaaaaaaaaaaa == 1 && "
       "principal.bbbbbbbbbbbbbbbbbbbb == 2 };",
       "permit (principal, action, resource)\nwhen\n{\n  principal.aaaaaaaaaaaaaaaaaaaaaaaaaaa == "
       "1 &&\n"
       "  principal.bbbbbbbbbbbbbbbbbbbb == 2\n};\n"},
      {"permit(principal, action, resource) when { \"a\n\n\nb\" == {a: 1, \"b c\": if true then 1 "
       "else 2,}.a };",
       "permit (principal, action, resource)\nwhen { \"a\n\n\nb\" == { a: 1, \"b c\": if true then "
       "1 else 2 }.a };\n"},
      {"permit(principal, action in [Action::\"x\", // keep me\n], resource);",
       "permit (\n  principal,\n  action in\n    [Action::\"x\"\n    // keep me\n    ],\n  "
       "resource\n);\n"},
      {"", "\n"},
  };
  for (auto const& c : cases) {
    CAPTURE(c.text);
    auto const once = format_policies(c.text);
    REQUIRE(once.has_value());
    CHECK(*once == c.want);
    CHECK(format_policies(*once).value() == *once);
  }
}

TEST_CASE("format: what does not parse is left alone") {
  CHECK(format_policies("permit(principal").error().code() == Errc::invalid);
}

}  // namespace
}  // namespace reeve::cedar
