// The policies in force, their versions, and how they change.
//
// A version is a set of files over the shipped ones, kept for ever. At most one is in force and at
// most one runs in its shadow; which ones stands in the store, so a kill -9 changes nothing, and a
// change is in the store before it serves. None in force means the shipped policies alone.
//
// A set serves only when all of it is good, and when the owner on this machine can still change
// policies under it: a mistake must not lock everybody out. Versions that no longer fit, as after
// an update of the program, do not quietly become weaker: all but the owner's own is denied then.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "pdp/bundle.hpp"
#include "pdp/cedar_engine.hpp"
#include "pdp/live.hpp"

namespace reeve::sql {
class Database;
class Store;
}  // namespace reeve::sql

namespace reeve::pdp {

struct PolicyVersion {
  std::int64_t id = 0;  ///< "pol_3" in text.
  Instant at{};
  std::string by;  ///< Who put it: "token:tok_3", "folder".
  std::string note;
  std::string digest;  ///< Of the files together with the shipped ones of that day.
  Bundle files;        ///< Empty in a list.
};
std::string version_text(std::int64_t id);
/// Errors: invalid.
Result<std::int64_t> parse_version(std::string_view text);

/// Tables in the state. Errors: those of migrate.
Result<> create_policies(sql::Database& state);

/// Any thread.
class Policies {
 public:
  /// What is in force by the store. `notices` gets what an operator should hear. `now` stamps
  /// versions. Errors: those of the store.
  static Result<std::unique_ptr<Policies>> open(sql::Store& state, std::function<Instant()> now,
                                                std::vector<std::string>& notices);

  Engine const& engine() const { return live_; }

  enum class As : std::uint8_t { enforced, shadow };
  /// Checks, keeps and serves. The version has no `id`, `at` and `digest` yet. Errors: invalid
  /// (with every mistake), those of the store.
  Result<PolicyVersion> put(PolicyVersion version, As as);
  /// Serves a kept version: back to an earlier one, or on to the one in the shadow, whose shadow
  /// ends. 0 is the shipped policies. Errors: not_found, invalid (it no longer fits).
  Result<> activate(std::int64_t id);
  /// Errors: not_found (there is none).
  Result<> end_shadow();
  /// A folder's files as a version, when they are others than those it put last. Errors: those of
  /// read_bundle and put; what served goes on serving.
  Result<std::optional<PolicyVersion>> take_folder(std::string const& folder);

  struct Serving {
    std::int64_t active = 0;  ///< 0: the shipped policies.
    std::int64_t shadow = 0;  ///< 0: none.
    std::string version;      ///< As decisions name it.
    std::optional<Comparison> comparison;
  };
  Serving serving() const;
  /// Newest first, without files.
  Result<std::vector<PolicyVersion>> versions() const;
  /// Errors: not_found.
  Result<PolicyVersion> version(std::int64_t id) const;

 private:
  Policies(sql::Store& state, std::function<Instant()> now, std::shared_ptr<Domain const> domain)
      : state_(state),
        now_(std::move(now)),
        live_(std::make_shared<CedarEngine const>(std::move(domain))) {}
  Result<PolicyVersion> put(PolicyVersion version, As as, std::optional<std::string> const& folder);
  Result<std::shared_ptr<Domain const>> domain_of(std::int64_t id) const;
  Result<> load(std::vector<std::string>& notices);
  void serve(std::int64_t active, std::shared_ptr<Domain const> domain, std::int64_t shadow,
             std::shared_ptr<Domain const> candidate);

  sql::Store& state_;
  std::function<Instant()> const now_;
  LiveEngine live_;
  std::mutex mutable changing_;
  std::int64_t active_ = 0, shadow_ = 0;            // under changing_
  std::shared_ptr<Domain const> domain_;            // under changing_
  std::shared_ptr<ShadowEngine const> comparison_;  // under changing_; null: no shadow
};

}  // namespace reeve::pdp
