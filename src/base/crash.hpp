#pragma once

#include <string_view>

namespace reeve {

/// Where a test may kill us: when the environment says REEVE_CRASH_AT=<place>, the process ends
/// here by SIGKILL, with no handler, flush or destructor, as in a power cut. Costs one comparison
/// otherwise. The places are named in docs/assurance.md.
void crash_point(std::string_view place);

}  // namespace reeve
