#pragma once

#include <vector>

#include "connect/settings.hpp"

namespace reeve {

/// Every kind of source this program knows.
std::vector<connect::Kind> connectors();

}  // namespace reeve
