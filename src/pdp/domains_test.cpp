#include "pdp/domains.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "net/http.hpp"
#include "pdp/domain_fake.hpp"

namespace reeve::pdp {
namespace {

struct Folder {
  std::string path = (std::filesystem::temp_directory_path() / "reeve-domains-XXXXXX").string();

  Folder() { REQUIRE(::mkdtemp(path.data())); }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  Folder(Folder const&) = delete;
  Folder& operator=(Folder const&) = delete;
  std::string put(std::string const& name, std::string const& text) const {
    std::ofstream(path + "/" + name) << text;
    return path + "/" + name;
  }
};

std::optional<std::string> nothing(std::string const&) {
  return std::nullopt;
}

TEST_CASE("domains: what cannot be an engine is refused, with the domain and the reason") {
  Folder const folder;
  folder.put("good.cedar", "permit (principal, action, resource);");
  Folder const bad;
  bad.put("bad.cedar", "permit (principal, action;");
  auto const broken = folder.put("broken.json", "{");
  auto const blank = folder.put("blank.token", "\n");
  struct Case {
    std::string name;
    EngineSettings engine;
    std::string says;
  };
  auto const& good = folder.path;
  Case const cases[] = {
      {"of an unknown kind", {.kind = "rego"}, "one of: cedar, opa-rest, authzen"},
      {"without policies", {}, "needs policies"},
      {"with broken policies", {.policies = bad.path}, "bad.cedar:1:"},
      {"with no folder", {.policies = bad.path + "/none"}, "not_found"},
      {"with broken entities", {.policies = good, .entities = broken}, "broken.json"},
      {"with a broken schema", {.policies = good, .schema = broken}, "broken.json"},
      {"cedar with a url", {.policies = good, .url = "https://a.test"}, "cedar takes no url"},
      {"opa with policies",
       {.kind = "opa-rest", .policies = good, .url = "https://a.test"},
       "opa-rest takes no policies"},
      {"opa without url", {.kind = "opa-rest"}, "needs url"},
      {"a url that is none", {.kind = "authzen", .url = "opa"}, "read url"},
      {"plain http elsewhere", {.kind = "authzen", .url = "http://pdp.test"}, "https"},
      {"a certificate without key",
       {.kind = "authzen", .url = "https://pdp.test", .certificate = broken},
       "go together"},
      {"two tokens",
       {.kind = "authzen", .url = "https://pdp.test", .token_env = "A", .token_file = "b"},
       "one thing"},
      {"a token that is not set",
       {.kind = "authzen", .url = "https://pdp.test", .token_env = "ABSENT"},
       "ABSENT is not set"},
      {"an empty token",
       {.kind = "authzen", .url = "https://pdp.test", .token_file = blank},
       "the token is empty"},
  };
  for (auto const& [name, engine, says] : cases) {
    CAPTURE(name);
    auto const opened = Domains::open({{.name = "shop", .engine = engine}}, nothing);
    REQUIRE_FALSE(opened.has_value());
    CAPTURE(opened.error().to_string());
    CHECK(opened.error().to_string().contains("policy domain shop"));
    CHECK(opened.error().to_string().contains(says));
  }
}

TEST_CASE("domains: names are plain, and each is there once") {
  Folder const folder;
  EngineSettings const engine{.policies = folder.path};
  for (auto const* name : {"", "a b", "a/b", "ä", "a.b"})
    CHECK_FALSE(Domains::open({{.name = name, .engine = engine}}, nothing).has_value());
  DomainSettings const one{.name = "a", .engine = engine};
  CHECK_FALSE(Domains::open({one, one}, nothing).has_value());
  auto const opened = Domains::open({one}, nothing);
  REQUIRE(opened.has_value());
  CHECK(opened->find("a"));
  CHECK_FALSE(opened->find("b"));
}

/// Permits or not, with one obligation.
class Fixed final : public Engine {
 public:
  Fixed(bool permit, std::string name) : permit_(permit), name_(std::move(name)) {}
  std::string_view kind() const override { return "fixed"; }

 private:
  Decision do_decide(Request const&) const override {
    Decision out{.permit = permit_, .cause = permit_ ? Cause::permitted : Cause::forbidden};
    out.reasons = {name_};
    out.obligations.push_back({name_, "step-up"});
    return out;
  }

  bool permit_;
  std::string name_;
};

TEST_CASE("domains: deny-overrides permits what both permit, with the obligations of both") {
  Request const request{.subject = {"user", "ann"}, .action = "view", .resource = {"record", "1"}};
  for (bool const first : {false, true})
    for (bool const second : {false, true}) {
      DenyOverrides const engine(std::make_shared<Fixed>(first, "a"),
                                 std::make_shared<Fixed>(second, "b"));
      auto const decision = engine.decide(request);
      CHECK(decision.permit == (first && second));
      CHECK(decision.obligations.size() == (first && second ? 2 : 1));
      CHECK(decision.reasons.front() == (first && !second ? "b" : "a"));
    }
}

TEST_CASE("domains: a shadow that fails is counted and changes nothing") {
  net::Server* server = nullptr;
  auto started = net::start_server({}, [](net::Call& call) {
    (void)call.body(10'000);
    return net::Response{.status = 500, .body = "{}"};
  });
  REQUIRE(started.has_value());
  server = started->get();
  Folder const folder;
  folder.put("all.cedar", "permit (principal, action, resource);");
  auto const opened = Domains::open(
      {{.name = "tried",
        .engine = {.policies = folder.path},
        .combine = Combine::shadow,
        .with = {.kind = "authzen", .url = "http://127.0.0.1:" + std::to_string(server->port())}}},
      nothing);
  REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().to_string()));
  auto const* domain = opened->find("tried");
  REQUIRE(domain);
  Request const request{.subject = {"user", "ann"}, .action = "view", .resource = {"record", "1"}};
  for (int n = 0; n < 20; ++n) CHECK(domain->engine->decide(request).permit);
  domain->comparison->wait_until_compared();
  auto const tally = domain->comparison->comparison();
  CHECK(tally.agreements == 0);
  CHECK(tally.differences + tally.skipped == 20);
  CHECK(tally.failures == tally.differences);
  CHECK(tally.first.size() == 10);
  CHECK(tally.first[0].candidate.text.contains("nobody could be asked"));
}

}  // namespace
}  // namespace reeve::pdp
