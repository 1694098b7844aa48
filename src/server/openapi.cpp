#include "server/openapi.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "inventory/export.hpp"
#include "inventory/list.hpp"
#include "inventory/rows.hpp"
#include "pdp/actions.hpp"
#include "server/api.hpp"

namespace reeve::server {
namespace {

Json reference(std::string const& place) {
  return Json().add("$ref", "#/components/" + place);
}
Json typed(std::string_view type) {
  return Json().add("type", type);
}

/// "until:time" of Route::body.
struct Field {
  std::string name;
  Json schema;
  bool required = true;
};

Json schema_of(std::string_view type) {
  if (type == "time") return typed("string").add("format", "date-time");
  if (type == "texts") return typed("array").add("items", typed("string"));
  if (type == "objects") return typed("array").add("items", typed("object"));
  return typed(type.empty() ? "string" : type);
}

std::vector<Field> fields_of(std::string_view words) {
  std::vector<Field> out;
  if (words.empty()) return out;
  for (auto const word : split(words, ' ')) {
    auto const colon = word.find(':');
    auto name = word.substr(0, colon);
    bool const optional = name.ends_with('?');
    if (optional) name.remove_suffix(1);
    auto const type = colon == word.npos ? "" : word.substr(colon + 1);
    out.push_back({std::string(name), schema_of(type), !optional});
  }
  return out;
}

Json parameter(std::string_view where, std::string_view name, Json schema, bool required,
               std::string_view text) {
  Json out;
  out.add("name", name).add("in", where).add("required", required);
  if (!text.empty()) out.add("description", text);
  return out.add("schema", std::move(schema));
}

/// Table of "/v1/identities" or "/v1/identities/{id}"; empty: the path is no list of rows.
std::string table_of(Route const& route) {
  constexpr std::string_view base = "/v1/", one = "/{id}";
  if (!route.path.starts_with(base)) return "";
  auto name = route.path.substr(base.size());
  if (name.ends_with(one)) name.remove_suffix(one.size());
  bool const known = std::ranges::any_of(
      inventory::tables(), [&](inventory::Table const& table) { return table.name == name; });
  return known && route.method == "GET" ? std::string(name) : "";
}

bool takes_id(Route const& route) {
  return route.path.contains("{id}");
}

void add_paging(std::string const& table, Json::Array& out) {
  constexpr int limit_max = 1000, limit_usual = 100;
  for (auto const filter : inventory::list_filters(table))
    out.push_back(parameter("query", filter, typed("string"), false, "Equal to this."));
  Json::Array sorts;
  for (auto const sort : inventory::list_sorts(table)) sorts.emplace_back(sort);
  out.push_back(
      parameter("query", "sort", typed("string").add("enum", std::move(sorts)), false, ""));
  out.push_back(parameter("query", "cursor", typed("string"), false,
                          "`next` of the page before; it belongs to its sort and filters."));
  auto limit = typed("integer").add("minimum", 1).add("maximum", limit_max);
  out.push_back(parameter("query", "limit", limit.add("default", limit_usual), false, ""));
}

/// Conditions (conditional.hpp) and repeats (replay.hpp).
void add_fields(Route const& route, Json::Array& out) {
  auto const field = [&](std::string_view name, std::string_view text) {
    out.push_back(parameter("header", name, typed("string"), false, text));
  };
  if (route.method == "GET" && takes_id(route))
    field("If-None-Match", "The ETag you have; 304 when it is still so.");
  if (route.method == "POST" && takes_id(route) && !route.body.empty())
    field("If-Match", "ETag of the object you decide about; 412 when it has changed.");
  if (route.method == "POST" && route.keeps == Route::Keeps::yes)
    field("Idempotency-Key", "Sent again within 24 hours, the first answer is repeated.");
}

Json::Array parameters_of(Route const& route) {
  Json::Array out;
  if (takes_id(route)) out.push_back(parameter("path", "id", typed("string"), true, ""));
  if (auto const table = table_of(route); !table.empty() && !takes_id(route))
    add_paging(table, out);
  for (auto& field : fields_of(route.query))
    out.push_back(parameter("query", field.name, std::move(field.schema), field.required, ""));
  add_fields(route, out);
  return out;
}

Json body_of(Route const& route) {
  Json properties{Json::Object{}};
  Json::Array required;
  for (auto& field : fields_of(route.body)) {
    if (field.required) required.emplace_back(field.name);
    properties.add(field.name, std::move(field.schema));
  }
  auto schema = typed("object").add("properties", std::move(properties));
  if (!required.empty()) schema.add("required", std::move(required));
  auto content = Json().add("application/json", Json().add("schema", std::move(schema)));
  return Json().add("required", true).add("content", std::move(content));
}

Json answer_schema(Route const& route) {
  if (route.answer != "application/json") return typed("string");
  auto const table = table_of(route);
  if (table.empty()) return typed("object");
  if (takes_id(route)) return reference("schemas/" + table);
  Json page;
  page.add("items", Json().add("type", "array").add("items", reference("schemas/" + table)));
  page.add("next", Json().add("type", Json::Array{"string", "null"}));
  return typed("object")
      .add("properties", std::move(page))
      .add("required", Json::Array{"items", "next"});
}

// A write that makes something answers 201, others 200: "2XX" holds both.
Json responses_of(Route const& route) {
  auto const content =
      Json().add(std::string(route.answer), Json().add("schema", answer_schema(route)));
  Json out;
  out.add("2XX", Json().add("description", route.summary).add("content", content));
  out.add("401", reference("responses/Problem")).add("403", reference("responses/Problem"));
  if (takes_id(route)) out.add("404", reference("responses/Problem"));
  return out.add("default", reference("responses/Problem"));
}

/// "getIdentitiesIdExplain".
std::string operation_id(Route const& route) {
  constexpr std::string_view base = "/v1/";
  auto out = lower(route.method);
  bool up = true;
  for (char const c : route.path.substr(route.path.starts_with(base) ? base.size() : 0)) {
    bool const letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (letter) out += up && c >= 'a' ? char(c - 'a' + 'A') : c;
    up = !letter;
  }
  return out;
}

Json operation(Route const& route) {
  auto const* action = pdp::find_action(route.action);
  Json out;
  out.add("operationId", operation_id(route)).add("summary", route.summary);
  out.add("tags", Json::Array{route.action.substr(0, route.action.find('.'))});
  out.add("x-reeve-action", route.action);
  out.add("x-reeve-group", pdp::name(action->group));
  if (auto parameters = parameters_of(route); !parameters.empty())
    out.add("parameters", std::move(parameters));
  if (!route.body.empty()) out.add("requestBody", body_of(route));
  return out.add("responses", responses_of(route));
}

Json paths() {
  Json out{Json::Object{}};
  auto const all = routes();
  for (auto const* first : all) {
    if (out.find(first->path)) continue;
    Json methods;
    for (auto const* route : all)
      if (route->path == first->path) methods.add(lower(route->method), operation(*route));
    out.add(std::string(first->path), std::move(methods));
  }
  return out;
}

Json problem_schema() {
  Json properties, codes{Json::Array{}};
  for (auto at = Errc::invalid; at <= Errc::internal; at = Errc(int(at) + 1))
    std::get<Json::Array>(codes.value).emplace_back(describe(at).name);
  properties.add("type", typed("string")).add("title", typed("string"));
  properties.add("status", typed("integer")).add("detail", typed("string"));
  properties.add("instance", typed("string"));
  properties.add("code", typed("string").add("enum", std::move(codes)));
  return typed("object")
      .add("description", "Problem details (RFC 9457); `instance` is the id of the request.")
      .add("properties", std::move(properties))
      .add("required", Json::Array{"type", "title", "status", "detail", "code"});
}

Json components() {
  Json schemas;
  schemas.add("Problem", problem_schema());
  auto const exported = inventory::export_schema();
  for (auto const& table : inventory::tables())
    schemas.add(table.name, *exported.find("properties")->find(table.name)->find("items"));
  Json problem_response;
  problem_response.add("description", "What went wrong, and what to do next.");
  problem_response.add("content", Json().add("application/problem+json",
                                             Json().add("schema", reference("schemas/Problem"))));
  auto const bearer = Json()
                          .add("type", "http")
                          .add("scheme", "bearer")
                          .add("description", "A token of `reeve token create`.");
  Json out;
  out.add("securitySchemes", Json().add("token", bearer));
  out.add("responses", Json().add("Problem", std::move(problem_response)));
  return out.add("schemas", std::move(schemas));
}

Result<net::Response> get_openapi(Api&, Request const&) {
  return json_response(openapi());
}

constexpr Route routes_here[] = {
    {"GET", "/v1/openapi.json", pdp::action("api.read"), "This description", get_openapi},
};

}  // namespace

constinit std::span<Route const> const openapi_routes = routes_here;

Json openapi() {
  Json out, info;
  info.add("title", "reeve").add("version", "v1");
  info.add("description",
           "Non-human identities: what there is, what is wrong, who decides. Lists come in pages; "
           "`next` is the cursor of the next one, null at the end. A fact that is not reported is "
           "absent, one that is none is null.");
  out.add("openapi", "3.1.0").add("info", std::move(info));
  out.add("security", Json::Array{Json().add("token", Json::Array{})});
  out.add("paths", paths());
  return out.add("components", components());
}

}  // namespace reeve::server
