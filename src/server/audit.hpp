// What the server notes in the audit log, and how it is read and proven.
//
// An act or a denial is in the log, on disk, before its answer goes out; an allowed read within
// 100 ms. An act that could not be noted is not even begun. A discovery run that readers see has
// one entry with the root of its change set; a kill between the two is settled at the next start.
// Each step of a plan has two: "begun" before the world is touched, and what became of it; then one
// for the plan. A start that goes on with what a kill left is the last link of their chain.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "audit/log.hpp"
#include "audit/verify.hpp"
#include "base/result.hpp"
#include "pdp/decision_log.hpp"
#include "server/api.hpp"
#include "server/stores.hpp"

namespace reeve::sql {
class Store;
}

namespace reeve::server {

/// The audit log of one store. One process writes it; beside that one, others may read the store,
/// and change nothing. Any thread.
class Audit {
 public:
  /// Takes the log when no other process has it. Errors: corrupt (it contradicts its checkpoint),
  /// those of the key and the disk.
  static Result<std::unique_ptr<Audit>> open(Places const& places, audit::Clock now);

  /// The log to write to; tries again to take it. Errors: conflict (another process has it).
  Result<audit::Log*> writer();
  /// Writes down. A read that happens beside the writing process is left out. Errors: conflict,
  /// those of the disk.
  Result<> note(audit::Entry entry);

  audit::VerifierKey const& key() const { return key_; }
  std::string const& folder() const { return folder_; }

 private:
  Audit(Places const& places, audit::Clock now, audit::VerifierKey key)
      : folder_(places.audit()),
        key_file_(places.key("audit")),
        now_(std::move(now)),
        key_(std::move(key)) {}

  std::string const folder_, key_file_;
  audit::Clock const now_;
  audit::VerifierKey const key_;
  std::mutex taking_;
  std::unique_ptr<audit::Log> log_;
};

/// Who is behind a caller, who asks first; empty when nobody proved who is calling.
std::vector<audit::Actor> audit_chain(Caller const& caller);

/// What is known of a call when its answer is ready.
struct Noted {
  Route const* route = nullptr;              ///< Null: there is none, and nothing to note.
  std::string id;                            ///< Of the path.
  Caller caller;                             ///< Empty: nobody proved who is calling.
  std::optional<pdp::Decided> decided = {};  ///< Empty: it came to no decision.
};

/// Whether the route changes something.
bool is_act(Route const& route);

/// One entry for a call. Errors: those of Audit::note; the answer must then not go out.
Result<> note_call(Audit& audit, net::Call& call, Noted const& noted,
                   Result<net::Response> const& response);

/// One entry for each complete run that has none. Leaves it to the process that has the log, when
/// that is another one.
Result<> note_runs(Audit& audit, sql::Store& inventory);

/// For `reeve audit verify`, offline; also of an exported folder. `key` as VerifierKey prints it;
/// empty: that of this store. Errors: invalid, not_found.
struct AuditQuestion {
  std::string folder;  ///< Empty: the log of this store.
  std::string key;
  audit::Wanted wanted;
};
Result<audit::Verdict> verify_audit(Places const& places, AuditQuestion const& question);
/// The public key of this store's log, for whoever verifies elsewhere. Errors: not_found.
Result<audit::VerifierKey> audit_key(Places const& places);

}  // namespace reeve::server
