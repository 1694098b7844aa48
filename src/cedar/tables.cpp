#include "cedar/tables.hpp"

#include <cstring>

namespace reeve::cedar {
namespace {

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  auto const product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t read(char const* from, std::size_t bytes) {
  std::uint64_t out = 0;
  std::memcpy(&out, from, bytes);
  return out;
}

}  // namespace

// Multiply and fold, eight bytes at a time. Keys come from the customer's own data; a request only
// asks, so floods of collisions are not a matter here.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t h = text.size() ^ 0x2D358DCCAA6C78A5u;
  auto const* at = text.data();
  auto left = text.size();
  for (; left > 8; at += 8, left -= 8) h = mix(h ^ read(at, 8), 0x8BB84B93962EACC9u);
  if (left == 8) return mix(h ^ read(at, 8), 0x4B33A62ED433D4A3u);
  return mix(h ^ read(at, left), 0x4B33A62ED433D4A3u);
}

std::uint32_t NameTable::find(std::string_view name) const {
  if (slots_.empty()) return no_number;
  auto const mask = slots_.size() - 1;
  for (auto at = hash_of(name) & mask; slots_[at] != 0; at = (at + 1) & mask)
    if (texts_[slots_[at] - 1] == name) return slots_[at] - 1;
  return no_number;
}

std::uint32_t NameTable::add(Arena& arena, std::string_view name) {
  if (auto const known = find(name); known != no_number) return known;
  texts_.push_back(arena.copy(name));
  if (texts_.size() * 2 > slots_.size()) {
    grow();
  } else {
    auto const mask = slots_.size() - 1;
    auto at = hash_of(name) & mask;
    while (slots_[at] != 0) at = (at + 1) & mask;
    slots_[at] = size();
  }
  return size() - 1;
}

void NameTable::grow() {
  slots_.assign(std::max<std::size_t>(16, slots_.size() * 2), 0);
  auto const mask = slots_.size() - 1;
  for (std::uint32_t i = 0; i < size(); ++i) {
    auto at = hash_of(texts_[i]) & mask;
    while (slots_[at] != 0) at = (at + 1) & mask;
    slots_[at] = i + 1;
  }
}

std::uint32_t UidTable::find(std::string_view type, std::string_view id, std::uint64_t hash) const {
  if (slots_.empty()) return no_number;
  auto const mask = slots_.size() - 1;
  auto const upper = static_cast<std::uint32_t>(hash >> 32);
  for (auto at = hash & mask; slots_[at].number != 0; at = (at + 1) & mask) {
    if (slots_[at].hash != upper) continue;
    auto const& row = rows_[slots_[at].number - 1];
    if (row.id == id && row.type == type) return slots_[at].number - 1;
  }
  return no_number;
}

std::uint32_t UidTable::add(Arena& arena, NameTable& types, std::string_view type,
                            std::string_view id) {
  auto const hash = hash_of(type, id);
  if (auto const known = find(type, id, hash); known != no_number) return known;
  auto const type_number = types.add(arena, type);
  rows_.push_back({types.text(type_number), arena.copy(id), hash, type_number});
  if (rows_.size() * 2 > slots_.size()) {
    grow();
  } else {
    auto const mask = slots_.size() - 1;
    auto at = hash & mask;
    while (slots_[at].number != 0) at = (at + 1) & mask;
    slots_[at] = {size(), static_cast<std::uint32_t>(hash >> 32)};
  }
  return size() - 1;
}

void UidTable::grow() {
  slots_.assign(std::max<std::size_t>(16, slots_.size() * 2), Slot{0, 0});
  auto const mask = slots_.size() - 1;
  for (std::uint32_t i = 0; i < size(); ++i) {
    auto at = rows_[i].hash & mask;
    while (slots_[at].number != 0) at = (at + 1) & mask;
    slots_[at] = {i + 1, static_cast<std::uint32_t>(rows_[i].hash >> 32)};
  }
}

std::uint32_t Strangers::uid(Tables const& tables, std::string_view type, std::string_view id,
                             std::uint64_t hash) {
  if (auto const known = tables.uids.find(type, id, hash); known != no_number) return known;
  for (std::size_t i = 0; i < uids.size(); ++i)
    if (uids[i].hash == hash && uids[i].id == id && uids[i].type == type)
      return tables.uids.size() + static_cast<std::uint32_t>(i);
  uids.push_back({type, id, hash, tables.types.find(type)});
  return tables.uids.size() + static_cast<std::uint32_t>(uids.size() - 1);
}

std::uint32_t Strangers::name(Tables const& tables, std::string_view name) {
  if (auto const known = tables.names.find(name); known != no_number) return known;
  auto const hash = hash_of(name);
  for (std::size_t i = 0; i < names.size(); ++i)
    if (name_hashes[i] == hash && names[i] == name)
      return tables.names.size() + static_cast<std::uint32_t>(i);
  names.push_back(name);
  name_hashes.push_back(hash);
  return tables.names.size() + static_cast<std::uint32_t>(names.size() - 1);
}

Cell to_cell(Record const& record, Arena& arena, Numbering& numbers) {
  auto const& fields = record.fields();
  auto* const names = arena.array<std::uint32_t>(fields.size());
  auto* const values = arena.array<Cell>(fields.size());
  for (std::size_t i = 0; i < fields.size(); ++i) {
    names[i] = numbers.name(fields[i].name);
    values[i] = to_cell(fields[i].value, arena, numbers);
  }
  return make_record(arena, names, values, fields.size());
}

Cell to_cell(Value const& value, Arena& arena, Numbering& numbers) {
  switch (value.kind()) {
    case Kind::boolean: return cell(*value.boolean());
    case Kind::number: return cell(Kind::number, *value.number());
    case Kind::text: return text_cell(numbers.text(*value.text()));
    case Kind::entity: return entity_cell(numbers.uid(value.entity()->type, value.entity()->id));
    case Kind::record: return to_cell(*value.record(), arena, numbers);
    case Kind::ip: return make_ip(arena, *value.ip());
    case Kind::decimal: return cell(Kind::decimal, value.decimal()->units);
    case Kind::datetime: return cell(Kind::datetime, value.datetime()->ms);
    case Kind::duration: return cell(Kind::duration, value.duration()->ms);
    case Kind::set: break;
  }
  auto const& items = value.set()->items();
  auto* const cells = arena.array<Cell>(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) cells[i] = to_cell(items[i], arena, numbers);
  return make_set(arena, cells, items.size());
}

}  // namespace reeve::cedar
