#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"
#include "connect/info.hpp"
#include "model/observation.hpp"

namespace reeve::connect {

class Connector;

/// A token bucket over time that is passed in: when may the next call go out? Starts full.
class Pace {
 public:
  explicit Pace(Rate rate) : rate_(rate), tokens_(rate.burst) {}
  /// Takes one token; how long the caller has to wait before the call.
  Duration take(Instant now);

 private:
  Rate rate_;
  double tokens_;
  Instant last_{};
};

/// How long to wait before attempt `attempt` + 1 (0: the first failed): a random part of a bound
/// that doubles, "full jitter" (Brooker, AWS Architecture Blog 2015-03-04), so that many clients
/// that failed together do not come back together. `random` is uniform over 64 bits.
Duration backoff(int attempt, std::uint64_t random);

/// What a patient caller needs from the outside world.
struct Patience {
  std::function<Instant()> now;
  std::function<Result<>(Duration)> wait;  ///< An error ends it: cancelled, stopping.
  std::function<std::uint64_t()> random;
  Instant deadline;      ///< Of the whole run.
  int attempts_max = 5;  ///< Of one page.
};

/// Connector::enumerate, again while an error says that the same call may work later. A wrong
/// credential is tried once, because every try counts towards a lock. Errors: as enumerate, the
/// last one met; timeout: the deadline of the run has passed.
Result<Page> enumerate_patiently(Connector& connector, std::string_view cursor, Pace& pace,
                                 Patience const& patience);

}  // namespace reeve::connect
