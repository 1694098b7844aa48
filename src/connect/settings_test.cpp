#include "connect/settings.hpp"

#include <doctest/doctest.h>

namespace reeve::connect {
namespace {

using enum Option::Type;
constexpr Option options[] = {
    {.name = "url", .type = url, .required = true, .secret = true, .help = "Where it is."},
    {.name = "page_size", .type = number, .fallback = "50", .help = "Objects a page."},
    {.name = "databases", .type = list, .help = "Which."},
    {.name = "timeout", .type = duration, .fallback = "30s", .help = "Of a call."},
    {.name = "tls", .type = boolean, .fallback = "true", .help = "Whether."}};
constexpr Info info{.kind = "thing", .title = "Thing", .options = options};

Result<Settings> resolve(std::vector<std::pair<std::string, std::string>> const& given) {
  return Settings::resolve(info, given, [](std::string const& name) {
    return name == "URL" ? std::optional<std::string>("db://u:hunter2@h") : std::nullopt;
  });
}

TEST_CASE("settings: what is set, what falls back, and where a secret comes from") {
  auto const settings = resolve({{"url_env", "URL"}, {"databases", "a, b,,c "}, {"tls", "false"}});
  REQUIRE_MESSAGE(settings, (settings ? "" : settings.error().to_string()));
  CHECK(settings->secret("url").reveal() == "db://u:hunter2@h");
  CHECK(settings->text("url").empty());
  CHECK(settings->number("page_size") == 50);
  CHECK(settings->duration("timeout") == std::chrono::seconds(30));
  CHECK(settings->list("databases") == std::vector<std::string>{"a", "b", "c"});
  CHECK(!settings->yes("tls"));
  CHECK(settings->secret("databases").empty());
}

TEST_CASE("settings: each mistake is told with what to do, and without the secret") {
  struct Case {
    char const* name;
    std::vector<std::pair<std::string, std::string>> given;
    char const* says;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"missing", {}, "needs url_env or url_file: Where it is."},
           {"a typo", {{"url_evn", "URL"}}, "did you mean url_env?"},
           {"nothing like it", {{"zzzzzzzzzz", "1"}}, "it has: url_env, url_file, page_size"},
           {"no such variable", {{"url_env", "NOPE"}}, "no variable NOPE"},
           {"no such file", {{"url_file", "/nonexistent/url"}}, "/nonexistent/url"},
           {"a secret as a value", {{"url", "db://u:hunter2@h"}}, "url_file to where it lies"},
           {"no number", {{"page_size", "-1"}}, "page_size: not a number"},
           {"no time", {{"timeout", "30"}}, "not a time like 30s"},
           {"a time beyond all", {{"timeout", "999999999999d"}}, "not a time"},
           {"no truth", {{"tls", "maybe"}}, "neither true nor false"}}) {
    CAPTURE(c.name);
    auto const settings = resolve(c.given);
    REQUIRE(!settings);
    CAPTURE(settings.error().to_string());
    CHECK(settings.error().to_string().contains(c.says));
    CHECK(!settings.error().to_string().contains("hunter2"));
  }
}

}  // namespace
}  // namespace reeve::connect
