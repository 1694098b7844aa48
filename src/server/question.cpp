#include "server/question.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "crypto/random.hpp"
#include "model/id.hpp"
#include "pdp/actions.hpp"
#include "server/service.hpp"

namespace reeve::server {
namespace {

constexpr std::string_view token_prefix = "token:", local_prefix = "local:";

std::string_view behind(std::string_view text, std::string_view prefix) {
  return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
}

/// Types by the prefix of an id. An id without one is of the first type that its action names.
struct Typed {
  std::string_view prefix, type;
};
constexpr Typed typed[] = {
    {SourceKind::prefix, "Source"},     {PersonKind::prefix, "Person"},
    {IdentityKind::prefix, "Identity"}, {CredentialKind::prefix, "Credential"},
    {ResourceKind::prefix, "Resource"}, {GrantKind::prefix, "Grant"},
    {SightingKind::prefix, "Sighting"}, {ConsumerKind::prefix, "Consumer"},
    {UsageKind::prefix, "Usage"},       {FindingKind::prefix, "Finding"},
    {PlanKind::prefix, "Plan"},         {"tok_", "Token"},
};

pdp::Entity resource_of(pdp::Action const& action, std::string const& id) {
  auto const possible = split(action.resources, ' ');
  if (id.empty() || possible.front().empty()) return {"Estate", "all"};
  for (auto const& [prefix, type] : typed)
    if (id.starts_with(prefix) && std::ranges::find(possible, type) != possible.end())
      return {std::string(type), id};
  return {std::string(possible.front()), id};
}

pdp::Entity subject_of(Caller const& caller) {
  pdp::Entity out;
  if (caller.id.starts_with(local_prefix))
    out = {"User", std::string(behind(caller.id, local_prefix))};
  else if (caller.role == "agent")
    out = {"Agent", caller.name};
  else
    out = {"Token", std::string(behind(caller.id, token_prefix))};
  if (!caller.name.empty()) out.properties.add("name", caller.name);
  if (pdp::is_role(caller.role)) out.parents.push_back({"Role", caller.role});
  return out;
}

/// Every field of the name, in order: a proxy may append by adding one.
std::string forwarded_for(net::Head const& head) {
  constexpr std::string_view name = "x-forwarded-for";
  std::string out;
  for (auto const& field : head.fields)
    if (lower(field.name) == name) out += (out.empty() ? "" : ",") + std::string(field.value);
  return out;
}

}  // namespace

std::vector<pdp::Actor> actors_of(Caller const& caller) {
  if (caller.id.empty()) return {};
  if (caller.id.starts_with(local_prefix)) return {{"person", caller.id}};
  if (caller.role == "agent") return {{"agent", caller.name}, {"credential", caller.id}};
  return {{"credential", caller.id}};
}

pdp::Request question(Api& api, Caller const& caller, Route const& route, std::string const& id,
                      net::Call& call) {
  pdp::Request out{.subject = subject_of(caller), .action = std::string(route.action)};
  out.resource = resource_of(*pdp::find_action(route.action), id);
  pdp::Facts facts{.peer = call.peer().address,
                   .forwarded_for = forwarded_for(call.head()),
                   .auth_method = caller.proof.method,
                   .token_made = caller.made,
                   .attest_level = caller.proof.level,
                   .attest_kind = caller.proof.kind,
                   .chain = actors_of(caller),
                   .request_id = std::string(call.request_id())};
  out.context = pdp::make_context(facts, api.service.surroundings(), api.service.now());
  return out;
}

pdp::Decided ask(Api& api, Caller const& caller, Route const& route, std::string const& id,
                 net::Call& call) {
  constexpr std::size_t id_bytes = 16;
  crypto::SystemRandom random;
  auto out = pdp::decide(api.decisions, question(api, caller, route, id, call), api.service.now(),
                         random.bytes(id_bytes));
  out.chain = actors_of(caller);
  out.request_id = call.request_id();
  auto const note = [&] { return api.service.note(out); };
  if (!pdp::is_sampled(out, api.service.decision_sample())) return out;
  if (auto const noted = call.blocking(note); !noted) api.service.tell(noted.error().to_string());
  return out;
}

}  // namespace reeve::server
