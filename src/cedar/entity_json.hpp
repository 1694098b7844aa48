// Entities, contexts and requests as JSON (cedar-docs "entities and schema syntax").
//
// Without a schema an entity inside a value is `{"__entity": {"type", "id"}}` and an extension
// value
// `{"__extn": {"fn", "arg"}}`. null, numbers with a fraction and repeated keys are errors.
#pragma once

#include <string_view>

#include "base/json.hpp"
#include "base/result.hpp"
#include "cedar/entities.hpp"

namespace reeve::cedar {

/// Limits for JSON that holds entities or policies: depth_max of the language, and room for a large
/// company.
inline constexpr JsonLimits entity_json_limits = {.bytes_max = 1u << 30, .depth_max = depth_max};

/// `{"type": "User", "id": "alice"}`, also inside `__entity`. Errors: invalid.
Result<EntityUid> entity_uid_from_json(Json const& json);
/// Errors: invalid, saying where in the value.
Result<Value> value_from_json(Json const& json);
/// A context, attributes or tags. Errors: invalid.
Result<Record> record_from_json(Json const& json);
Result<Entity> entity_from_json(Json const& json);
/// An array of entities, closed and checked. Errors: invalid, conflict.
Result<Entities> entities_from_json(Json const& json);
Result<Entities> parse_entities(std::string_view text);
/// `principal`, `action`, `resource` as uids, `context` as an object. Errors: invalid.
Result<Request> request_from_json(Json const& json);

Json to_json_value(EntityUid const& uid);
Json to_json_value(Value const& value);
Json to_json_value(Record const& record);
Json to_json_value(Entity const& entity);
Json to_json_value(Entities const& entities);

}  // namespace reeve::cedar
