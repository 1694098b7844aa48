#pragma once

#include "base/result.hpp"
#include "posture/rule.hpp"

namespace reeve {
struct Yaml;
}
namespace reeve::sql {
class Database;
}

namespace reeve::posture {

/// One entry of a rule's `fixtures`. What stands in it, beside `name`, `want` and `subject`:
///   person, identity, resource, credential, grant, sighting, consumer, usage: a map of the fields
///     of that class (the columns of its view), or a list of maps. `id` is the native id and has a
///     default ("ada", "app", "db", "key", …); `source` is "s1" when not said; `identity` is "app".
///     A time is an age ("46d"), "in 30d", or none; a field that is not there is not reported.
///   coverage: {usage: {state: partial, window: 10d, lag: 4h, grain: 1d}}, per class; a class not
///     named is complete. `source` inside it names another source than "s1".
///   owner: {identity: app, person: ada, role: owner, state: accepted}
///   profile: {identity: app, actor: one_person, behaviour: programmatic, contradicts: yes}
/// An identity "app" is there unless identities are given. Errors: invalid, with the line.
Result<Fixture> fixture(Yaml const& yaml);

/// Makes that world in an empty database that has the schema of the inventory.
Result<> build(sql::Database& database, World const& world);

}  // namespace reeve::posture
