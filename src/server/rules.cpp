#include "base/text.hpp"
#include "pdp/actions.hpp"
#include "server/api.hpp"
#include "server/service.hpp"

namespace reeve::server {
namespace {

Json::Array texts(std::span<std::string const> all) {
  Json::Array out;
  for (auto const& each : all) out.emplace_back(each);
  return out;
}

Json short_json(posture::Rule const& rule) {
  Json out;
  out.add("id", rule.id).add("title", rule.title).add("severity", posture::name(rule.severity));
  out.add("subject", name(rule.subject)).add("owasp", rule.owasp);
  return out.add("action", std::string(1, rule.action)).add("fix", rule.fix);
}

Json long_json(posture::Rule const& rule) {
  auto out = short_json(rule);
  Json params{Json::Object{}};
  for (auto const& p : rule.params) params.add(p.name, p.text);
  Json::Array needs, steps, fixtures;
  for (auto const need : rule.needs) needs.emplace_back(name(need));
  for (auto const step : split(rule.remedy, '\n')) steps.emplace_back(trim(step));
  for (auto const& f : rule.fixtures)
    fixtures.push_back(Json().add("name", f.name).add("want", posture::name(f.want)));
  out.add("why", rule.why).add("remedy", std::move(steps)).add("params", std::move(params));
  out.add("needs", std::move(needs)).add("frameworks", texts(rule.frameworks));
  out.add("scope", rule.scope).add("sql", rule.sql);
  return out.add("fixtures", std::move(fixtures));
}

Result<net::Response> list_rules(Api& api, Request const&) {
  Json::Array items;
  for (auto const& rule : api.service.rules()) items.push_back(short_json(rule));
  return json_response(Json().add("items", std::move(items)).add("next", nullptr));
}

Result<net::Response> get_rule(Api& api, Request const& request) {
  for (auto const& rule : api.service.rules())
    if (rule.id == request.id) return json_response(long_json(rule));
  return fail(Errc::not_found, "there is no rule " + request.id + "; `reeve rule list` shows them");
}

constexpr Route routes_here[] = {
    {"GET", "/v1/rules", pdp::action("rule.read"), "Rules of posture", list_rules},
    {"GET", "/v1/rules/{id}", pdp::action("rule.read"), "One rule: why, how, and what it needs",
     get_rule},
};

}  // namespace

constinit std::span<Route const> const rule_routes = routes_here;

}  // namespace reeve::server
