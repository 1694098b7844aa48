#include "cedar/lint.hpp"

#include <doctest/doctest.h>

#include "cedar/parser.hpp"

namespace reeve::cedar {
namespace {

std::string codes(std::string const& text) {
  std::string out;
  for (auto const& each : lint(parse_policies(text).value())) out += each.code + " ";
  return out;
}

std::string id_codes(std::string const& id) {
  return codes("permit(principal == U::\"" + id + "\", action, resource);");
}

TEST_CASE("lint: text that is not what it looks like") {
  std::pair<std::string, std::string_view> const cases[] = {
      {"admin", ""},
      {"", ""},
      {"an admin, 42 times_over", ""},
      {"größe", ""},
      {"админ", ""},
      {"\\u{430}dmin", "mixed_script "},                    // a Cyrillic a
      {"admin \\u{430}\\u{434}\\u{43c}", ""},               // a Latin word and a Cyrillic one
      {"\\u{441}\\u{43e}\\u{440}\\u{435}", "confusable "},  // reads "cope"
      {"\\u{3bf}ops", "mixed_script "},                     // a Greek omicron
      {"日本語カナ", ""},
      {"日本語 API", ""},
      {"한국 漢字", ""},
      {"a\\u{202e}b", "bidi "},
      {"a\\u{2066}b", "bidi "},
      {"a\\u{200b}b", "invisible "},
      {"a\\u{0}b", "invisible "},
      {"a\\u{e0041}", "invisible "},
      {"\\u{430}\\u{202e}dmin\\u{200b}", "bidi invisible mixed_script "},
  };
  for (auto const& [id, want] : cases) {
    CAPTURE(id);
    CHECK(id_codes(id) == want);
  }
}

TEST_CASE("lint: wherever text stands in a policy") {
  std::string const bad = "\"\\u{430}dmin\"";
  for (auto const& text : {
           "@note(" + bad + ") permit(principal, action, resource);",
           "permit(principal, action == Action::" + bad + ", resource);",
           "permit(principal, action, resource in U::" + bad + ");",
           "permit(principal, action, resource) when { context[" + bad + "] };",
           "permit(principal, action, resource) when { context has " + bad + " };",
           "permit(principal, action, resource) when { context.a like " + bad + " };",
           "permit(principal, action, resource) when { [1, {a: U::" + bad + "}] == 1 };",
           "permit(principal, action, resource) when { {" + bad + ": 1} == 1 };",
       }) {
    CAPTURE(text);
    CHECK(codes(text) == "mixed_script ");
  }
}

TEST_CASE("lint: one warning of a kind a policy, and links are looked at") {
  auto set = parse_policies(
                 "permit(principal == ?principal, action, resource == U::\"a\\u{202e}\") "
                 "when { context.a == \"\\u{202e}\" };")
                 .value();
  REQUIRE(set.link({"l", "policy0", EntityUid{"U", "\xE2\x80\xAE"}, {}}).has_value());
  auto const found = lint(set);
  REQUIRE(found.size() == 2);
  CHECK(found[0].policy == "policy0");
  CHECK(found[0].message == "\"a\\u{202e}\" holds U+202E, which changes the order of text");
  CHECK(found[1].policy == "l");
}

TEST_CASE("lint: the source has its comments looked at") {
  std::string const text =
      "// a\xE2\x80\xAE"
      "b\npermit(principal, action, resource);";
  auto const found = lint_source(text);
  REQUIRE(found.size() == 1);
  CHECK(found[0].code == "bidi");
  CHECK(found[0].span.begin == 4);
  CHECK(lint_source("// größe").empty());
}

}  // namespace
}  // namespace reeve::cedar
