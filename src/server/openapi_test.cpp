#include "server/openapi.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "inventory/list.hpp"
#include "server/api.hpp"

namespace reeve::server {
namespace {

Json const& operation_of(Json const& all, Route const& route) {
  auto const* path = all.find("paths")->find(route.path);
  REQUIRE(path);
  auto const* out = path->find(lower(route.method));
  REQUIRE(out);
  return *out;
}

std::set<std::string> parameters_of(Json const& operation) {
  std::set<std::string> out;
  if (auto const* all = operation.find("parameters"))
    for (auto const& each : *all->array()) out.insert(each.text_at("name"));
  return out;
}

TEST_CASE("openapi: every route is there with its action, its role and problems") {
  auto const all = openapi();
  CHECK(all.text_at("openapi") == "3.1.0");
  std::set<std::string> ids;
  for (auto const* route : routes()) {
    CAPTURE(route->method);
    CAPTURE(route->path);
    auto const& operation = operation_of(all, *route);
    CHECK(operation.text_at("x-reeve-action") == route->action);
    CHECK(!operation.text_at("x-reeve-group").empty());
    CHECK(ids.insert(operation.text_at("operationId")).second);
    for (auto const* status : {"401", "403", "default"})
      CHECK(operation.find("responses")->find(status)->text_at("$ref") ==
            "#/components/responses/Problem");
    CHECK(parameters_of(operation).contains("id") == route->path.contains("{id}"));
    CHECK((operation.find("requestBody") != nullptr) == !route->body.empty());
  }
}

TEST_CASE("openapi: nothing is described that is no route") {
  auto const all = openapi();
  std::size_t described = 0;
  for (auto const& path : *all.find("paths")->object()) described += path.value.object()->size();
  CHECK(described == routes().size());
}

TEST_CASE("openapi: lists name their filters, sorts and paging") {
  auto const all = openapi();
  for (auto const* route : routes()) {
    if (!route->path.starts_with("/v1/")) continue;
    auto const table = route->path.substr(std::string_view("/v1/").size());
    if (route->method != "GET" || inventory::list_sorts(table).empty()) continue;
    CAPTURE(route->path);
    auto const names = parameters_of(operation_of(all, *route));
    for (auto const* name : {"cursor", "limit", "sort"}) CHECK(names.contains(name));
    for (auto const filter : inventory::list_filters(table)) {
      CAPTURE(filter);
      CHECK(names.contains(std::string(filter)));
    }
  }
}

/// Every "$ref" below `json`.
void collect(Json const& json, std::vector<std::string>& out) {
  if (auto const* members = json.object())
    for (auto const& member : *members) {
      if (member.key == "$ref") out.push_back(*member.value.text());
      collect(member.value, out);
    }
  if (auto const* items = json.array())
    for (auto const& item : *items) collect(item, out);
}

TEST_CASE("openapi: every reference leads somewhere") {
  auto const all = openapi();
  std::vector<std::string> references;
  collect(all, references);
  CHECK(references.size() > routes().size());
  for (auto const& reference : references) {
    CAPTURE(reference);
    auto const* at = &all;
    for (auto const step : split(std::string_view(reference).substr(2), '/')) {
      at = at ? at->find(step) : nullptr;
    }
    CHECK(at);
  }
}

}  // namespace
}  // namespace reeve::server
