#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "model/coverage.hpp"

namespace reeve {

/// What a field holds, wherever it is shown: JSON, tables, docs, the JSON Schema of the export.
enum class FieldType : std::uint8_t { text, boolean, integer, instant, list, mode };

/// One field of a class, as model/fields.hpp lists it.
struct FieldInfo {
  std::string_view name;
  FieldType type{};
  bool known = false;  ///< A Known: absent where it is not reported, null where there is none.
};

/// The fields of a class in the order of its columns, without source and native_id.
std::span<FieldInfo const> fields(ObjectClass object_class);
/// Objects of the class belong to an identity: column identity_id.
bool has_identity(ObjectClass object_class);
/// "nhi_", "cred_".
std::string_view id_prefix(ObjectClass object_class);

}  // namespace reeve
