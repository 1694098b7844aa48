// The JSON form of schemas, both ways, in the normal form of the reference: an empty context and an
// empty shape are left out, an action without appliesTo is written with two empty lists.

#include <algorithm>
#include <initializer_list>

#include "cedar/schema.hpp"

namespace reeve::cedar {
namespace {

using Kind = SchemaType::Kind;

std::unexpected<Error> bad(std::string message) {
  return fail(Errc::invalid, std::move(message));
}

Result<> only(Json const& json, std::initializer_list<std::string_view> known) {
  if (!json.object()) return bad("expected an object");
  for (auto const& [key, value] : *json.object())
    if (std::find(known.begin(), known.end(), key) == known.end())
      return bad("the member " + quoted(key) + " is unknown");
  return {};
}

Result<std::string> text_at(Json const& json, std::string_view key) {
  auto const* found = json.find(key);
  if (!found || !found->text()) return bad("the member " + quoted(key) + " must be text");
  return *found->text();
}

Result<std::vector<std::string>> names_at(Json const& json, std::string_view key) {
  std::vector<std::string> out;
  auto const* found = json.find(key);
  if (!found) return out;
  if (!found->array()) return bad("the member " + quoted(key) + " must be an array");
  for (auto const& item : *found->array()) {
    if (!item.text()) return bad("the member " + quoted(key) + " holds text");
    out.push_back(*item.text());
  }
  return out;
}

Result<std::vector<Annotation>> annotations(Json const& json) {
  std::vector<Annotation> out;
  auto const* found = json.find("annotations");
  if (!found) return out;
  if (!found->object()) return bad("`annotations` is an object");
  for (auto const& [key, value] : *found->object()) {
    if (!is_identifier(key) || (!value.is_null() && !value.text()))
      return bad("a bad annotation: " + quoted(key));
    out.push_back({key, value.text() ? std::optional(*value.text()) : std::nullopt});
  }
  return out;
}

Result<SchemaType> type_from(Json const& json, bool is_field);

Result<SchemaType> record_from(Json const& json) {
  SchemaType out;
  if (auto const* open = json.find("additionalAttributes");
      open && (!open->boolean() || *open->boolean()))
    return bad("records with additional attributes are not supported");
  auto const* fields = json.find("attributes");
  if (!fields || !fields->object()) return bad("a record has `attributes`");
  for (auto const& [name, value] : *fields->object()) {
    SchemaField field{.name = name, .type = {}};
    field.type =
        TRY_DURING(type_from(value, /*is_field=*/true), "read the attribute " + quoted(name));
    if (auto const* required = value.find("required")) {
      if (!required->boolean()) return bad("`required` is a boolean");
      field.required = *required->boolean();
    }
    field.annotations = TRY(annotations(value));
    out.fields.push_back(std::move(field));
  }
  return out;
}

Result<> members_for(Json const& json, std::string_view extra, std::string_view also,
                     bool is_field) {
  if (is_field) return only(json, {"type", extra, also, "required", "annotations"});
  return only(json, {"type", extra, also, "annotations"});
}

Result<SchemaType> type_from(Json const& json, bool is_field) {
  if (!json.object()) return bad("a type is an object");
  auto const type = TRY(text_at(json, "type"));
  if (type == "Set") {
    TRY(members_for(json, "element", "element", is_field));
    if (!json.find("element")) return bad("a set has an `element`");
    SchemaType out{.kind = Kind::set};
    out.element.push_back(TRY(type_from(*json.find("element"), false)));
    return out;
  }
  if (type == "Record") {
    TRY(members_for(json, "attributes", "additionalAttributes", is_field));
    return record_from(json);
  }
  if (type == "Entity" || type == "EntityOrCommon" || type == "Extension") {
    TRY(members_for(json, "name", "name", is_field));
    SchemaType out{.kind = type == "Entity"      ? Kind::entity
                           : type == "Extension" ? Kind::extension
                                                 : Kind::entity_or_common};
    out.name = TRY(text_at(json, "name"));
    auto const plain = out.name.starts_with("__cedar::") ? out.name.substr(9) : out.name;
    if (!is_name(plain)) return bad(quoted(out.name) + " is no name of a type");
    return out;
  }
  TRY(members_for(json, "type", "type", is_field));
  if (type == "Long") return SchemaType{.kind = Kind::number};
  if (type == "String") return SchemaType{.kind = Kind::text};
  if (type == "Boolean" || type == "Bool") return SchemaType{.kind = Kind::boolean};
  auto const plain = type.starts_with("__cedar::") ? type.substr(9) : type;
  if (!is_name(plain)) return bad(quoted(type) + " is no name of a type");
  return SchemaType{.kind = Kind::common, .name = type};
}

Result<SchemaEntity> entity_from(Json const& json) {
  TRY(only(json, {"memberOfTypes", "shape", "tags", "enum", "annotations"}));
  SchemaEntity out;
  out.annotations = TRY(annotations(json));
  if (json.find("enum")) {
    TRY(only(json, {"enum", "annotations"}));
    out.choices = TRY(names_at(json, "enum"));
    if (out.choices.empty()) return bad("an enumerated type needs a choice");
    return out;
  }
  out.parents = TRY(names_at(json, "memberOfTypes"));
  if (auto const* shape = json.find("shape"))
    out.shape = TRY_DURING(type_from(*shape, false), "read `shape`");
  if (auto const* tags = json.find("tags"))
    out.tags = TRY_DURING(type_from(*tags, false), "read `tags`");
  return out;
}

Result<SchemaAction> action_from(Json const& json) {
  TRY(only(json, {"memberOf", "appliesTo", "attributes", "annotations"}));
  SchemaAction out{.applies = false};
  out.annotations = TRY(annotations(json));
  if (auto const* groups = json.find("memberOf"); groups && !groups->is_null()) {
    if (!groups->array()) return bad("`memberOf` is an array");
    for (auto const& group : *groups->array()) {
      TRY(only(group, {"id", "type"}));
      SchemaActionRef ref;
      ref.id = TRY(text_at(group, "id"));
      if (group.find("type")) ref.type = TRY(text_at(group, "type"));
      out.groups.push_back(std::move(ref));
    }
  }
  auto const* applies = json.find("appliesTo");
  if (!applies || applies->is_null()) return out;
  TRY(only(*applies, {"principalTypes", "resourceTypes", "context"}));
  if (!applies->find("principalTypes") || !applies->find("resourceTypes"))
    return bad("`appliesTo` needs `principalTypes` and `resourceTypes`");
  out.principals = TRY(names_at(*applies, "principalTypes"));
  out.resources = TRY(names_at(*applies, "resourceTypes"));
  out.applies = !out.principals.empty() || !out.resources.empty();
  if (auto const* context = applies->find("context"))
    out.context = TRY_DURING(type_from(*context, false), "read `context`");
  return out;
}

Result<SchemaCommon> common_from(Json const& json) {
  SchemaCommon common;
  common.type = TRY(type_from(json, false));
  common.annotations = TRY(annotations(json));
  return common;
}

template <class T, class Read>
Result<> read_all(Json const& json, std::string_view key,
                  std::map<std::string, T, std::less<>>& out, Read read) {
  auto const* found = json.find(key);
  if (!found) return {};
  if (!found->object()) return bad(quoted(key) + " is an object");
  for (auto const& [name, value] : *found->object())
    out.emplace(name, TRY_DURING(read(value), "read " + std::string(key) + " " + quoted(name)));
  return {};
}

Result<SchemaSpace> space_from(Json const& json) {
  TRY(only(json, {"entityTypes", "actions", "commonTypes", "annotations"}));
  if (!json.find("entityTypes") || !json.find("actions"))
    return bad("a namespace has `entityTypes` and `actions`");
  SchemaSpace out;
  out.annotations = TRY(annotations(json));
  TRY(read_all(json, "entityTypes", out.entities, entity_from));
  TRY(read_all(json, "actions", out.actions, action_from));
  TRY(read_all(json, "commonTypes", out.commons, common_from));
  for (auto const& [name, entity] : out.entities)
    if (!is_identifier(name) || is_reserved(name))
      return bad(quoted(name) + " is no name of an entity type");
  constexpr std::string_view taken[] = {"Bool", "Boolean", "Long",   "String",
                                        "Set",  "Record",  "Entity", "Extension"};
  for (auto const& [name, common] : out.commons)
    if (!is_identifier(name) || is_reserved(name) ||
        std::find(std::begin(taken), std::end(taken), name) != std::end(taken))
      return bad(quoted(name) + " cannot be the name of a common type");
  return out;
}

// ── to JSON ──

void add_annotations(Json& out, std::vector<Annotation> const& annotations) {
  if (annotations.empty()) return;
  Json notes;
  for (auto const& a : annotations)
    notes.add(a.key, a.value.value_or(""));  // no value is an empty one here
  out.add("annotations", std::move(notes));
}

Json names_json(std::vector<std::string> const& names) {
  return Json::Array(names.begin(), names.end());
}

Json type_json(SchemaType const& type) {
  Json out;
  switch (type.kind) {
    case Kind::entity_or_common: return out.add("type", "EntityOrCommon").add("name", type.name);
    case Kind::entity: return out.add("type", "Entity").add("name", type.name);
    case Kind::extension: return out.add("type", "Extension").add("name", type.name);
    case Kind::common: return out.add("type", type.name);
    case Kind::boolean: return out.add("type", "Boolean");
    case Kind::number: return out.add("type", "Long");
    case Kind::text: return out.add("type", "String");
    case Kind::set: return out.add("type", "Set").add("element", type_json(type.element[0]));
    case Kind::record: break;
  }
  Json fields{Json::Object{}};
  for (auto const& field : type.fields) {
    auto one = type_json(field.type);
    if (!field.required) one.add("required", false);
    add_annotations(one, field.annotations);
    fields.add(field.name, std::move(one));
  }
  return out.add("type", "Record").add("attributes", std::move(fields));
}

bool empty_record(SchemaType const& type) {
  return type.kind == Kind::record && type.fields.empty();
}

Json entity_json(SchemaEntity const& entity) {
  Json out{Json::Object{}};
  if (!entity.choices.empty()) {
    out.add("enum", names_json(entity.choices));
  } else {
    if (!entity.parents.empty()) out.add("memberOfTypes", names_json(entity.parents));
    if (!empty_record(entity.shape)) out.add("shape", type_json(entity.shape));
    if (entity.tags) out.add("tags", type_json(*entity.tags));
  }
  add_annotations(out, entity.annotations);
  return out;
}

Json action_json(SchemaAction const& action) {
  Json applies, out;
  applies.add("resourceTypes", names_json(action.resources))
      .add("principalTypes", names_json(action.principals));
  if (!empty_record(action.context)) applies.add("context", type_json(action.context));
  out.add("appliesTo", std::move(applies));
  if (!action.groups.empty()) {
    Json::Array groups;
    for (auto const& group : action.groups) {
      Json one;
      one.add("id", group.id);
      if (!group.type.empty()) one.add("type", group.type);
      groups.push_back(std::move(one));
    }
    out.add("memberOf", std::move(groups));
  }
  add_annotations(out, action.annotations);
  return out;
}

}  // namespace

Result<SchemaText> schema_from_json(Json const& json) {
  if (!json.object()) return bad("a schema is an object");
  SchemaText out;
  for (auto const& [name, space] : *json.object()) {
    if (!name.empty() && !is_name(name)) return bad(quoted(name) + " is no name of a namespace");
    out.emplace(name, TRY_DURING(space_from(space), "read the namespace " + quoted(name)));
  }
  return out;
}

Json to_schema_json(SchemaText const& schema) {
  Json out{Json::Object{}};
  for (auto const& [name, space] : schema) {
    Json one, entities{Json::Object{}}, actions{Json::Object{}}, commons{Json::Object{}};
    for (auto const& [id, common] : space.commons) {
      auto type = type_json(common.type);
      add_annotations(type, common.annotations);
      commons.add(id, std::move(type));
    }
    for (auto const& [id, entity] : space.entities) entities.add(id, entity_json(entity));
    for (auto const& [id, action] : space.actions) actions.add(id, action_json(action));
    if (!space.commons.empty()) one.add("commonTypes", std::move(commons));
    one.add("entityTypes", std::move(entities)).add("actions", std::move(actions));
    add_annotations(one, space.annotations);
    out.add(name, std::move(one));
  }
  return out;
}

}  // namespace reeve::cedar
