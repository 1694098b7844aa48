#include <doctest/doctest.h>

#include <set>

#include "pdp/actions.hpp"
#include "pdp/attributes.hpp"
#include "pdp/schema.hpp"

namespace reeve::pdp {
namespace {

TEST_CASE("schema: the product's own has every action, group and attribute") {
  auto const made = product_schema();
  REQUIRE_MESSAGE(made.has_value(), (made ? "" : made.error().to_string()));
  auto const& schema = (*made)->schema;
  for (auto const& action : actions) {
    CAPTURE(action.name);
    auto const* info = schema.find(cedar::EntityUid{"Action", std::string(action.name)});
    REQUIRE(info);
    CHECK(info->ancestors == std::set{cedar::EntityUid{"Action", std::string(name(action.group))}});
    CHECK(info->resources.contains("Estate"));
    for (auto const& attribute : attributes) {
      CAPTURE(attribute.path);
      auto const dot = attribute.path.find('.');
      auto const first = info->context->fields.find(attribute.path.substr(0, dot));
      REQUIRE(first != info->context->fields.end());
      if (dot == attribute.path.npos) continue;
      CHECK(first->second.type->fields.contains(attribute.path.substr(dot + 1)));
    }
  }
}

TEST_CASE("schema: every entity of the model is there, with facts that may be absent") {
  auto const made = product_schema();
  REQUIRE(made.has_value());
  for (auto const* type : {"Identity", "Credential", "Grant", "Person", "Resource", "Sighting",
                           "Consumer", "Usage", "Agent", "Tool", "Token", "User"}) {
    CAPTURE(type);
    auto const* info = (*made)->schema.find(type);
    REQUIRE(info);
    for (auto const& [name, field] : info->fields) CHECK_FALSE(field.required);
  }
  CHECK((*made)->schema.find("Identity")->fields.contains("last_used"));
  CHECK((*made)->schema.find("Grant")->fields.at("actions").type->kind == cedar::Type::Kind::set);
}

}  // namespace
}  // namespace reeve::pdp
