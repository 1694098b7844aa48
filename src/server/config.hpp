// What an operator sets for good: one YAML file, each key of which the environment can override.
//
// One table says what keys there are; reading, help, `reeve config explain` and docs/config.md all
// come from it. A key that is not in it is an error that names the line and the key that was
// probably meant: a setting that is silently ignored is worse than a program that does not start.
// Secrets are never values here: they are files or names of environment variables.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "connect/settings.hpp"
#include "inventory/decisions.hpp"
#include "pdp/domains.hpp"

namespace reeve::server {

struct ConfigKey {
  std::string_view name;         ///< "tls.certificate".
  std::string_view environment;  ///< "REEVE_TLS_CERTIFICATE"; empty: only in the file.
  std::string_view fallback;     ///< What holds when nothing is set; empty: nothing.
  std::string_view help;         ///< One sentence or two.
  std::string_view example;
};

inline constexpr ConfigKey config_keys[] = {
    {"store", "REEVE_STORE", "",
     "Where everything is kept: sqlite:///FILE.db or postgres://…. Not set: a file in the XDG "
     "state folder.",
     "sqlite:///var/lib/reeve/reeve.db"},
    {"rules", "REEVE_RULES", "",
     "Folder with rules of your own; one replaces a built-in of its id.", "/etc/reeve/rules"},
    {"policies", "REEVE_POLICIES", "",
     "Folder with Cedar policies of your own (*.cedar); one replaces a built-in of its name, an "
     "empty one takes it away. Read again when it changes.",
     "/etc/reeve/policies"},
    {"time_zone", "REEVE_TIME_ZONE", "UTC",
     "Zone of context.time.tod and context.time.dow in policies.", "Europe/Berlin"},
    {"trusted_proxies", "REEVE_TRUSTED_PROXIES", "",
     "Networks, comma between two, whose X-Forwarded-For is believed. Not set: nobody's.",
     "10.0.0.0/24"},
    {"geo", "REEVE_GEO", "",
     "MaxMind files, comma between two, for context.source.country, asn and anonymous. Read again "
     "when they change; a missing or broken one is a fact that is not known.",
     "/var/lib/GeoIP/GeoLite2-Country.mmdb"},
    {"decision_sample", "REEVE_DECISION_SAMPLE", "10",
     "Of the decisions that permit, one in so many goes to the decision log; 0: none. Denials "
     "always do.",
     "100"},
    {"listen", "REEVE_LISTEN", "127.0.0.1:0",
     "ADDRESS:PORT of the API; port 0 is any free one. Beyond loopback set tls.", "127.0.0.1:8443"},
    {"public_url", "REEVE_PUBLIC_URL", "",
     "https://HOST[:PORT] where others reach the API, as AuthZEN metadata name it. Not set: what "
     "the caller says in Host.",
     "https://pdp.example.com"},
    {"tls.certificate", "REEVE_TLS_CERTIFICATE", "",
     "PEM file: the server's certificate, then its chain. With tls.key the API is https.",
     "/etc/reeve/tls.pem"},
    {"tls.key", "REEVE_TLS_KEY", "", "PEM file with its private key.", "/etc/reeve/tls.key"},
    {"tls.client_ca", "REEVE_TLS_CLIENT_CA", "",
     "PEM file: only clients with a certificate of this authority get in, and need a token still.",
     "/etc/reeve/clients.pem"},
    {"policy_domains", "", "",
     "Decision points for applications and gateways, asked by AuthZEN at "
     "/domains/NAME/access/v1/…, "
     "the one named default at /access/v1/…. Each has a name and an engine: cedar with policies "
     "(a folder), entities and schema (files); opa-rest with url (…/v1/data/PATH); authzen with "
     "url. "
     "Those two take token_env or token_file, ca, certificate with key, and timeout (usual: 2s). "
     "combine (deny-overrides, shadow) joins a second engine, under with.",
     "[{name: shop, policies: /etc/reeve/shop, combine: shadow, with: {engine: opa-rest, url: "
     "'https://opa.internal:8181/v1/data/shop/allow', token_file: /etc/reeve/opa.token}}]"},
    {"sources", "", "",
     "Sources to look at, each with name, kind and options, beside those of `reeve source add`. "
     "Options of a kind: `reeve source kinds KIND`.",
     "[{name: prod-pg, kind: postgres, options: {url_env: PGURL}}]"},
};

class Config {
 public:
  enum class Origin : std::uint8_t { unset, fallback, file, environment };
  struct Value {
    std::string text;
    Origin origin = Origin::unset;
  };

  /// `text` is a file's content. Errors: invalid, with the line.
  static Result<Config> parse(std::string_view text, connect::Environment const& environment);
  /// `path` empty: $XDG_CONFIG_HOME/reeve/reeve.yaml, else ~/.config/reeve/reeve.yaml, when it is
  /// there. Errors: those of parse and read_file; not_found only for a path that was given.
  static Result<Config> load(std::string const& path, connect::Environment const& environment);

  /// Empty: not set. `key` is one of config_keys.
  std::string const& text(std::string_view key) const { return value(key).text; }
  Value const& value(std::string_view key) const;
  std::vector<inventory::SourceConfig> sources;
  std::vector<pdp::DomainSettings> domains;
  std::string path;  ///< Of the file that was read; empty: none.

 private:
  std::map<std::string, Value, std::less<>> values_;
};

}  // namespace reeve::server
