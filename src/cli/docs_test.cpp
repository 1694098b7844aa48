#include <doctest/doctest.h>

#include "cli/docs.hpp"
#include "cli/docs_parts.hpp"
#include "cli/docs_text.hpp"
#include "server/openapi.hpp"

namespace reeve::cli {
namespace {

TEST_CASE("docs: text in a table stays in its cell") {
  struct Case {
    std::string name, input, want;
  };
  Case const cases[] = {
      {"plain", "who may read", "who may read"},
      {"a pipe", "a|b", "a\\|b"},
      {"lines", "a\nb\n", "a b"},
      {"a tag", "<b>", "\\<b\\>"},
      {"code stays", "`reeve up`", "`reeve up`"},
  };
  for (auto const& c : cases) {
    CAPTURE(c.name);
    CHECK(markdown(c.input) == c.want);
  }
  CHECK(code("a|b") == "`a\\|b`");
  CHECK(code("a`b") == "`` a`b ``");
  CHECK(code("") == "");
  CHECK(grid({"a"}, {}).empty());
}

TEST_CASE("docs: a connector's page has its options, rights and lines to paste; secrets by name") {
  constexpr connect::Permission permissions[] = {{ObjectClass::identity, connect::Purpose::discover,
                                                  "SELECT ON t", "GRANT SELECT ON t TO {account}"}};
  constexpr connect::Option options[] = {{.name = "url", .secret = true, .help = "Where."}};
  connect::Info const info{.kind = "fake",
                           .title = "Fake",
                           .permissions = permissions,
                           .help = "Finds accounts.",
                           .options = options};
  auto const page = connector_page(info);
  for (auto const* part : {"`url_env` or `url_file`", "GRANT SELECT ON t TO {account}",
                           "| grant | unsupported", "| identity | complete"})
    CHECK_MESSAGE(page.contains(part), part);
  CHECK_FALSE(page.contains("What it can change"));
}

TEST_CASE("docs: the page of the API has every operation") {
  auto const all = server::openapi();
  auto const page = api_page(all);
  for (auto const& path : *all.find("paths")->object())
    CHECK_MESSAGE(page.contains(" " + markdown(path.key) + "\n"), path.key);
}

TEST_CASE("docs: a page that is not there is answered with those that are") {
  std::vector<DocPage> const pages{{"cli.md", "text"}};
  CHECK(*one_doc(pages, "cli") == "text");
  auto const missing = one_doc(pages, "clu");
  REQUIRE(!missing.has_value());
  CHECK(missing.error().message().contains("api, cli"));
}

}  // namespace
}  // namespace reeve::cli
