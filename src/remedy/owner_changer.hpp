#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/time.hpp"
#include "connect/action.hpp"

namespace reeve::sql {
class Store;
}

namespace reeve::remedy {

/// Decisions about owners as a world that plans change: action "assign_owner", subject: native_id
/// of an identity at `source`, parameters person_source, person (native_id), name, role, by.
/// `state` outlives it.
std::unique_ptr<connect::Changer> make_owner_changer(std::string source, sql::Store& state,
                                                     std::function<Instant()> now);

}  // namespace reeve::remedy
