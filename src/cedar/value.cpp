#include "cedar/value.hpp"

#include <algorithm>
#include <functional>

#include "cedar/syntax.hpp"

namespace reeve::cedar {
namespace {

template <class Items>
std::strong_ordering compare_items(Items const& a, Items const& b) {
  if (&a == &b) return std::strong_ordering::equal;
  if (auto const order = a.size() <=> b.size(); order != 0) return order;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (auto const order = a[i] <=> b[i]; order != 0) return order;
  return std::strong_ordering::equal;
}

}  // namespace

std::string to_string(EntityUid const& uid) {
  return uid.type + "::" + quoted(uid.id);
}

std::size_t EntityUidHash::operator()(EntityUid const& uid) const noexcept {
  std::hash<std::string_view> const hash;
  return hash(uid.id) * 31 + hash(uid.type);
}

Set::Set() : items_(std::make_shared<Values const>()) {}
Set::Set(Values items) {
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
  items_ = std::make_shared<Values const>(std::move(items));
}
bool Set::contains(Value const& item) const {
  return std::binary_search(items_->begin(), items_->end(), item);
}

Record::Record() : fields_(std::make_shared<Fields const>()) {}
Record::Record(Fields fields) {
  auto const by_name = [](Field const& a, Field const& b) { return a.name < b.name; };
  std::stable_sort(fields.begin(), fields.end(), by_name);
  Fields kept;
  kept.reserve(fields.size());
  for (auto& field : fields)
    if (!kept.empty() && kept.back().name == field.name)
      kept.back() = std::move(field);
    else
      kept.push_back(std::move(field));
  fields_ = std::make_shared<Fields const>(std::move(kept));
}
Value const* Record::find(std::string_view wanted) const {
  auto const it = std::lower_bound(fields_->begin(), fields_->end(), wanted,
                                   [](Field const& f, std::string_view w) { return f.name < w; });
  return it != fields_->end() && it->name == wanted ? &it->value : nullptr;
}

std::string_view name(Kind kind) {
  switch (kind) {
    case Kind::boolean: return "Bool";
    case Kind::number: return "Long";
    case Kind::text: return "String";
    case Kind::entity: return "entity";
    case Kind::set: return "Set";
    case Kind::record: return "Record";
    case Kind::ip: return "ipaddr";
    case Kind::decimal: return "decimal";
    case Kind::datetime: return "datetime";
    case Kind::duration: return "duration";
  }
  return "";
}

std::strong_ordering Value::operator<=>(Value const& other) const {
  if (auto const order = data_.index() <=> other.data_.index(); order != 0) return order;
  switch (kind()) {
    case Kind::boolean: return *boolean() <=> *other.boolean();
    case Kind::number: return *number() <=> *other.number();
    case Kind::text: return *text() <=> *other.text();
    case Kind::entity: return *entity() <=> *other.entity();
    case Kind::set: return compare_items(set()->items(), other.set()->items());
    case Kind::record: return compare_items(record()->fields(), other.record()->fields());
    case Kind::ip: return *ip() <=> *other.ip();
    case Kind::decimal: return *decimal() <=> *other.decimal();
    case Kind::datetime: return *datetime() <=> *other.datetime();
    case Kind::duration: return *duration() <=> *other.duration();
  }
  return std::strong_ordering::equal;
}

std::strong_ordering Field::operator<=>(Field const& other) const {
  if (auto const order = name <=> other.name; order != 0) return order;
  return value <=> other.value;
}

}  // namespace reeve::cedar
