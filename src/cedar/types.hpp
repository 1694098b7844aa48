// Types of the validator (cedar-spec, Cedar/Validation/Types.lean), and the schema with all names
// looked up.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cedar/schema.hpp"
#include "cedar/value.hpp"

namespace reeve::cedar {

struct Type;
using TypePtr = std::shared_ptr<Type const>;

struct TypeField {
  TypePtr type;
  bool required = true;

  bool operator==(TypeField const& other) const;
};
using TypeFields = std::map<std::string, TypeField, std::less<>>;

struct Type {
  enum class Kind : std::uint8_t {
    never,
    yes,
    no,
    boolean,
    number,
    text,
    entity,
    set,
    record,
    extension
  } kind = Kind::never;
  std::set<std::string> entities = {};  ///< For `entity`: any of these types. Empty: any at all.
  TypePtr element = {};                 ///< For `set`; null: of anything.
  TypeFields fields = {};               ///< For `record`.
  bool open = false;                    ///< A record that may have more fields.
  cedar::Kind extension = cedar::Kind::ip;

  bool operator==(Type const& other) const;
};

TypePtr type_of(Type::Kind kind);
TypePtr entity_type_of(std::string name);
TypePtr set_type_of(TypePtr element);
TypePtr record_type_of(TypeFields fields);
TypePtr extension_type_of(cedar::Kind extension);
std::string to_string(Type const& type);

enum class Mode : std::uint8_t { strict, permissive };
bool is_subtype(Type const& a, Type const& b, Mode mode);
/// Null: there is none.
TypePtr least_upper_bound(TypePtr const& a, TypePtr const& b, Mode mode);

struct EntityTypeInfo {
  std::set<std::string> ancestors;  ///< Types its members may be in, through any number of steps.
  TypeFields fields;
  TypePtr tags;                                  ///< Null: no tags.
  std::optional<std::set<std::string>> choices;  ///< Of an enumerated type.
};

struct ActionInfo {
  std::set<EntityUid> ancestors;  ///< All groups.
  std::set<EntityUid> parents;    ///< Those it names.
  std::set<std::string> principals, resources;
  TypePtr context;  ///< A record.
};

/// A schema that can be validated against: immutable, all names full.
struct Schema {
  std::map<std::string, EntityTypeInfo, std::less<>> entities;
  std::map<EntityUid, ActionInfo> actions;

  EntityTypeInfo const* find(std::string_view type) const;
  ActionInfo const* find(EntityUid const& action) const;
  bool knows_type(std::string_view type) const;  ///< Also of actions.
};

bool is_action_type(std::string_view type);

/// Looks all names up. Errors: invalid (an unknown or reserved name, a cycle, a name of the empty
/// namespace shadowed by another).
Result<Schema> resolve(SchemaText const& text);

}  // namespace reeve::cedar
