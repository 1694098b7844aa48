// The shipped policies with something changed, for tests of whoever enforces.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <set>
#include <string>

#include "pdp/cedar_engine.hpp"

namespace reeve::pdp {

inline std::unique_ptr<CedarEngine> engine_of(Bundle const& bundle) {
  auto domain = make_domain(bundle);
  REQUIRE_MESSAGE(domain.has_value(), (domain ? "" : domain.error().to_string()));
  return std::make_unique<CedarEngine>(*std::move(domain));
}

/// The shipped policies; nobody may `withheld`.
inline std::unique_ptr<CedarEngine> engine_without(
    std::set<std::string, std::less<>> const& withheld) {
  std::string text;
  for (auto const& action : withheld)
    text += "@id(\"without " + action + "\")\nforbid (principal, action == Action::\"" + action +
            "\", resource);\n";
  return engine_of(overlaid(shipped_policies(), {{"withheld.cedar", text}}));
}

}  // namespace reeve::pdp
