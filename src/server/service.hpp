// What reeve does, behind one object: the API's handlers and the command line in its own process
// both call it. It opens the stores, looks at sources, draws conclusions, remembers decisions.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "connect/settings.hpp"
#include "crypto/fingerprint.hpp"
#include "discover/discover.hpp"
#include "inventory/decisions.hpp"
#include "pdp/context.hpp"
#include "pdp/decision_log.hpp"
#include "pdp/domains.hpp"
#include "pdp/policies.hpp"
#include "posture/evaluate.hpp"
#include "server/stores.hpp"

namespace reeve::server {

class Audit;

/// How a discovery goes on; `what` is a progress word of discover or posture.
struct Progress {
  std::string_view source, what, detail;
  std::int64_t pages = 0, objects = 0;
};
using Watch = std::function<void(Progress const&)>;

/// What a discovery did.
struct Report {
  std::vector<discover::Outcome> outcomes;
  posture::Summary summary;
};

struct ServiceOptions {
  Places places;
  std::string rules;  ///< Folder of the user's rules; empty: none.
  discover::Kinds kinds;
  std::vector<inventory::SourceConfig> sources;  ///< Of the configuration file.
  connect::Environment environment;
  std::function<Instant()> now;
  std::string policies = {};           ///< Folder of the user's policies; empty: none.
  std::shared_ptr<pdp::Geo> geo = {};  ///< That of `surroundings`, to refresh. Null: none.
  pdp::Surroundings surroundings = {};
  /// What an operator should hear and nobody waits for. Any thread. Empty: nobody listens.
  std::function<void(std::string const&)> tell = {};
  std::uint64_t decision_sample = 1;  ///< Of permits one in so many is logged; 0: none.
  pdp::Domains domains = {};          ///< What others ask about.
  std::string public_url = {};  ///< Where callers reach the API, without a path; empty: by Host.
};

/// Any thread, several at once. One discovery at a time.
class Service {
 public:
  /// Opens the stores, reads the rules, goes on with the plans that a kill left, and brings the
  /// conclusions up to date with the runs: after a kill they may be of an earlier one. Errors:
  /// those of the stores, the rules and the audit log.
  static Result<std::unique_ptr<Service>> open(ServiceOptions options);
  ~Service();

  /// Looks at `sources` and concludes. Errors: conflict (a discovery is under way), those of the
  /// stores; a source that fails is an outcome.
  Result<Report> discover(std::span<inventory::SourceConfig const> sources, Watch const& watch);
  /// Who we are at a source, and what we may not see.
  Result<connect::Check> check(inventory::SourceConfig const& source);
  /// Runs one function of inventory/decisions.hpp on the state; each is a transaction of its own.
  Result<> decide(sql::Store::Work const& work);
  /// Before a decision that conclusions rest on: a start that finds them in doubt draws them again,
  /// so a kill between decision and conclusion costs nothing.
  Result<> doubt_conclusions();
  /// Draws conclusions again, after a decision.
  Result<posture::Summary> conclude(Watch const& watch = {});

  /// Returns when no discovery or conclusion is under way.
  void wait_until_idle() { std::scoped_lock const idle(busy_); }

  sql::Store& state() { return *stores_.state; }
  sql::Store& inventory() { return *stores_.inventory; }
  Audit& audit() { return *audit_; }
  /// The decision point: what everybody who asks for anything is let or not.
  pdp::Engine const& engine() const { return policies_->engine(); }
  pdp::Policies& policies() { return *policies_; }
  pdp::Surroundings const& surroundings() const { return options_.surroundings; }
  std::uint64_t decision_sample() const { return options_.decision_sample; }
  /// Adds to the decision log. Errors: those of the disk.
  Result<> note(pdp::Decided const& decided);
  std::string decision_file() const { return options_.places.folder + "/decisions.ndjson"; }
  void tell(std::string const& what) const {
    if (options_.tell) options_.tell(what);
  }
  /// Looks at the folder of policies and the MaxMind files again. Gives a sentence for each that
  /// cannot be used; what served goes on.
  std::vector<std::string> refresh();
  pdp::Domains& domains() { return options_.domains; }
  std::string const& public_url() const { return options_.public_url; }
  Places const& places() const { return options_.places; }
  std::vector<inventory::SourceConfig> const& declared() const { return options_.sources; }
  discover::Kinds kinds() const { return options_.kinds; }
  std::vector<posture::Rule> const& rules() const { return rules_; }
  Instant now() const { return options_.now(); }
  connect::Environment const& environment() const { return options_.environment; }

 private:
  Service(ServiceOptions options, Stores stores, std::vector<posture::Rule> rules,
          crypto::Fingerprinter fingerprinter, std::unique_ptr<Audit> audit,
          std::unique_ptr<pdp::Policies> policies);
  Result<> settle();
  discover::Tools tools(Watch const& watch) const;

  ServiceOptions options_;
  Stores stores_;
  std::vector<posture::Rule> rules_;
  crypto::Fingerprinter fingerprinter_;
  std::unique_ptr<Audit> audit_;
  std::unique_ptr<pdp::Policies> policies_;
  std::mutex opening_;
  std::unique_ptr<pdp::DecisionFile> decisions_;  // made under opening_
  std::mutex busy_;                               ///< One discovery or conclusion at a time.
};

}  // namespace reeve::server
