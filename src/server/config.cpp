#include "server/config.hpp"

#include <algorithm>
#include <chrono>

#include "base/file.hpp"
#include "base/text.hpp"
#include "base/yaml.hpp"

namespace reeve::server {
namespace {

using Names = std::vector<std::string_view>;

std::unexpected<Error> unknown(Yaml const& at, std::string const& what, std::string_view word,
                               Names const& choices) {
  std::string all;
  for (auto const choice : choices) all += (all.empty() ? "" : ", ") + std::string(choice);
  auto const near = closest(word, choices);
  auto const hint = near.empty() ? "one of: " + all : "did you mean " + std::string(near) + "?";
  return at.wrong(what + " \"" + std::string(word) + "\" is unknown; " + hint);
}

/// Names below `prefix` ("tls."), up to the next dot.
Names names_below(std::string_view prefix) {
  Names out;
  for (auto const& key : config_keys) {
    if (!key.name.starts_with(prefix)) continue;
    auto rest = key.name.substr(prefix.size());
    rest = rest.substr(0, rest.find('.'));
    if (std::ranges::find(out, rest) == out.end()) out.push_back(rest);
  }
  return out;
}

bool is_key(std::string_view name) {
  return std::ranges::find(config_keys, name, &ConfigKey::name) != std::end(config_keys);
}

Result<inventory::SourceConfig> source_of(Yaml const& item) {
  if (item.kind != Yaml::Kind::map) return item.wrong("a source has name, kind and options");
  inventory::SourceConfig out;
  for (auto const& [key, node] : item.members) {
    if (key == "options" && node.kind == Yaml::Kind::map) {
      for (auto const& [name, given] : node.members) {
        if (given.kind != Yaml::Kind::scalar) return given.wrong("option " + name + " is no text");
        out.options[name] = given.scalar;
      }
    } else if ((key == "name" || key == "kind") && node.kind == Yaml::Kind::scalar) {
      (key == "name" ? out.name : out.kind) = node.scalar;
    } else if (key == "name" || key == "kind" || key == "options") {
      return node.wrong(key + " has the wrong shape");
    } else {
      return unknown(node, "key", key, {"name", "kind", "options"});
    }
  }
  if (out.name.empty() || out.kind.empty()) return item.wrong("a source needs name and kind");
  return out;
}

Result<std::vector<inventory::SourceConfig>> sources_of(Yaml const& node) {
  std::vector<inventory::SourceConfig> out;
  if (node.kind != Yaml::Kind::sequence) return node.wrong("sources is a list");
  for (auto const& item : node.items) {
    auto source = TRY(source_of(item));
    if (std::ranges::find(out, source.name, &inventory::SourceConfig::name) != out.end())
      return item.wrong("two sources are named " + source.name);
    out.push_back(std::move(source));
  }
  return out;
}

/// Keys of an engine, each with the place of its text.
struct EngineKey {
  std::string_view name;
  std::string pdp::EngineSettings::* place;
};
constexpr EngineKey engine_keys[] = {
    {"engine", &pdp::EngineSettings::kind},
    {"policies", &pdp::EngineSettings::policies},
    {"entities", &pdp::EngineSettings::entities},
    {"schema", &pdp::EngineSettings::schema},
    {"url", &pdp::EngineSettings::url},
    {"token_env", &pdp::EngineSettings::token_env},
    {"token_file", &pdp::EngineSettings::token_file},
    {"ca", &pdp::EngineSettings::ca},
    {"certificate", &pdp::EngineSettings::certificate},
    {"key", &pdp::EngineSettings::key},
};

/// One key of an engine; false: it is none.
Result<bool> take(std::string const& key, Yaml const& node, pdp::EngineSettings& out) {
  constexpr auto timeout_max = std::chrono::seconds(10);
  auto const found = std::ranges::find(engine_keys, key, &EngineKey::name);
  bool const is_timeout = key == "timeout";
  if (found == std::end(engine_keys) && !is_timeout) return false;
  if (node.kind != Yaml::Kind::scalar) return node.wrong(key + " is one value");
  if (!is_timeout) {
    out.*found->place = node.scalar;
    return true;
  }
  auto const time = connect::parse_duration(node.scalar);
  if (!time || *time <= Duration(0) || *time > timeout_max)
    return node.wrong("timeout is a time like 2s, up to 10s");
  out.timeout = std::chrono::duration_cast<std::chrono::milliseconds>(*time);
  return true;
}

/// What `key` was probably meant to be.
std::unexpected<Error> no_such_key(Yaml const& at, std::string const& key, Names known) {
  for (auto const& each : engine_keys) known.push_back(each.name);
  known.push_back("timeout");
  return unknown(at, "key", key, known);
}

Result<pdp::EngineSettings> second_engine(Yaml const& node) {
  if (node.kind != Yaml::Kind::map) return node.wrong("with is an engine with its keys");
  pdp::EngineSettings out;
  for (auto const& [key, value] : node.members) {
    auto const taken = TRY(take(key, value, out));
    if (!taken) return no_such_key(value, key, {});
  }
  return out;
}

Result<pdp::Combine> combine_of(Yaml const& node) {
  auto const found = std::ranges::find(pdp::combine_names, node.scalar);
  if (found == std::end(pdp::combine_names))
    return node.wrong("combine is deny-overrides or shadow, not \"" + node.scalar + "\"");
  return static_cast<pdp::Combine>(found - std::begin(pdp::combine_names));
}

Result<pdp::DomainSettings> domain_of(Yaml const& item) {
  if (item.kind != Yaml::Kind::map) return item.wrong("a policy domain has name and engine");
  pdp::DomainSettings out;
  for (auto const& [key, node] : item.members) {
    if (key == "with") {
      out.with = TRY(second_engine(node));
      continue;
    }
    auto const taken = TRY(take(key, node, out.engine));
    if (taken) continue;
    if (key != "name" && key != "combine")
      return no_such_key(node, key, {"name", "combine", "with"});
    if (node.kind != Yaml::Kind::scalar) return node.wrong(key + " is one value");
    if (key == "name")
      out.name = node.scalar;
    else
      out.combine = TRY(combine_of(node));
  }
  if (out.name.empty()) return item.wrong("a policy domain needs a name");
  bool const two =
      std::ranges::any_of(item.members, [](auto const& m) { return m.first == "with"; });
  if (two != (out.combine != pdp::Combine::alone))
    return item.wrong("combine and with go together");
  return out;
}

Result<std::vector<pdp::DomainSettings>> domains_of(Yaml const& node) {
  std::vector<pdp::DomainSettings> out;
  if (node.kind != Yaml::Kind::sequence) return node.wrong("policy_domains is a list");
  for (auto const& item : node.items) {
    auto domain = TRY(domain_of(item));
    if (std::ranges::find(out, domain.name, &pdp::DomainSettings::name) != out.end())
      return item.wrong("two policy domains are named " + domain.name);
    out.push_back(std::move(domain));
  }
  return out;
}

using Values = std::map<std::string, Config::Value, std::less<>>;

Result<> read_keys(Yaml const& node, std::string const& prefix, Config& config, Values& values) {
  if (node.kind != Yaml::Kind::map) return node.wrong("here stand keys with their values");
  for (auto const& [key, value] : node.members) {
    auto const name = prefix + key;
    auto const below = names_below(prefix);
    if (std::ranges::find(below, key) == below.end()) return unknown(value, "key", key, below);
    if (name == "sources") {
      config.sources = TRY(sources_of(value));
    } else if (name == "policy_domains") {
      config.domains = TRY(domains_of(value));
    } else if (!is_key(name)) {
      TRY(read_keys(value, name + ".", config, values));
    } else if (value.kind != Yaml::Kind::scalar) {
      return value.wrong(name + " is one value");
    } else {
      values[name] = {value.scalar, Config::Origin::file};
    }
  }
  return {};
}

std::string default_path(connect::Environment const& environment) {
  if (auto const xdg = environment("XDG_CONFIG_HOME"); xdg && !xdg->empty())
    return *xdg + "/reeve/reeve.yaml";
  auto const home = environment("HOME");
  return home && !home->empty() ? *home + "/.config/reeve/reeve.yaml" : "";
}

}  // namespace

Config::Value const& Config::value(std::string_view key) const {
  static Value const none;
  auto const found = values_.find(key);
  return found == values_.end() ? none : found->second;
}

Result<Config> Config::parse(std::string_view text, connect::Environment const& environment) {
  Config out;
  auto const yaml = TRY(parse_yaml(text));
  if (yaml) TRY(read_keys(yaml, "", out, out.values_));
  for (auto const& key : config_keys) {
    auto const given =
        key.environment.empty() ? std::nullopt : environment(std::string(key.environment));
    std::string const name(key.name);
    if (given && !given->empty())
      out.values_[name] = {*given, Origin::environment};
    else if (!key.fallback.empty() && !out.values_.contains(name))
      out.values_[name] = {std::string(key.fallback), Origin::fallback};
  }
  if (out.text("tls.certificate").empty() != out.text("tls.key").empty())
    return fail(Errc::invalid, "tls.certificate and tls.key go together");
  if (!out.text("tls.client_ca").empty() && out.text("tls.key").empty())
    return fail(Errc::invalid, "tls.client_ca needs tls.certificate and tls.key");
  return out;
}

Result<Config> Config::load(std::string const& path, connect::Environment const& environment) {
  constexpr std::size_t bytes_max = 1 << 20;
  auto const place = path.empty() ? default_path(environment) : path;
  if (place.empty()) return parse("", environment);
  auto const text = read_file(place, bytes_max);
  if (!text && path.empty() && text.error().code() == Errc::not_found)
    return parse("", environment);
  if (!text) return std::unexpected(text.error());
  auto out = TRY_DURING(parse(*text, environment), "read " + place);
  out.path = place;
  return out;
}

}  // namespace reeve::server
