// The description of the API (OpenAPI 3.1.0, https://spec.openapis.org/oas/v3.1.0), made from the
// route table and the tables of the inventory: there is nothing in it that the program does not do.
#pragma once

#include "base/json.hpp"

namespace reeve::server {

/// Always the same for one program. Each operation names its action as `x-reeve-action` and the
/// least role that may do it as `x-reeve-role`. Any thread.
Json openapi();

}  // namespace reeve::server
