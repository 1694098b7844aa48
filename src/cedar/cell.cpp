#include "cedar/cell.hpp"

#include <algorithm>
#include <cstring>

namespace reeve::cedar {
namespace {

constexpr std::size_t chunk_bytes = 64u << 10;

std::strong_ordering compare_sets(SetCells const& a, SetCells const& b) {
  if (a.size != b.size) return a.size <=> b.size;
  for (std::uint32_t i = 0; i < a.size; ++i)
    if (auto const order = compare(a.items[i], b.items[i]); order != 0) return order;
  return std::strong_ordering::equal;
}

std::strong_ordering compare_records(RecordCells const& a, RecordCells const& b) {
  if (a.size != b.size) return a.size <=> b.size;
  for (std::uint32_t i = 0; i < a.size; ++i) {
    if (a.names[i] != b.names[i]) return a.names[i] <=> b.names[i];
    if (auto const order = compare(a.values[i], b.values[i]); order != 0) return order;
  }
  return std::strong_ordering::equal;
}

}  // namespace

void Arena::grow(std::size_t bytes) {
  while (next_ < chunks_.size() && chunks_[next_].size < bytes) ++next_;
  if (next_ == chunks_.size()) {
    auto const size = std::max(bytes, chunk_bytes);
    chunks_.push_back({std::make_unique_for_overwrite<std::byte[]>(size), size});
  }
  at_ = chunks_[next_].bytes.get();
  left_ = chunks_[next_].size;
  ++next_;
}

void Arena::reset() {
  next_ = 0;
  left_ = 0;
}

std::string_view Arena::copy(std::string_view text) {
  auto* const out = array<char>(text.size());
  if (!text.empty()) std::memcpy(out, text.data(), text.size());
  return {out, text.size()};
}

std::strong_ordering compare(Cell const& a, Cell const& b) {
  if (a.kind != b.kind) return a.kind <=> b.kind;
  switch (a.kind) {
    case Kind::boolean:
    case Kind::number:
    case Kind::decimal:
    case Kind::datetime:
    case Kind::duration: return a.number <=> b.number;
    case Kind::entity: return a.entity <=> b.entity;
    case Kind::text:
      if (a.size != b.size) return a.size <=> b.size;
      return std::memcmp(a.text, b.text, a.size) <=> 0;
    case Kind::ip: return *a.ip <=> *b.ip;
    case Kind::set:
      return a.set == b.set ? std::strong_ordering::equal : compare_sets(*a.set, *b.set);
    case Kind::record:
      return a.record == b.record ? std::strong_ordering::equal
                                  : compare_records(*a.record, *b.record);
  }
  return std::strong_ordering::equal;
}

Cell make_set(Arena& arena, Cell* items, std::size_t count) {
  std::sort(items, items + count, [](auto const& a, auto const& b) { return compare(a, b) < 0; });
  auto* const end = std::unique(items, items + count,
                                [](auto const& a, auto const& b) { return compare(a, b) == 0; });
  count = static_cast<std::size_t>(end - items);
  bool const entities =
      std::all_of(items, end, [](Cell const& item) { return item.kind == Kind::entity; });
  auto* const numbers = arena.array<std::uint32_t>(entities ? count : 0);
  for (std::size_t i = 0; entities && i < count; ++i) numbers[i] = items[i].entity;
  auto* const set = arena.array<SetCells>(1);
  *set = {static_cast<std::uint32_t>(count), entities, items, numbers};
  Cell out{.kind = Kind::set};
  out.set = set;
  return out;
}

Cell make_record(Arena& arena, std::uint32_t* names, Cell* values, std::size_t count) {
  if (!std::is_sorted(names, names + count)) {
    struct Pair {
      Cell value;
      std::uint32_t name;
    };
    auto* const pairs = arena.array<Pair>(count);
    for (std::size_t i = 0; i < count; ++i) pairs[i] = {values[i], names[i]};
    std::sort(pairs, pairs + count, [](Pair const& a, Pair const& b) { return a.name < b.name; });
    for (std::size_t i = 0; i < count; ++i) names[i] = pairs[i].name, values[i] = pairs[i].value;
  }
  auto* const record = arena.array<RecordCells>(1);
  *record = {static_cast<std::uint32_t>(count), names, values};
  Cell out{.kind = Kind::record};
  out.record = record;
  return out;
}

Cell make_ip(Arena& arena, IpAddr const& ip) {
  auto* const copy = arena.array<IpAddr>(1);
  *copy = ip;
  Cell out{.kind = Kind::ip};
  out.ip = copy;
  return out;
}

bool contains(SetCells const& set, Cell const& item) {
  if (set.all_entities) {
    if (item.kind != Kind::entity) return false;
    if (set.size > 16)
      return std::binary_search(set.entities, set.entities + set.size, item.entity);
    return std::find(set.entities, set.entities + set.size, item.entity) != set.entities + set.size;
  }
  return std::binary_search(set.items, set.items + set.size, item,
                            [](auto const& a, auto const& b) { return compare(a, b) < 0; });
}

}  // namespace reeve::cedar
