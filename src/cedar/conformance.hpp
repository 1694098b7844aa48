// Entities and requests against a schema (cedar-spec, Cedar/Validation/EnvironmentValidator.lean).
//
// With a schema JSON may be shorter: `{"type", "id"}` where an entity is expected, "10.0.0.1" where
// an ipaddr is. Action entities come from the schema; those in the JSON must be equal to them.
#pragma once

#include "cedar/entity_json.hpp"
#include "cedar/types.hpp"

namespace reeve::cedar {

/// Errors of all: invalid, saying where and what was expected.
Result<> check_value(Value const& value, Type const& type);
Result<> check_entity(Entity const& entity, Schema const& schema);
Result<> check_request(Request const& request, Schema const& schema);

/// Reads what `type` expects; a value of another type is read as it stands, for check_value to
/// name.
Result<Value> value_from_json(Json const& json, Type const& type);
/// Reads and checks one entity alone: of an action, the parents must be all its groups.
Result<Entity> entity_from_json(Json const& json, Schema const& schema);
/// With the schema's actions. Errors: invalid, conflict.
Result<Entities> entities_from_json(Json const& json, Schema const& schema);
Result<Request> request_from_json(Json const& json, Schema const& schema);

/// The actions of the schema as entities.
std::vector<Entity> action_entities(Schema const& schema);

}  // namespace reeve::cedar
