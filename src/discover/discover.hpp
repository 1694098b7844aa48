// Runs connectors into the inventory: all sources at once, one writer, safe to kill anywhere.
//
// Sources wait for networks and the store for one lock, so every source has a thread that reads
// its next page while others write. A page is one transaction; readers see a run only when it is
// complete. What a killed process left goes on at its last page.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "connect/connector.hpp"
#include "connect/settings.hpp"
#include "inventory/decisions.hpp"
#include "model/id.hpp"

namespace reeve::sql {
class Database;
}

namespace reeve::discover {

/// How far one source is; told from its thread, one call at a time.
struct Progress {
  std::string_view source;
  std::string_view what;  ///< "connect", "page", "done", "failed".
  std::int64_t pages = 0, objects = 0, gaps = 0;
  std::string_view detail;  ///< Of a failure: why.
};

/// What became of one source.
struct Outcome {
  std::string source, kind;
  RunId run;              ///< 0: it did not even begin.
  bool complete = false;  ///< Readers see this run.
  std::string error;      ///< Why it is not complete.
  std::int64_t objects = 0, gaps = 0, pages = 0;
  std::vector<Coverage> coverage;  ///< As told at the end, before gaps were counted in.
};

/// The world outside, passed in.
struct Tools {
  connect::Fingerprint fingerprint;
  connect::Environment environment;
  std::function<Instant()> now;
  std::function<Result<>(Duration)> wait;  ///< Between retries; an error ends the run.
  std::function<std::uint64_t()> random;
  std::function<void(Progress const&)> watch;  ///< May be empty. Called under a lock.
  Duration time_max = std::chrono::hours(1);   ///< For one source.
  unsigned threads = 8;                        ///< Sources looked at together.
};

/// The kinds there are; the application lists them.
using Kinds = std::span<connect::Kind const>;
/// Errors: not_found, with what was probably meant.
Result<connect::Kind const*> find_kind(Kinds kinds, std::string_view kind);

/// Makes the connector of a configured source. Errors: those of Settings::resolve and of the kind.
Result<std::unique_ptr<connect::Connector>> open(Kinds kinds, inventory::SourceConfig const& source,
                                                 Tools const& tools);

/// Looks at all `sources` and returns what became of each, in their order. One that fails does not
/// stop the others. `inventory` is used from several threads, one at a time. Errors: of the store
/// alone; then no run was completed that is not wholly in it.
Result<std::vector<Outcome>> run(sql::Database& inventory, Kinds kinds,
                                 std::span<inventory::SourceConfig const> sources,
                                 Tools const& tools);

}  // namespace reeve::discover
