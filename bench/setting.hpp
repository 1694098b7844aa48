// How a benchmark is told of the machine it runs on: REEVE_BENCH_... in the environment.
#pragma once

#include <cstdlib>

namespace reeve::bench {

/// The value of the variable; `usual` where it is not set.
inline char const* setting(char const* variable, char const* usual = nullptr) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): no benchmark sets a variable.
  char const* const given = std::getenv(variable);
  return given ? given : usual;
}

}  // namespace reeve::bench
