#include "pdp/domains.hpp"

#include <algorithm>

#include "base/file.hpp"
#include "cedar/conformance.hpp"
#include "cedar/entity_json.hpp"

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

Result<std::unique_ptr<Engine>> make_engine(EngineSettings const& settings) {
  if (settings.kind != "cedar")
    return fail(Errc::invalid, "engine \"" + settings.kind + "\" is unknown; one of: cedar");
  auto domain = TRY(load_domain(settings));
  return std::make_unique<CedarEngine>(std::move(domain));
}

}  // namespace

Result<std::shared_ptr<Domain const>> load_domain(EngineSettings const& settings) {
  auto out = std::make_shared<Domain>();
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

Result<Domains> Domains::open(std::vector<DomainSettings> const& settings) {
  Domains out;
  for (auto const& one : settings) {
    if (!is_domain_name(one.name))
      return fail(Errc::invalid, "the name of a policy domain is 1 to 64 letters, digits, - and _");
    if (out.find(one.name)) return fail(Errc::invalid, "two policy domains are named " + one.name);
    auto engine = TRY_DURING(make_engine(one.engine), "open the policy domain " + one.name);
    out.add({one.name, std::move(engine)});
  }
  return out;
}

PolicyDomain const* Domains::find(std::string_view name) const {
  auto const found = std::ranges::find(all_, name, &PolicyDomain::name);
  return found == all_.end() ? nullptr : &*found;
}

}  // namespace reeve::pdp
