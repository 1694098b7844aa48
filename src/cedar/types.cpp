#include "cedar/types.hpp"

#include <algorithm>

namespace reeve::cedar {
namespace {

using K = Type::Kind;

bool boolean(K kind) {
  return kind == K::yes || kind == K::no || kind == K::boolean;
}

bool fields_subtype(Type const& a, Type const& b, Mode mode) {
  for (auto const& [name, wanted] : b.fields) {
    auto const it = a.fields.find(name);
    if (it == a.fields.end()) return false;
    auto const& mine = it->second;
    bool const fits =
        mode == Mode::strict ? mine.required == wanted.required : mine.required || !wanted.required;
    if (!fits || !is_subtype(*mine.type, *wanted.type, mode)) return false;
  }
  return true;
}

bool record_subtype(Type const& a, Type const& b, Mode mode) {
  if (a.open && !b.open) return false;
  bool const wide = b.open && mode == Mode::permissive;
  return (wide || a.fields.size() == b.fields.size()) && fields_subtype(a, b, mode);
}

bool entity_subtype(Type const& a, Type const& b, Mode mode) {
  if (mode == Mode::strict) return a.entities == b.entities;
  if (b.entities.empty()) return true;
  return !a.entities.empty() &&
         std::includes(b.entities.begin(), b.entities.end(), a.entities.begin(), a.entities.end());
}

/// Empty in strict mode: the records do not fit.
std::optional<TypeFields> fields_bound(Type const& a, Type const& b, Mode mode) {
  TypeFields out;
  if (mode == Mode::strict && a.fields.size() != b.fields.size()) return {};
  for (auto const& [name, mine] : a.fields) {
    auto const it = b.fields.find(name);
    auto const bound =
        it == b.fields.end() ? nullptr : least_upper_bound(mine.type, it->second.type, mode);
    bool const same = bound && mine.required == it->second.required;
    if (mode == Mode::strict && !same) return {};
    if (bound) out[name] = {bound, mine.required && it->second.required};
  }
  return out;
}

TypePtr record_bound(Type const& a, Type const& b, Mode mode) {
  auto fields = fields_bound(a, b, mode);
  if (!fields) return nullptr;
  std::set<std::string> all;
  for (auto const& [name, field] : a.fields) all.insert(name);
  for (auto const& [name, field] : b.fields) all.insert(name);
  bool const open = a.open || b.open || fields->size() != all.size();
  return std::make_shared<Type const>(
      Type{.kind = K::record, .fields = *std::move(fields), .open = open});
}

TypePtr entity_bound(Type const& a, Type const& b, Mode mode) {
  if (mode == Mode::strict) return nullptr;  // equal ones are subtypes and were met before
  Type out{.kind = K::entity};
  if (a.entities.empty() || b.entities.empty()) return std::make_shared<Type const>(out);
  out.entities = a.entities;
  out.entities.insert(b.entities.begin(), b.entities.end());
  return std::make_shared<Type const>(std::move(out));
}

}  // namespace

bool TypeField::operator==(TypeField const& o) const {
  return required == o.required && *type == *o.type;
}
bool Type::operator==(Type const& o) const {
  if (kind != o.kind || entities != o.entities || fields != o.fields || open != o.open)
    return false;
  if (kind == K::extension) return extension == o.extension;
  return element && o.element ? *element == *o.element : !element && !o.element;
}

TypePtr type_of(Type::Kind kind) {
  return std::make_shared<Type const>(Type{.kind = kind});
}
TypePtr entity_type_of(std::string name) {
  return std::make_shared<Type const>(Type{.kind = K::entity, .entities = {std::move(name)}});
}
TypePtr set_type_of(TypePtr element) {
  return std::make_shared<Type const>(Type{.kind = K::set, .element = std::move(element)});
}
TypePtr record_type_of(TypeFields fields) {
  return std::make_shared<Type const>(Type{.kind = K::record, .fields = std::move(fields)});
}
TypePtr extension_type_of(cedar::Kind extension) {
  return std::make_shared<Type const>(Type{.kind = K::extension, .extension = extension});
}

std::string to_string(Type const& type) {
  switch (type.kind) {
    case K::never: return "nothing";
    case K::yes: return "true";
    case K::no: return "false";
    case K::boolean: return "Bool";
    case K::number: return "Long";
    case K::text: return "String";
    case K::extension: return std::string(name(type.extension));
    case K::set: return "Set<" + (type.element ? to_string(*type.element) : "") + ">";
    case K::entity: {
      std::string out;
      for (auto const& entity : type.entities) out += (out.empty() ? "" : " or ") + entity;
      return out.empty() ? "an entity" : out;
    }
    case K::record: break;
  }
  std::string out = "{";
  for (auto const& [name, field] : type.fields)
    out += (out.size() > 1 ? ", " : "") + name + (field.required ? ": " : "?: ") +
           to_string(*field.type);
  return out + (type.open ? ", …}" : "}");
}

bool is_subtype(Type const& a, Type const& b, Mode mode) {
  if (a.kind == K::never) return true;
  if (boolean(a.kind) && b.kind == K::boolean) return true;
  if (a.kind != b.kind) return false;
  switch (a.kind) {
    case K::set: return !b.element || (a.element && is_subtype(*a.element, *b.element, mode));
    case K::record: return record_subtype(a, b, mode);
    case K::entity: return entity_subtype(a, b, mode);
    case K::extension: return a.extension == b.extension;
    case K::never:
    case K::yes:
    case K::no:
    case K::boolean:
    case K::number:
    case K::text: return true;
  }
  return false;
}

TypePtr least_upper_bound(TypePtr const& a, TypePtr const& b, Mode mode) {
  if (is_subtype(*a, *b, mode)) return b;
  if (is_subtype(*b, *a, mode)) return a;
  if (boolean(a->kind) && boolean(b->kind)) return type_of(K::boolean);
  if (a->kind != b->kind) return nullptr;
  if (a->kind == K::record) return record_bound(*a, *b, mode);
  if (a->kind == K::entity) return entity_bound(*a, *b, mode);
  if (a->kind != K::set) return nullptr;
  if (!a->element || !b->element) return set_type_of(nullptr);
  auto element = least_upper_bound(a->element, b->element, mode);
  return element ? set_type_of(std::move(element)) : nullptr;
}

bool is_action_type(std::string_view type) {
  return type == "Action" || type.ends_with("::Action");
}

EntityTypeInfo const* Schema::find(std::string_view type) const {
  auto const it = entities.find(type);
  return it == entities.end() ? nullptr : &it->second;
}
ActionInfo const* Schema::find(EntityUid const& action) const {
  auto const it = actions.find(action);
  return it == actions.end() ? nullptr : &it->second;
}
bool Schema::knows_type(std::string_view type) const {
  return is_action_type(type) || find(type) != nullptr;
}

}  // namespace reeve::cedar
