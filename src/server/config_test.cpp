#include "server/config.hpp"

#include <doctest/doctest.h>

namespace reeve::server {
namespace {

connect::Environment const nothing = [](std::string const&) { return std::nullopt; };

TEST_CASE("config: an unknown key is an error with its line and what was probably meant") {
  struct Case {
    std::string name, text, says;
  };
  Case const cases[] = {
      {"a typing error", "rules: a\nstroe: b\n",
       "line 2: key \"stroe\" is unknown; did you mean store?"},
      {"deeper", "tls:\n  kay: b\n", "line 2: key \"kay\" is unknown; did you mean key?"},
      {"far from all", "wibble_wobble: 1\n", "one of: store, rules, "},
      {"a list for a value", "store: [a]\n", "store is one value"},
      {"a value for a group", "tls: yes\n", "here stand keys"},
      {"no map at all", "- a\n", "here stand keys"},
      {"a key twice", "store: a\nstore: b\n", "store"},
      {"sources no list", "sources: a\n", "sources is a list"},
      {"a source without kind", "sources: [{name: a}]\n", "needs name and kind"},
      {"a source's key", "sources: [{name: a, knid: b}]\n", "did you mean kind?"},
      {"two of a name", "sources: [{name: a, kind: b}, {name: a, kind: c}]\n", "two sources"},
      {"an option that is a list", "sources: [{name: a, kind: b, options: {c: [d]}}]\n", "no text"},
      {"domains no list", "policy_domains: {a: b}\n", "policy_domains is a list"},
      {"a domain that is text", "policy_domains: [a]\n", "has name and engine"},
      {"a domain without name", "policy_domains: [{policies: a}]\n", "needs a name"},
      {"a domain's key", "policy_domains: [{name: a, polices: b}]\n", "did you mean policies?"},
      {"a domain's list", "policy_domains: [{name: a, policies: [b]}]\n", "policies is one value"},
      {"two domains of a name", "policy_domains: [{name: a}, {name: a}]\n", "two policy domains"},
      {"an engine's time", "policy_domains: [{name: a, timeout: 2h}]\n", "up to 10s"},
      {"an engine's time of text", "policy_domains: [{name: a, timeout: soon}]\n", "like 2s"},
      {"with alone", "policy_domains: [{name: a, with: {engine: cedar}}]\n", "go together"},
      {"combine alone", "policy_domains: [{name: a, combine: shadow}]\n", "go together"},
      {"combine what", "policy_domains: [{name: a, combine: vote}]\n", "deny-overrides or shadow"},
      {"with text", "policy_domains: [{name: a, combine: shadow, with: b}]\n", "with is an engine"},
      {"with what", "policy_domains: [{name: a, combine: shadow, with: {ulr: b}}]\n", "mean url?"},
      {"half of tls", "tls: {key: a}\n", "go together"},
      {"a client authority alone", "tls: {client_ca: a}\n", "needs tls.certificate"},
      {"no YAML", "store: [\n", ""},
  };
  for (auto const& c : cases) {
    CAPTURE(c.name);
    auto const config = Config::parse(c.text, nothing);
    REQUIRE(!config.has_value());
    CAPTURE(config.error().to_string());
    CHECK(config.error().code() == Errc::invalid);
    CHECK(config.error().to_string().contains(c.says));
  }
}

TEST_CASE("config: the environment goes before the file, the file before what is usual") {
  auto const environment = [](std::string const& name) -> std::optional<std::string> {
    if (name == "REEVE_STORE") return "sqlite:///b.db";
    if (name == "REEVE_RULES") return "";
    return std::nullopt;
  };
  auto const config = Config::parse("store: sqlite:///a.db\nrules: /r\n", environment);
  REQUIRE(config.has_value());
  CHECK(config->text("store") == "sqlite:///b.db");
  CHECK(config->value("store").origin == Config::Origin::environment);
  CHECK(config->text("rules") == "/r");
  CHECK(config->value("rules").origin == Config::Origin::file);
  CHECK(config->value("listen").origin == Config::Origin::fallback);
  CHECK(config->text("tls.key").empty());
}

TEST_CASE("config: every key can be set, by its file or its variable") {
  for (auto const& key : config_keys) {
    CAPTURE(key.name);
    CHECK(!key.help.empty());
    CHECK(!key.example.empty());
    if (key.name.starts_with("tls.") || key.name == "sources" || key.name == "policy_domains")
      continue;
    auto const text = std::string(key.name) + ": " + std::string(key.example) + "\n";
    auto const config = Config::parse(text, nothing);
    REQUIRE(config.has_value());
    CHECK(config->text(key.name) == key.example);
  }
  auto const all = Config::parse(
      "tls: {certificate: c, key: k, client_ca: a}\n"
      "sources: [{name: prod-pg, kind: postgres, options: {url_env: PGURL}}]\n"
      "policy_domains: [{name: shop, policies: p, entities: e, schema: s, combine: shadow, with: "
      "{engine: opa-rest, url: u, token_env: t, ca: c, timeout: 3s}}]\n",
      nothing);
  REQUIRE(all.has_value());
  CHECK(all->text("tls.client_ca") == "a");
  REQUIRE(all->sources.size() == 1);
  CHECK(all->sources[0].options.at("url_env") == "PGURL");
  REQUIRE(all->domains.size() == 1);
  CHECK(all->domains[0] ==
        pdp::DomainSettings{.name = "shop",
                            .engine = {.policies = "p", .entities = "e", .schema = "s"},
                            .combine = pdp::Combine::shadow,
                            .with = {.kind = "opa-rest",
                                     .url = "u",
                                     .token_env = "t",
                                     .ca = "c",
                                     .timeout = std::chrono::seconds(3)}});
}

TEST_CASE("config: a file that was named must be there, the usual one need not") {
  CHECK(Config::load("", nothing).has_value());
  auto const missing = Config::load("/nonexistent/reeve.yaml", nothing);
  REQUIRE(!missing.has_value());
  CHECK(missing.error().code() == Errc::not_found);
  auto const home = [](std::string const& name) -> std::optional<std::string> {
    return name == "HOME" ? std::optional<std::string>("/nonexistent") : std::nullopt;
  };
  CHECK(Config::load("", home).has_value());
}

}  // namespace
}  // namespace reeve::server
