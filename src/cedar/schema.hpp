// Schemas as they are written, in either form (cedar-docs "schema syntax"; RFC 24, 52, 70): names
// are not looked up yet. `resolve.hpp` makes of it what validation reads.
//
//   namespace N { entity A, B in [C] = { a: Long, b?: Set<T> } tags String;   entity E enum ["x"];
//                 type T = { … };   action x, "y z" in [g] appliesTo { principal: [A], resource: B,
//                 context: T }; }
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "cedar/policy.hpp"

namespace reeve::cedar {

struct SchemaField;

/// A type as written.
struct SchemaType {
  enum class Kind : std::uint8_t {
    entity_or_common,  ///< `name`, to be found: common type, entity type, then built-in.
    entity,            ///< JSON {"type": "Entity"}.
    common,            ///< JSON {"type": "MyType"}.
    boolean,           ///< JSON's primitives and extensions, which need no looking up.
    number,
    text,
    extension,
    set,
    record,
  } kind = Kind::record;
  std::string name;
  std::vector<SchemaType> element;  ///< One for `set`.
  std::vector<SchemaField> fields;  ///< For `record`, in the order of the text; names unique.

  bool operator==(SchemaType const&) const;
};

struct SchemaField {
  std::string name;
  SchemaType type;
  bool required = true;
  std::vector<Annotation> annotations = {};

  bool operator==(SchemaField const&) const = default;
};

struct SchemaEntity {
  std::vector<std::string> parents = {};  ///< Types it may be a member of.
  SchemaType shape = {};                  ///< A record, or the name of one.
  std::optional<SchemaType> tags = {};    ///< Empty: no tags allowed.
  std::vector<std::string> choices = {};  ///< Not empty: an enumerated type.
  std::vector<Annotation> annotations = {};

  bool operator==(SchemaEntity const&) const = default;
};

struct SchemaActionRef {
  std::string type;  ///< Empty: `Action` of the same namespace.
  std::string id;

  bool operator==(SchemaActionRef const&) const = default;
};

struct SchemaAction {
  std::vector<SchemaActionRef> groups = {};
  bool applies = true;  ///< False: no appliesTo was written.
  std::vector<std::string> principals = {};
  std::vector<std::string> resources = {};
  SchemaType context = {};
  std::vector<Annotation> annotations = {};

  bool operator==(SchemaAction const&) const = default;
};

struct SchemaCommon {
  SchemaType type;
  std::vector<Annotation> annotations = {};

  bool operator==(SchemaCommon const&) const = default;
};

struct SchemaSpace {
  std::map<std::string, SchemaCommon, std::less<>> commons;
  std::map<std::string, SchemaEntity, std::less<>> entities;
  std::map<std::string, SchemaAction, std::less<>> actions;
  std::vector<Annotation> annotations;

  bool operator==(SchemaSpace const&) const = default;
};

/// By namespace; "" is the one without a name.
using SchemaText = std::map<std::string, SchemaSpace, std::less<>>;

/// The Cedar form. Errors: invalid, with the place of each mistake.
Result<SchemaText> parse_schema(std::string_view text);
std::string to_string(SchemaText const& schema);

/// The JSON form. Errors: invalid.
Result<SchemaText> schema_from_json(Json const& json);
Json to_schema_json(SchemaText const& schema);

}  // namespace reeve::cedar
