#include "model/schema.hpp"

#include <array>
#include <vector>

#include "model/fields.hpp"
#include "model/id.hpp"

namespace reeve {
namespace {

template <class T>
constexpr FieldType type_of = FieldType::text;
template <>
constexpr FieldType type_of<bool> = FieldType::boolean;
template <>
constexpr FieldType type_of<std::int64_t> = FieldType::integer;
template <>
constexpr FieldType type_of<Instant> = FieldType::instant;
template <>
constexpr FieldType type_of<std::vector<std::string>> = FieldType::list;
template <>
constexpr FieldType type_of<SightingMode> = FieldType::mode;

struct Collect {
  std::vector<FieldInfo>& out;
  template <class T>
  void operator()(std::string_view name, Known<T> const&) const {
    out.push_back({name, type_of<T>, true});
  }
  template <class T>
  void operator()(std::string_view name, T const&) const {
    out.push_back({name, type_of<T>, false});
  }
};

struct ClassInfo {
  std::vector<FieldInfo> fields;
  bool identity = false;
};

template <class T>
ClassInfo class_info() {
  ClassInfo out;
  T object;
  each_field(object, Collect{out.fields});
  out.identity = named_identity(object) != nullptr;
  return out;
}

ClassInfo const& info(ObjectClass object_class) {
  static std::array<ClassInfo, object_classes> const all{
      class_info<Person>(),     class_info<Identity>(), class_info<Resource>(),
      class_info<Credential>(), class_info<Grant>(),    class_info<Sighting>(),
      class_info<Consumer>(),   class_info<Usage>()};
  return all[std::size_t(object_class)];
}

}  // namespace

std::span<FieldInfo const> fields(ObjectClass object_class) {
  return info(object_class).fields;
}

bool has_identity(ObjectClass object_class) {
  return info(object_class).identity;
}

std::string_view id_prefix(ObjectClass object_class) {
  constexpr std::array<std::string_view, object_classes> prefixes{
      PersonKind::prefix, IdentityKind::prefix, ResourceKind::prefix, CredentialKind::prefix,
      GrantKind::prefix,  SightingKind::prefix, ConsumerKind::prefix, UsageKind::prefix};
  return prefixes[std::size_t(object_class)];
}

}  // namespace reeve
