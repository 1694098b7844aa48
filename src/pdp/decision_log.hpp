// What was decided, about what, and why: for the audit log in short, for programs that read OPA's
// decision logs in full, and to ask other policies the same again.
//
// Every denial is written, and of the permits one in so many, chosen by the decision's own random
// id, so that a caller cannot choose not to be seen. The input is written as it was asked: requests
// hold no secrets, since nothing that proves a caller is among the facts.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "pdp/context.hpp"
#include "pdp/engine.hpp"

namespace reeve::pdp {

/// One decision with all that is known of it.
struct Decided {
  std::string id;  ///< 32 hexadecimal digits, random.
  Instant at{};
  std::chrono::nanoseconds latency{0};
  std::string engine;        ///< Engine::kind.
  std::string request_id;    ///< Of the call; empty: none.
  std::vector<Actor> chain;  ///< Who asked first in front.
  Request request;
  Decision decision;
};

/// Asks, and notes what there is to note. `now` stamps it; `random` gives bytes for the id.
Decided decide(Engine const& engine, Request request, Instant now, std::string_view random);

/// "sha256:…" of the request in its canonical form.
std::string input_digest(Request const& request);

/// For an entry of the audit log: decision, input, policy, cause, reasons, errors, latency_us. What
/// is empty is left out.
std::vector<std::pair<std::string, std::string>> audit_details(Decided const& decided);

/// An event of OPA's decision log (openpolicyagent.org/docs/management-decision-logs): labels,
/// decision_id, bundles, path, input, result, requested_by, timestamp, metrics, req_id. Ours
/// beside them: `actors`.
Json opa_event(Decided const& decided);

/// Whether it is written: a denial or a failure is, of permits one in `sample`; 0: none.
bool is_sampled(Decided const& decided, std::uint64_t sample);

/// A file of events, one a line, which starts anew at a size and keeps the one before beside it
/// (".1"). It survives the process, not a power cut: what must is in the audit log. Any thread.
class DecisionFile {
 public:
  /// Errors of all: those of the disk.
  static Result<std::unique_ptr<DecisionFile>> open(std::string path,
                                                    std::uint64_t bytes_max = 64u << 20);
  ~DecisionFile();
  DecisionFile(DecisionFile const&) = delete;
  DecisionFile& operator=(DecisionFile const&) = delete;

  Result<> append(Json const& event);
  std::string const& path() const { return path_; }

 private:
  DecisionFile(std::string path, std::uint64_t bytes_max)
      : path_(std::move(path)), bytes_max_(bytes_max) {}
  Result<> reopen();

  std::string const path_;
  std::uint64_t const bytes_max_;
  std::mutex writing_;
  int file_ = -1;            // under writing_
  std::uint64_t bytes_ = 0;  // under writing_
};

/// The newest events of such a file, the newest last; lines that a kill cut short are left out.
/// Errors: those of the disk; a file that is not there has none.
Result<std::vector<Json>> read_events(std::string const& path, std::size_t count_max);

}  // namespace reeve::pdp
