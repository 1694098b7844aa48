#include "base/clock.hpp"

namespace reeve {

Instant system_now() {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

}  // namespace reeve
