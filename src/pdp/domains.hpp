// Policy domains: decision points of their own for applications and gateways, each with an engine,
// beside the one that guards reeve itself.
//
// An operator declares them in the configuration. A domain of the engine `cedar` is a folder of
// policies, entities and perhaps a schema; others ask a decision point elsewhere. Two engines can
// be joined: `deny-overrides` wants both to permit, `shadow` enforces the first and counts where
// the second would have decided otherwise, which is the way from one engine to another.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "pdp/cedar_engine.hpp"
#include "pdp/engine.hpp"
#include "pdp/join.hpp"

namespace reeve::pdp {

/// How one engine is made. Only what its kind takes may be set.
struct EngineSettings {
  std::string kind = "cedar";  ///< Or "opa-rest", "authzen".
  // cedar
  std::string policies;  ///< Folder of *.cedar.
  std::string entities;  ///< JSON file in Cedar's form; empty: nothing is stored.
  std::string schema;    ///< Cedar schema file; empty: none, and anything Cedar can hold is taken.
  // the others
  std::string url;  ///< opa-rest: …/v1/data/PATH; authzen: without /access. https, or loopback.
  std::string token_env, token_file;  ///< Where the bearer token is; at most one; empty: none.
  std::string ca;                     ///< PEM file to trust, and no other; empty: the system's.
  std::string certificate, key;       ///< PEM files of ours, together; empty: none.
  std::chrono::milliseconds timeout{2000};

  bool operator==(EngineSettings const&) const = default;
};

/// What becomes of two engines.
enum class Combine : std::uint8_t { alone, deny_overrides, shadow };
inline constexpr std::string_view combine_names[] = {"alone", "deny-overrides", "shadow"};

struct DomainSettings {
  std::string
      name;  ///< Letters, digits, '-' and '_'; "default" is the one without a name in paths.
  EngineSettings engine;
  Combine combine = Combine::alone;
  EngineSettings with;  ///< The second engine, unless it is alone.

  bool operator==(DomainSettings const&) const = default;
};

inline constexpr std::string_view default_domain = "default";

/// Errors: invalid (every mistake of the policies, with file and line), not_found, denied.
Result<std::shared_ptr<Domain const>> load_domain(EngineSettings const& settings);

/// The value of an environment variable, if it is set.
using Environment = std::function<std::optional<std::string>(std::string const& name)>;

struct PolicyDomain {
  std::string name;
  std::shared_ptr<Engine const> engine;
  std::shared_ptr<Aside const> comparison = {};  ///< `engine` too; null: nothing is compared.
};
/// `{name, engine, shadow?}`: kinds of engines.
Json to_json(PolicyDomain const& domain);

/// Immutable once made. Any thread.
class Domains {
 public:
  /// Asks nobody yet. Errors: invalid, and those of files; they name the domain.
  static Result<Domains> open(std::vector<DomainSettings> const& settings,
                              Environment const& environment);

  void add(PolicyDomain domain) { all_.push_back(std::move(domain)); }
  PolicyDomain const* find(std::string_view name) const;  ///< Null: there is none.
  std::vector<PolicyDomain> const& all() const { return all_; }

 private:
  std::vector<PolicyDomain> all_;
};

}  // namespace reeve::pdp
