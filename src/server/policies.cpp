// Policies through the API: what is in force, its versions, and how they change.

#include "pdp/policies.hpp"

#include "base/text.hpp"
#include "pdp/actions.hpp"
#include "server/api.hpp"
#include "server/service.hpp"

namespace reeve::server {
namespace {

Json json_of(pdp::Bundle const& files) {
  Json::Array out;
  for (auto const& [name, text] : files) out.push_back(Json().add("name", name).add("text", text));
  return out;
}

Json json_of(pdp::PolicyVersion const& version) {
  Json out;
  out.add("id", pdp::version_text(version.id)).add("at", rfc3339(version.at));
  out.add("by", version.by).add("note", version.note);
  return out.add("digest", version.digest);
}

Result<pdp::Bundle> files_of(Json const& body) {
  pdp::Bundle out;
  auto const* files = body.find("files");
  if (!files || !files->array())
    return fail(Errc::invalid, "files is a list of objects with name and text");
  for (auto const& file : *files->array()) {
    auto const* text = file.find("text");
    if (!text || !text->text() || file.text_at("name").empty())
      return fail(Errc::invalid, "files is a list of objects with name and text");
    out.push_back({file.text_at("name"), *text->text()});
  }
  return out;
}

// The files over the shipped ones, with those: what decides.
Result<net::Response> get_policies(Api& api, Request const& request) {
  auto const load = [&]() -> Result<Json> {
    auto const serving = api.service.policies().serving();
    pdp::Bundle own;
    if (serving.active != 0) own = TRY(api.service.policies().version(serving.active)).files;
    Json out;
    out.add("active", pdp::version_text(serving.active)).add("version", serving.version);
    out.add("shadow", serving.shadow ? Json(pdp::version_text(serving.shadow)) : Json());
    return out.add("files", json_of(pdp::overlaid(pdp::shipped_policies(), own)));
  };
  return json_response(TRY(request.call.blocking(load)));
}

// Body: {"files": [{"name", "text"}], "note"?, "mode"?: "enforce" (usual), "shadow", "check"}.
Result<net::Response> put_policies(Api& api, Request const& request) {
  auto const body = TRY(request.json());
  pdp::PolicyVersion version{.by = request.caller.id, .note = body.text_at("note")};
  version.files = TRY(files_of(body));
  auto const mode = body.find("mode") ? body.text_at("mode") : "enforce";
  if (mode != "enforce" && mode != "shadow" && mode != "check")
    return fail(Errc::invalid, "mode is enforce, shadow or check, not \"" + mode + "\"");
  using As = pdp::Policies::As;
  auto const work = [&]() -> Result<Json> {
    auto const schema = TRY(pdp::product_schema());
    auto const all = pdp::overlaid(pdp::shipped_policies(), version.files);
    Json::Array notices;
    for (auto const& notice : pdp::check(all, schema.get()).notices)
      notices.push_back(pdp::to_json(notice));
    Json out;
    if (mode != "check") {
      auto const as = mode == "shadow" ? As::shadow : As::enforced;
      out = json_of(TRY(api.service.policies().put(std::move(version), as)));
    }
    return out.add("mode", mode).add("notices", std::move(notices));
  };
  auto const made = TRY(request.call.blocking(work));
  return json_response(made, mode == "check" ? 200 : 201);
}

Result<net::Response> list_versions(Api& api, Request const& request) {
  auto const versions =
      TRY(request.call.blocking([&] { return api.service.policies().versions(); }));
  Json::Array items;
  for (auto const& version : versions) items.push_back(json_of(version));
  return json_response(Json().add("items", std::move(items)).add("next", nullptr));
}

Result<net::Response> get_version(Api& api, Request const& request) {
  auto const id = TRY(pdp::parse_version(request.id));
  auto const kept = TRY(request.call.blocking([&] { return api.service.policies().version(id); }));
  return json_response(json_of(kept).add("files", json_of(kept.files)));
}

Result<net::Response> activate(Api& api, Request const& request) {
  auto const id = TRY(pdp::parse_version(request.id));
  TRY(request.call.blocking([&] { return api.service.policies().activate(id); }));
  return json_response(Json().add("active", pdp::version_text(id)));
}

Result<net::Response> get_shadow(Api& api, Request const& request) {
  auto const load = [&]() -> Result<pdp::Policies::Serving> {
    return api.service.policies().serving();
  };
  auto const serving = TRY(request.call.blocking(load));
  if (!serving.comparison) return fail(Errc::not_found, "no policies run in the shadow");
  Json out;
  out.add("shadow", pdp::version_text(serving.shadow));
  return json_response(out.add("compared", pdp::to_json(*serving.comparison)));
}

Result<net::Response> end_shadow(Api& api, Request const& request) {
  TRY(request.call.blocking([&] { return api.service.policies().end_shadow(); }));
  return json_response(Json().add("shadow", nullptr));
}

Result<net::Response> get_schema(Api&, Request const&) {
  return net::Response{.content_type = "text/plain; charset=utf-8",
                       .body = pdp::product_schema_text()};
}

// ?count=N: the newest N decisions as OPA posts them to its sinks, a JSON array.
Result<net::Response> get_decisions(Api& api, Request const& request) {
  constexpr std::size_t usual = 100, most = 10'000;
  auto const text = request.get("count");
  auto const count = text.empty() ? Json(usual) : TRY_DURING(parse_json(text), "read count");
  if (!count.integer() || *count.integer() < 1 || *count.integer() > std::int64_t{most})
    return fail(Errc::invalid, "count is 1 to " + std::to_string(most));
  auto const number = static_cast<std::size_t>(*count.integer());
  auto events = TRY(
      request.call.blocking([&] { return pdp::read_events(api.service.decision_file(), number); }));
  return json_response(Json(std::move(events)));
}

constexpr auto read = pdp::action("policy.read"), write = pdp::action("policy.write");
constexpr Route routes_here[] = {
    {"GET", "/v1/policies", read, "The policies in force", get_policies},
    {"POST", "/v1/policies", write,
     "Checks policies, keeps them as a version, and enforces them or runs them in the shadow",
     put_policies, "files:objects note? mode?"},
    {"GET", "/v1/decisions", pdp::action("decision.read"),
     "The newest decisions in the form of OPA's decision log", get_decisions, "", "count:integer?"},
    {"GET", "/v1/policies/schema", read, "The Cedar schema that policies are checked against",
     get_schema, "", "", "text/plain"},
    {"GET", "/v1/policies/shadow", read, "How the policies in the shadow would have decided",
     get_shadow},
    {"DELETE", "/v1/policies/shadow", write, "Ends the shadow", end_shadow},
    {"GET", "/v1/policy-versions", read, "Versions of the policies, newest first", list_versions},
    {"GET", "/v1/policy-versions/{id}", read, "One version with its files", get_version},
    {"POST", "/v1/policy-versions/{id}/activate", write,
     "Enforces a kept version: back to an earlier one, or on to the one in the shadow", activate},
};

}  // namespace

constinit std::span<Route const> const policy_routes = routes_here;

}  // namespace reeve::server
