#include "cedar/entity_json.hpp"

#include "cedar/extension.hpp"

namespace reeve::cedar {
namespace {

std::unexpected<Error> bad(std::string message) {
  return fail(Errc::invalid, std::move(message));
}

Result<Json const*> member(Json const& object, std::string_view key) {
  if (auto const* found = object.find(key)) return found;
  return bad("the member " + quoted(key) + " is missing");
}

Result<std::string> text_member(Json const& object, std::string_view key) {
  auto const* found = TRY(member(object, key));
  if (auto const* text = found->text()) return *text;
  return bad("the member " + quoted(key) + " must be text");
}

Result<Value> extension_from_json(Json const& json) {
  if (!json.object()) return bad("`__extn` must hold an object");
  auto const called = TRY(text_member(json, "fn"));
  auto const* function = find_function(called);
  if (!function) return bad("there is no extension function " + quoted(called));
  Values args;
  auto const* list = json.find("args");
  if (list && list->array()) {
    for (auto const& arg : *list->array()) args.push_back(TRY(value_from_json(arg)));
  } else {
    auto const* arg = TRY(member(json, "arg"));
    args.push_back(TRY(value_from_json(*arg)));
  }
  return call_function(*function, args);
}

Result<Value> object_from_json(Json const& json) {
  if (auto const* uid = json.find("__entity")) return Value(TRY(entity_uid_from_json(*uid)));
  if (auto const* call = json.find("__extn")) return extension_from_json(*call);
  if (json.find("__expr")) return bad("`__expr` is no longer supported");
  return Value(TRY(record_from_json(json)));
}

Result<std::vector<EntityUid>> parents_from_json(Json const& json) {
  std::vector<EntityUid> out;
  if (!json.array()) return bad("`parents` must be an array");
  for (auto const& parent : *json.array()) out.push_back(TRY(entity_uid_from_json(parent)));
  return out;
}

}  // namespace

Result<EntityUid> entity_uid_from_json(Json const& json) {
  if (auto const* inner = json.find("__entity")) return entity_uid_from_json(*inner);
  if (!json.object()) return bad("an entity is {\"type\": …, \"id\": …}");
  EntityUid uid;
  uid.type = TRY(text_member(json, "type"));
  uid.id = TRY(text_member(json, "id"));
  if (!is_name(uid.type)) return bad(quoted(uid.type) + " is no name of an entity type");
  return uid;
}

Result<Value> value_from_json(Json const& json) {
  if (auto const* yes = json.boolean()) return Value(*yes);
  if (auto const* number = json.integer()) return Value(*number);
  if (auto const* text = json.text()) return Value(*text);
  if (auto const* items = json.array()) {
    Values values;
    for (auto const& item : *items) values.push_back(TRY(value_from_json(item)));
    return Value(Set(std::move(values)));
  }
  if (json.object()) return object_from_json(json);
  return bad(json.is_null() ? "null is no value of the language"
                            : "only whole numbers of 64 bits are values of the language");
}

Result<Record> record_from_json(Json const& json) {
  if (!json.object()) return bad("expected an object");
  Fields fields;
  for (auto const& [key, value] : *json.object()) {
    auto read = TRY_DURING(value_from_json(value), "read " + quoted(key));
    fields.push_back({key, std::move(read)});
  }
  return Record(std::move(fields));
}

Result<Entity> entity_from_json(Json const& json) {
  Entity entity;
  auto const* uid = TRY(member(json, "uid"));
  entity.uid = TRY_DURING(entity_uid_from_json(*uid), "read `uid`");
  auto const* attributes = TRY(member(json, "attrs"));
  entity.attributes = TRY_DURING(record_from_json(*attributes), "read " + to_string(entity.uid));
  auto const* parents = TRY(member(json, "parents"));
  entity.parents = TRY_DURING(parents_from_json(*parents), "read " + to_string(entity.uid));
  if (auto const* tags = json.find("tags"))
    entity.tags = TRY_DURING(record_from_json(*tags), "read " + to_string(entity.uid));
  return entity;
}

Result<Entities> entities_from_json(Json const& json) {
  if (!json.array()) return bad("entities are an array");
  std::vector<Entity> all;
  for (auto const& item : *json.array()) all.push_back(TRY(entity_from_json(item)));
  return Entities::make(std::move(all));
}

Result<Entities> parse_entities(std::string_view text) {
  return entities_from_json(TRY(parse_json(text, entity_json_limits)));
}

Result<Request> request_from_json(Json const& json) {
  Request out;
  auto const uid = [&](std::string_view key) -> Result<EntityUid> {
    auto const* found = TRY(member(json, key));
    return TRY_DURING(entity_uid_from_json(*found), "read `" + std::string(key) + "`");
  };
  out.principal = TRY(uid("principal"));
  out.action = TRY(uid("action"));
  out.resource = TRY(uid("resource"));
  auto const* context = TRY(member(json, "context"));
  out.context = TRY_DURING(record_from_json(*context), "read `context`");
  return out;
}

Json to_json_value(EntityUid const& uid) {
  Json out;
  out.add("type", uid.type).add("id", uid.id);
  return out;
}

Json to_json_value(Value const& value) {
  Json out;
  switch (value.kind()) {
    case Kind::boolean: return *value.boolean();
    case Kind::number: return *value.number();
    case Kind::text: return *value.text();
    case Kind::entity: return out.add("__entity", to_json_value(*value.entity()));
    case Kind::record: return to_json_value(*value.record());
    case Kind::set: {
      Json::Array items;
      for (auto const& item : value.set()->items()) items.push_back(to_json_value(item));
      return items;
    }
    case Kind::ip:
    case Kind::decimal:
    case Kind::datetime:
    case Kind::duration: break;
  }
  auto const made = construction(value);
  Json call;
  if (made.text.empty()) {  // a datetime no literal reaches: from 1970 by a duration
    Json::Array args = {to_json_value(Value(Datetime{0})),
                        to_json_value(Value(Duration{value.datetime()->ms}))};
    call.add("fn", "offset").add("args", std::move(args));
    return out.add("__extn", std::move(call));
  }
  call.add("fn", describe(made.function).name).add("arg", made.text);
  return out.add("__extn", std::move(call));
}

Json to_json_value(Record const& record) {
  Json out{Json::Object{}};
  for (auto const& field : record.fields()) out.add(field.name, to_json_value(field.value));
  return out;
}

Json to_json_value(Entity const& entity) {
  Json::Array parents;
  for (auto const& parent : entity.parents) parents.push_back(to_json_value(parent));
  Json out;
  out.add("uid", to_json_value(entity.uid)).add("attrs", to_json_value(entity.attributes));
  out.add("parents", std::move(parents));
  if (!entity.tags.fields().empty()) out.add("tags", to_json_value(entity.tags));
  return out;
}

Json to_json_value(Entities const& entities) {
  Json::Array out;
  for (auto const& entity : entities.all()) out.push_back(to_json_value(entity));
  return out;
}

}  // namespace reeve::cedar
