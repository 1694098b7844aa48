// Values as the compiled form holds them: 16 bytes, trivially copied, owned by an arena.
//
// Names of attributes and uids of entities are numbers here (`tables.hpp`), so that a look-up is a
// scan over a few integers and an equality of entities one comparison. Sets are sorted, records
// sorted by name number; a set of entities alone also keeps its numbers side by side, because
// `contains` and `in` meet little else.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "cedar/value.hpp"

namespace reeve::cedar {

/// Bump allocation; `reset` keeps the memory. Holds only what needs no destructor.
class Arena {
 public:
  void* take(std::size_t bytes) {
    bytes = (bytes + 15) & ~std::size_t{15};
    if (bytes > left_) [[unlikely]]
      grow(bytes);
    auto* const out = at_;
    at_ += bytes;
    left_ -= bytes;
    return out;
  }
  template <class T>
  T* array(std::size_t count) {
    return static_cast<T*>(take(count * sizeof(T)));
  }
  std::string_view copy(std::string_view text);
  void reset();

 private:
  struct Chunk {
    std::unique_ptr<std::byte[]> bytes;
    std::size_t size;
  };
  void grow(std::size_t bytes);

  std::vector<Chunk> chunks_;
  std::size_t next_ = 0;  // of chunks_, to be used after the current one
  std::byte* at_ = nullptr;
  std::size_t left_ = 0;
};

struct SetCells;
struct RecordCells;

struct Cell {
  Kind kind = Kind::boolean;
  std::uint32_t size = 0;  ///< Of the text.
  union {
    bool boolean;
    std::int64_t number = 0;  ///< Also decimal, datetime, duration.
    std::uint32_t entity;
    char const* text;
    SetCells const* set;
    RecordCells const* record;
    IpAddr const* ip;
  };

  std::string_view view() const { return {text, size}; }
};
static_assert(sizeof(Cell) == 16);

inline Cell cell(bool yes) {
  Cell out{.kind = Kind::boolean};
  out.number = 0;
  out.boolean = yes;
  return out;
}
inline Cell cell(Kind kind, std::int64_t number) {
  Cell out{.kind = kind};
  out.number = number;
  return out;
}
inline Cell entity_cell(std::uint32_t uid) {
  Cell out{.kind = Kind::entity};
  out.number = 0;
  out.entity = uid;
  return out;
}
inline Cell text_cell(std::string_view text) {
  Cell out{.kind = Kind::text, .size = static_cast<std::uint32_t>(text.size())};
  out.text = text.data();
  return out;
}

struct SetCells {
  std::uint32_t size;
  bool all_entities;              ///< Also when empty.
  Cell const* items;              ///< Sorted, without duplicates.
  std::uint32_t const* entities;  ///< Sorted; only when all_entities.
};
struct RecordCells {
  std::uint32_t size;
  std::uint32_t const* names;  ///< Sorted.
  Cell const* values;
};

std::strong_ordering compare(Cell const& a, Cell const& b);
inline bool equal(Cell const& a, Cell const& b) {
  if (a.kind != b.kind) return false;
  if (a.kind <= Kind::number) return a.number == b.number;
  if (a.kind == Kind::entity) return a.entity == b.entity;
  return compare(a, b) == 0;
}

/// Sorts `items` in place, which must live in `arena`.
Cell make_set(Arena& arena, Cell* items, std::size_t count);
/// Sorts both by name; names are unique.
Cell make_record(Arena& arena, std::uint32_t* names, Cell* values, std::size_t count);
Cell make_ip(Arena& arena, IpAddr const& ip);

bool contains(SetCells const& set, Cell const& item);
inline Cell const* find(RecordCells const& record, std::uint32_t name) {
  if (record.size <= 16) {
    for (std::uint32_t i = 0; i < record.size; ++i)
      if (record.names[i] == name) return &record.values[i];
    return nullptr;
  }
  std::uint32_t low = 0, high = record.size;
  while (low < high) {
    auto const middle = (low + high) / 2;
    if (record.names[middle] < name)
      low = middle + 1;
    else
      high = middle;
  }
  return low < record.size && record.names[low] == name ? &record.values[low] : nullptr;
}

}  // namespace reeve::cedar
