#include "pdp/domains.hpp"

#include <algorithm>

#include "base/file.hpp"
#include "base/text.hpp"
#include "cedar/conformance.hpp"
#include "cedar/entity_json.hpp"
#include "net/client.hpp"
#include "net/ip.hpp"
#include "net/url.hpp"
#include "pdp/remote_engine.hpp"

namespace reeve::pdp {
namespace {

constexpr std::size_t entities_bytes_max = 64u << 20, schema_bytes_max = 4u << 20;

bool is_domain_name(std::string_view name) {
  constexpr std::size_t longest = 64;
  return !name.empty() && name.size() <= longest && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

Result<cedar::Entities> entities_of(std::string_view text, PolicySchema const* schema) {
  auto const json = TRY(parse_json(text, cedar::entity_json_limits));
  return schema ? cedar::entities_from_json(json, schema->schema) : cedar::entities_from_json(json);
}

/// A member of EngineSettings and who takes it.
struct Taken {
  std::string_view name;
  std::string EngineSettings::* place;
  bool by_cedar;
};
constexpr Taken taken[] = {
    {"policies", &EngineSettings::policies, true},
    {"entities", &EngineSettings::entities, true},
    {"schema", &EngineSettings::schema, true},
    {"url", &EngineSettings::url, false},
    {"token_env", &EngineSettings::token_env, false},
    {"token_file", &EngineSettings::token_file, false},
    {"ca", &EngineSettings::ca, false},
    {"certificate", &EngineSettings::certificate, false},
    {"key", &EngineSettings::key, false},
};

Result<> fits(EngineSettings const& settings) {
  constexpr std::string_view kinds[] = {"cedar", "opa-rest", "authzen"};
  if (std::ranges::find(kinds, settings.kind) == std::end(kinds))
    return fail(Errc::invalid,
                "engine \"" + settings.kind + "\" is unknown; one of: cedar, opa-rest, authzen");
  for (auto const& [name, place, by_cedar] : taken)
    if (!(settings.*place).empty() && by_cedar != (settings.kind == "cedar"))
      return fail(Errc::invalid, "the engine " + settings.kind + " takes no " + std::string(name));
  return {};
}

/// What stands in a file, or empty when none is named.
Result<std::string> file_text(std::string const& path) {
  constexpr std::size_t bytes_max = 1u << 20;
  return path.empty() ? Result<std::string>("") : read_file(path, bytes_max);
}

Result<Secret> token_of(EngineSettings const& settings, Environment const& environment) {
  if (!settings.token_env.empty() && !settings.token_file.empty())
    return fail(Errc::invalid, "token_env and token_file are two words for one thing");
  auto text = TRY_DURING(file_text(settings.token_file), "read the token");
  if (!settings.token_env.empty()) {
    auto const value = environment(settings.token_env);
    if (!value) return fail(Errc::not_found, "the variable " + settings.token_env + " is not set");
    text = *value;
  }
  Secret const whole = Secret::take(text);
  Secret out(trim(whole.reveal()));
  bool const named = !settings.token_env.empty() || !settings.token_file.empty();
  if (named && out.empty()) return fail(Errc::invalid, "the token is empty");
  return out;
}

bool is_loopback(net::Url const& url) {
  auto const ip = net::parse_ip(url.host);
  return url.host == "localhost" || (ip && net::is_loopback(*ip));
}

Result<net::ClientOptions> client_options(EngineSettings const& settings) {
  auto const url = TRY_DURING(net::parse_url(settings.url), "read url");
  net::ClientOptions out{.plain_http = is_loopback(url)};
  if (url.scheme != "https" && !out.plain_http)
    return fail(Errc::invalid, "url is https, or of this machine");
  if (out.plain_http) out.proxy = net::ProxySettings();
  if (settings.certificate.empty() != settings.key.empty())
    return fail(Errc::invalid, "certificate and key go together");
  out.ca_pem = TRY_DURING(file_text(settings.ca), "read ca");
  out.certificate_pem = TRY_DURING(file_text(settings.certificate), "read certificate");
  auto key = TRY_DURING(file_text(settings.key), "read key");
  out.key_pem = Secret::take(key);
  return out;
}

Result<std::shared_ptr<Engine const>> make_engine(EngineSettings const& settings,
                                                  Environment const& environment) {
  TRY(fits(settings));
  if (settings.kind == "cedar") {
    auto domain = TRY(load_domain(settings));
    return std::make_shared<CedarEngine const>(std::move(domain));
  }
  if (settings.url.empty())
    return fail(Errc::invalid, "the engine " + settings.kind + " needs url");
  auto options = TRY(client_options(settings));
  auto client = TRY(net::make_client(std::move(options)));
  Remote remote{.url = settings.url, .timeout = settings.timeout};
  while (remote.url.ends_with('/')) remote.url.pop_back();
  remote.token = TRY(token_of(settings, environment));
  auto const make = settings.kind == "authzen" ? make_authzen_engine : make_opa_engine;
  return std::shared_ptr<Engine const>(make(std::move(client), std::move(remote)));
}

Result<PolicyDomain> make(DomainSettings const& settings, Environment const& environment) {
  auto first = TRY(make_engine(settings.engine, environment));
  if (settings.combine == Combine::alone) return PolicyDomain{settings.name, std::move(first)};
  auto second = TRY_DURING(make_engine(settings.with, environment), "make the second engine");
  if (settings.combine == Combine::deny_overrides)
    return PolicyDomain{settings.name,
                        std::make_shared<DenyOverrides const>(std::move(first), std::move(second))};
  auto shadow = std::make_shared<Aside const>(std::move(first), std::move(second));
  return PolicyDomain{settings.name, shadow, shadow};
}

}  // namespace

Result<std::shared_ptr<Domain const>> load_domain(EngineSettings const& settings) {
  auto out = std::make_shared<Domain>();
  TRY(fits(settings));
  if (settings.policies.empty())
    return fail(Errc::invalid, "the engine cedar needs policies: a folder of *.cedar");
  auto const bundle = TRY(read_bundle(settings.policies));
  if (!settings.schema.empty()) {
    auto const text = TRY_DURING(read_file(settings.schema, schema_bytes_max), "read the schema");
    out->schema = TRY_DURING(read_schema(text), "read " + settings.schema);
  }
  out->policies = TRY(compile(bundle, out->schema.get()));
  if (!settings.entities.empty()) {
    auto const text =
        TRY_DURING(read_file(settings.entities, entities_bytes_max), "read the entities");
    out->entities = TRY_DURING(entities_of(text, out->schema.get()), "read " + settings.entities);
  }
  out->version = digest_of(bundle);
  return out;
}

Json to_json(PolicyDomain const& domain) {
  Json out;
  out.add("name", domain.name).add("engine", domain.engine->kind());
  if (domain.comparison) out.add("shadow", domain.comparison->candidate().kind());
  return out;
}

Result<Domains> Domains::open(std::vector<DomainSettings> const& settings,
                              Environment const& environment) {
  Domains out;
  for (auto const& one : settings) {
    if (!is_domain_name(one.name))
      return fail(Errc::invalid, "the name of a policy domain is 1 to 64 letters, digits, - and _");
    if (out.find(one.name)) return fail(Errc::invalid, "two policy domains are named " + one.name);
    out.add(TRY_DURING(make(one, environment), "open the policy domain " + one.name));
  }
  return out;
}

PolicyDomain const* Domains::find(std::string_view name) const {
  auto const found = std::ranges::find(all_, name, &PolicyDomain::name);
  return found == all_.end() ? nullptr : &*found;
}

}  // namespace reeve::pdp
