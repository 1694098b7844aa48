// AuthZEN (OpenID Authorization API 1.0) over HTTP: others ask what those they serve may do.
//
//   /access/v1/…                 the policy domain "default"; when there is none, reeve's own
//   policies /domains/NAME/access/v1/…    the policy domain of that name
//
// An enforcement point is a token with a right of its own, on the domain it asks about:
// access.evaluate, access.search, and access.assert to be believed about properties of subjects and
// resources. A denied question is 200 with `"decision": false`; other statuses say that there was
// no answer to give. Whatever goes wrong behind a question that was well put is a denial.

#include <algorithm>
#include <chrono>

#include "base/text.hpp"
#include "pdp/actions.hpp"
#include "pdp/context.hpp"
#include "pdp/search.hpp"
#include "server/api.hpp"
#include "server/audit.hpp"
#include "server/conditional.hpp"
#include "server/service.hpp"

namespace reeve::server {
namespace {

/// Of one call, which itself ends after 30 s.
constexpr auto time_max = std::chrono::seconds(20);
constexpr std::string_view endpoints = "/access/v1/";

std::function<bool()> late_after(std::chrono::nanoseconds time) {
  return [until = net::in(time)] { return std::chrono::steady_clock::now() >= until; };
}

/// Who answers.
struct Target {
  pdp::Engine const* engine;
  bool ours = false;  ///< The policies that guard reeve itself.
};

Result<Target> target_of(Api& api, std::string const& name) {
  if (auto const* domain =
          api.service.domains().find(name.empty() ? pdp::default_domain : std::string_view(name)))
    return Target{domain->engine.get()};
  if (name.empty()) return Target{&api.decisions, /*ours=*/true};
  return fail(Errc::not_found, "there is no policy domain " + name);
}

/// Our own policies want to know the time and who acts, as far as the enforcement point does not
/// say it.
void add_surroundings(Api& api, pdp::Request& request) {
  pdp::Facts const facts{.chain = {{lower(request.subject.type), request.subject.id}}};
  auto const usual = pdp::make_context(facts, api.service.surroundings(), api.service.now());
  for (auto const& [key, value] : *usual.object())
    if (!request.context.find(key)) request.context.add(key, value);
}

Result<Json> body_of(Request const& request) {
  auto const type = request.call.head().find("Content-Type").value_or("");
  if (lower(trim(type.substr(0, type.find(';')))) != "application/json")
    return fail(Errc::invalid, "Content-Type is application/json");
  return request.json();
}

/// Errors: denied (who asks says properties, and is not believed).
Result<> believe(Api& api, Request const& request, pdp::Request const& asked) {
  constexpr Route assertion{.action = pdp::action("access.assert")};
  if (!pdp::says_properties(asked)) return {};
  return allowed(api, assertion, request.caller, request.id, request.call);
}

Result<net::Response> decided(Api& api, Request const& request, pdp::Batch batch) {
  auto const target = TRY(target_of(api, request.id));
  for (auto& entry : batch.entries) {
    if (!entry) continue;
    TRY(believe(api, request, *entry));
    if (target.ours) add_surroundings(api, *entry);
  }
  auto const work = [&] { return pdp::evaluate(*target.engine, batch, late_after(time_max)); };
  auto const decisions = request.call.blocking(work);
  return json_response(pdp::answer(batch, decisions));
}

Result<net::Response> evaluation(Api& api, Request const& request) {
  auto const body = TRY(body_of(request));
  auto asked = TRY(pdp::parse_evaluation(body));
  pdp::Batch batch{.single = true};
  batch.entries.emplace_back(std::move(asked));
  return decided(api, request, std::move(batch));
}

Result<net::Response> evaluations(Api& api, Request const& request) {
  auto const body = TRY(body_of(request));
  auto batch = TRY(pdp::parse_batch(body));
  return decided(api, request, std::move(batch));
}

Result<net::Response> searched(Api& api, Request const& request, pdp::Sought sought) {
  auto const body = TRY(body_of(request));
  auto asked = TRY(pdp::parse_search(sought, body));
  auto const target = TRY(target_of(api, request.id));
  TRY(believe(api, request, asked.request));
  // The chain of a search for subjects would name nobody, so it stays as the caller says it.
  if (target.ours && sought != pdp::Sought::subject) add_surroundings(api, asked.request);
  auto const work = [&] {
    return pdp::search(*target.engine, asked, {.late = late_after(time_max)});
  };
  auto const found = TRY(request.call.blocking(work));
  return json_response(pdp::answer(asked, found));
}

Result<net::Response> search_subject(Api& api, Request const& request) {
  return searched(api, request, pdp::Sought::subject);
}
Result<net::Response> search_resource(Api& api, Request const& request) {
  return searched(api, request, pdp::Sought::resource);
}
Result<net::Response> search_action(Api& api, Request const& request) {
  return searched(api, request, pdp::Sought::action);
}

/// Where the caller reached us, without a path. Errors: invalid.
Result<std::string> base_of(Api& api, Request const& request) {
  if (auto const& set = api.service.public_url(); !set.empty()) return set;
  auto const host = request.call.head().find("Host").value_or("");
  auto const plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(".-:[]").contains(c);
  };
  if (host.empty() || !std::ranges::all_of(host, plain))
    return fail(Errc::invalid, "Host is no name here: set public_url");
  return "https://" + std::string(host);
}

Result<net::Response> metadata(Api& api, Request const& request) {
  auto const target = TRY(target_of(api, request.id));
  auto const base =
      TRY(base_of(api, request)) + (request.id.empty() ? "" : "/domains/" + request.id);
  auto const at = [&](std::string_view path) {
    return base + std::string(endpoints) + std::string(path);
  };
  Json out;
  out.add("policy_decision_point", base).add("access_evaluation_endpoint", at("evaluation"));
  out.add("access_evaluations_endpoint", at("evaluations"));
  if (!target.engine->domain()) return json_response(out);
  for (auto const sought : pdp::sought_names)
    out.add("search_" + std::string(sought) + "_endpoint", at("search/" + std::string(sought)));
  return json_response(out);
}

Result<net::Response> list_domains(Api& api, Request const&) {
  Json::Array items;
  for (auto const& domain : api.service.domains().all()) items.push_back(pdp::to_json(domain));
  return json_response(Json().add("items", std::move(items)).add("next", nullptr));
}

// With what was compared so far, when there is a second engine in the shadow.
Result<net::Response> show_domain(Api& api, Request const& request) {
  auto const* domain = api.service.domains().find(request.id);
  if (!domain) return fail(Errc::not_found, "there is no policy domain " + request.id);
  auto out = pdp::to_json(*domain);
  if (domain->comparison) out.add("compared", pdp::to_json(domain->comparison->comparison()));
  return json_response(out);
}

constexpr auto evaluate = pdp::action("access.evaluate"), search = pdp::action("access.search");
constexpr std::string_view
    json = "application/json",
    one = "subject:object action:object resource:object context?:object",
    many =
        "subject?:object action?:object resource?:object context?:object evaluations?:objects "
        "options?:object",
    find = "subject:object action:object resource:object context?:object page?:object",
    find_action = "subject:object resource:object context?:object page?:object";
constexpr auto once = Route::Keeps::no;

constexpr Route routes_here[] = {
    {"GET", "/v1/policy-domains", pdp::action("access.read"),
     "Policy domains, each with its engine", list_domains},
    {"GET", "/v1/policy-domains/{id}", pdp::action("access.read"),
     "One policy domain, and how the engine in its shadow would have decided", show_domain},
    {"GET", "/.well-known/authzen-configuration", evaluate,
     "AuthZEN metadata of the usual policy domain", metadata},
    {"GET", "/.well-known/authzen-configuration/domains/{id}", evaluate,
     "AuthZEN metadata of a policy domain", metadata},
    {"POST", "/access/v1/evaluation", evaluate, "AuthZEN: may this subject do this?", evaluation,
     one, "", json, once},
    {"POST", "/access/v1/evaluations", evaluate, "AuthZEN: several evaluations at once",
     evaluations, many, "", json, once},
    {"POST", "/access/v1/search/subject", search, "AuthZEN: who may?", search_subject, find, "",
     json, once},
    {"POST", "/access/v1/search/resource", search, "AuthZEN: on what may this subject do this?",
     search_resource, find, "", json, once},
    {"POST", "/access/v1/search/action", search, "AuthZEN: what may this subject do there?",
     search_action, find_action, "", json, once},
    {"POST", "/domains/{id}/access/v1/evaluation", evaluate,
     "AuthZEN, asked of a policy domain: may this subject do this?", evaluation, one, "", json,
     once},
    {"POST", "/domains/{id}/access/v1/evaluations", evaluate,
     "AuthZEN, asked of a policy domain: several evaluations at once", evaluations, many, "", json,
     once},
    {"POST", "/domains/{id}/access/v1/search/subject", search,
     "AuthZEN, asked of a policy domain: who may?", search_subject, find, "", json, once},
    {"POST", "/domains/{id}/access/v1/search/resource", search,
     "AuthZEN, asked of a policy domain: on what may this subject do this?", search_resource, find,
     "", json, once},
    {"POST", "/domains/{id}/access/v1/search/action", search,
     "AuthZEN, asked of a policy domain: what may this subject do there?", search_action,
     find_action, "", json, once},
};

}  // namespace

constinit std::span<Route const> const authzen_routes = routes_here;

}  // namespace reeve::server
