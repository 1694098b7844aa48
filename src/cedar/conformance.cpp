#include "cedar/conformance.hpp"

#include <algorithm>

#include "cedar/extension.hpp"
#include "cedar/print.hpp"

namespace reeve::cedar {
namespace {

using K = Type::Kind;

std::unexpected<Error> bad(std::string message) {
  return fail(Errc::invalid, std::move(message));
}
std::unexpected<Error> mistyped(Value const& value, Type const& type) {
  auto const* uid = value.entity();
  return bad("expected " + to_string(type) + ", found " +
             (uid ? to_string(*uid) : std::string(name(value.kind()))));
}

/// Kinds that are right or wrong by themselves.
bool simple_match(Value const& value, Type const& type) {
  switch (type.kind) {
    case K::yes: return value == Value(true);
    case K::no: return value == Value(false);
    case K::boolean: return value.kind() == Kind::boolean;
    case K::number: return value.kind() == Kind::number;
    case K::text: return value.kind() == Kind::text;
    case K::extension: return value.kind() == type.extension;
    case K::entity:
      return value.entity() &&
             (type.entities.empty() || type.entities.contains(value.entity()->type));
    case K::never:
    case K::set:
    case K::record: break;
  }
  return false;
}

Result<> check_record(Record const& record, TypeFields const& fields, bool open,
                      std::string_view what) {
  for (auto const& [name, field] : fields) {
    auto const* value = record.find(name);
    if (!value && field.required)
      return bad("the " + std::string(what) + " " + quoted(name) + " is missing");
    if (value) TRY_DURING(check_value(*value, *field.type), "check " + quoted(name));
  }
  for (auto const& field : record.fields())
    if (!open && !fields.contains(field.name))
      return bad("the schema has no " + std::string(what) + " " + quoted(field.name));
  return {};
}

Result<> check_choice(EntityUid const& uid, Schema const& schema) {
  auto const* info = schema.find(uid.type);
  if (info && info->choices && !info->choices->contains(uid.id))
    return bad("the enumerated type " + uid.type + " has no " + quoted(uid.id));
  return {};
}

/// Every uid inside a value: choices of enumerated types, and types and actions that exist.
Result<> check_uids(Value const& value, Schema const& schema) {
  if (auto const* uid = value.entity()) {
    if (is_action_type(uid->type) && !schema.find(*uid))
      return bad("the schema has no action " + to_string(*uid));
    return check_choice(*uid, schema);
  }
  if (auto const* set = value.set())
    for (auto const& item : set->items()) TRY(check_uids(item, schema));
  if (auto const* record = value.record())
    for (auto const& field : record->fields()) TRY(check_uids(field.value, schema));
  return {};
}

Result<> check_action(Entity const& entity, std::set<EntityUid> const& ancestors,
                      Schema const& schema) {
  auto const* info = schema.find(entity.uid);
  if (!info) return bad("the schema has no action " + to_string(entity.uid));
  bool const plain = entity.attributes.fields().empty() && entity.tags.fields().empty();
  if (plain && ancestors == info->ancestors) return {};
  return bad("the action " + to_string(entity.uid) + " differs from the schema's");
}

Result<Record> record_from_json(Json const& json, TypeFields const& fields, TypePtr const& rest) {
  if (!json.object()) return bad("expected an object");
  Fields out;
  for (auto const& [key, value] : *json.object()) {
    auto const it = fields.find(key);
    auto const* type = it != fields.end() ? it->second.type.get() : rest.get();
    auto read = type ? value_from_json(value, *type) : value_from_json(value);
    auto made = TRY_DURING(std::move(read), "read " + quoted(key));
    out.push_back({key, std::move(made)});
  }
  return Record(std::move(out));
}

Function constructor_of(Kind extension) {
  switch (extension) {
    case Kind::ip: return Function::ip;
    case Kind::decimal: return Function::decimal;
    case Kind::datetime: return Function::datetime;
    default: return Function::duration;
  }
}

/// Text, or `{fn, arg}`, where the schema wants an extension value.
Result<Value> extension_from_json(Json const& json, Kind extension) {
  if (auto const* text = json.text()) {
    Value const arg(*text);
    return call_function(constructor_of(extension), std::span(&arg, 1));
  }
  if (json.object() && json.find("fn") && !json.find("__extn")) {
    Json wrapped;
    wrapped.add("__extn", json);
    return value_from_json(wrapped);
  }
  return value_from_json(json);
}

Result<Entity> read_entity(Json const& json, Schema const& schema) {
  static TypeFields const no_fields;
  if (!json.object() || !json.find("uid")) return entity_from_json(json);
  auto const uid = TRY_DURING(entity_uid_from_json(*json.find("uid")), "read `uid`");
  auto const* info = schema.find(uid.type);
  Json plain;  // what needs no schema is read by the reader without
  for (auto const& [key, value] : *json.object())
    plain.add(key,
              (key == "attrs" || key == "tags") && value.object() ? Json(Json::Object{}) : value);
  auto entity = TRY(entity_from_json(plain));
  auto const where = "read " + to_string(uid);
  entity.attributes = TRY_DURING(
      record_from_json(*json.find("attrs"), info ? info->fields : no_fields, nullptr), where);
  if (auto const* tags = json.find("tags"))
    entity.tags =
        TRY_DURING(record_from_json(*tags, no_fields, info ? info->tags : nullptr), where);
  return entity;
}

}  // namespace

Result<> check_value(Value const& value, Type const& type) {
  if (type.kind == K::set && value.set()) {
    for (auto const& item : value.set()->items())
      if (type.element) TRY(check_value(item, *type.element));
    return {};
  }
  if (type.kind == K::record && value.record())
    return check_record(*value.record(), type.fields, type.open, "attribute");
  if (!simple_match(value, type)) return mistyped(value, type);
  return {};
}

Result<> check_entity(Entity const& entity, Schema const& schema) {
  auto const& type = entity.uid.type;
  if (is_action_type(type))
    return check_action(entity, {entity.parents.begin(), entity.parents.end()}, schema);
  auto const* info = schema.find(type);
  if (!info) return bad("the schema has no entity type `" + type + "`");
  auto const where = "check " + to_string(entity.uid);
  TRY_DURING(check_choice(entity.uid, schema), where);
  for (auto const& parent : entity.parents) {
    if (!info->ancestors.contains(parent.type))
      return bad(to_string(entity.uid) + " cannot be in " + to_string(parent));
    TRY_DURING(check_choice(parent, schema), where);
  }
  TRY_DURING(check_record(entity.attributes, info->fields, false, "attribute"), where);
  TRY_DURING(check_uids(entity.attributes, schema), where);
  for (auto const& tag : entity.tags.fields()) {
    if (!info->tags) return bad(to_string(entity.uid) + " cannot have tags");
    TRY_DURING(check_value(tag.value, *info->tags), "check the tag " + quoted(tag.name));
    TRY_DURING(check_uids(tag.value, schema), where);
  }
  return {};
}

Result<> check_request(Request const& request, Schema const& schema) {
  auto const* action = schema.find(request.action);
  for (auto const* uid : {&request.principal, &request.resource}) {
    if (!schema.find(uid->type)) return bad("the schema has no entity type `" + uid->type + "`");
    TRY(check_choice(*uid, schema));
  }
  if (!action) return bad("the schema has no action " + to_string(request.action));
  if (!action->principals.contains(request.principal.type))
    return bad("a principal of type " + request.principal.type + " is not valid for " +
               to_string(request.action));
  if (!action->resources.contains(request.resource.type))
    return bad("a resource of type " + request.resource.type + " is not valid for " +
               to_string(request.action));
  TRY_DURING(check_value(request.context, *action->context), "check the context");
  return check_uids(request.context, schema);
}

Result<Value> value_from_json(Json const& json, Type const& type) {
  if (type.kind == K::extension) return extension_from_json(json, type.extension);
  if (type.kind == K::entity) {
    if (!json.object() || json.find("__extn")) return bad("expected an entity");
    return Value(TRY(entity_uid_from_json(json)));
  }
  if (type.kind == K::set && json.array() && type.element) {
    Values items;
    for (auto const& item : *json.array())
      items.push_back(TRY(value_from_json(item, *type.element)));
    return Value(Set(std::move(items)));
  }
  if (type.kind == K::record && json.object())
    return Value(TRY(record_from_json(json, type.fields, nullptr)));
  return value_from_json(json);
}

Result<Entity> entity_from_json(Json const& json, Schema const& schema) {
  auto entity = TRY(read_entity(json, schema));
  TRY(check_entity(entity, schema));
  return entity;
}

std::vector<Entity> action_entities(Schema const& schema) {
  std::vector<Entity> out;
  out.reserve(schema.actions.size());
  for (auto const& [uid, info] : schema.actions)
    out.push_back({.uid = uid, .parents = {info.parents.begin(), info.parents.end()}});
  return out;
}

Result<Entities> entities_from_json(Json const& json, Schema const& schema) {
  if (!json.array()) return bad("entities are an array");
  std::vector<Entity> all;
  std::set<EntityUid> actions;
  for (auto const& item : *json.array()) {
    auto entity = TRY(read_entity(item, schema));
    if (is_action_type(entity.uid.type))
      actions.insert(entity.uid);
    else
      TRY(check_entity(entity, schema));
    all.push_back(std::move(entity));
  }
  for (auto& entity : action_entities(schema))
    if (!actions.contains(entity.uid)) all.push_back(std::move(entity));
  auto out = TRY(Entities::make(std::move(all)));
  for (auto const& uid : actions) {
    std::set<EntityUid> ancestors;
    for (auto const* ancestor : out.ancestors(uid)) ancestors.insert(*ancestor);
    TRY(check_action(*out.find(uid), ancestors, schema));
  }
  return out;
}

Result<Request> request_from_json(Json const& json, Schema const& schema) {
  if (!json.object()) return bad("a request is an object");
  Json plain;
  for (auto const& [key, value] : *json.object())
    plain.add(key, key == "context" && value.object() ? Json(Json::Object{}) : value);
  auto request = TRY(request_from_json(plain));
  auto const* action = schema.find(request.action);
  static TypeFields const no_fields;
  request.context =
      TRY_DURING(record_from_json(*json.find("context"),
                                  action ? action->context->fields : no_fields, nullptr),
                 "read `context`");
  TRY(check_request(request, schema));
  return request;
}

}  // namespace reeve::cedar
