#pragma once

#include "base/time.hpp"

namespace reeve {

/// The wall clock. Called where the program is put together and nowhere else: everything below is
/// given its clock, so that tests can give another.
Instant system_now();

}  // namespace reeve
