#pragma once

#include "base/result.hpp"

namespace reeve::sql {
class Database;
}

namespace reeve::server {

class Service;

/// Goes on with the plans that killed processes left. One that cannot go on says so in its note and
/// stops nobody. Errors: those of the store.
Result<> recover_plans(Service& service);

}  // namespace reeve::server
