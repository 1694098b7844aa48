// Policy domains: decision points of their own for applications and gateways, each with an engine,
// beside the one that guards reeve itself.
//
// An operator declares them in the configuration. A domain of the engine `cedar` is a folder of
// policies, entities and perhaps a schema; others ask a decision point elsewhere. Two engines can
// be joined: `deny-overrides` wants both to permit, `shadow` enforces the first and counts where
// the second would have decided otherwise, which is the way from one engine to another.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "pdp/cedar_engine.hpp"
#include "pdp/engine.hpp"

namespace reeve::pdp {

/// How one engine is made. Only what its kind takes may be set.
struct EngineSettings {
  std::string kind = "cedar";
  // cedar
  std::string policies;  ///< Folder of *.cedar.
  std::string entities;  ///< JSON file in Cedar's form; empty: nothing is stored.
  std::string schema;    ///< Cedar schema file; empty: none, and anything Cedar can hold is taken.

  bool operator==(EngineSettings const&) const = default;
};

struct DomainSettings {
  std::string
      name;  ///< Letters, digits, '-' and '_'; "default" is the one without a name in paths.
  EngineSettings engine;

  bool operator==(DomainSettings const&) const = default;
};

inline constexpr std::string_view default_domain = "default";

/// Errors: invalid (every mistake of the policies, with file and line), not_found, denied.
Result<std::shared_ptr<Domain const>> load_domain(EngineSettings const& settings);

struct PolicyDomain {
  std::string name;
  std::unique_ptr<Engine> engine;
};

/// Immutable once made. Any thread.
class Domains {
 public:
  /// Errors: those of load_domain, naming the domain.
  static Result<Domains> open(std::vector<DomainSettings> const& settings);

  void add(PolicyDomain domain) { all_.push_back(std::move(domain)); }
  PolicyDomain const* find(std::string_view name) const;  ///< Null: there is none.
  std::vector<PolicyDomain> const& all() const { return all_; }

 private:
  std::vector<PolicyDomain> all_;
};

}  // namespace reeve::pdp
