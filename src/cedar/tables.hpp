// Numbers for names and uids. The tables of a snapshot are filled once and then only read; what a
// request brings that they do not know gets numbers above theirs, kept beside it (`Strangers`).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "cedar/cell.hpp"

namespace reeve::cedar {

inline constexpr std::uint32_t no_number = 0xFFFFFFFF;

std::uint64_t hash_of(std::string_view text);
inline std::uint64_t hash_of(std::string_view type, std::string_view id) {
  return hash_of(id) ^ (hash_of(type) * 0x9E3779B97F4A7C15u);
}

/// Text to number, from 0. Texts live in the arena given to `add`.
class NameTable {
 public:
  std::uint32_t add(Arena& arena, std::string_view name);
  std::uint32_t find(std::string_view name) const;  ///< Or no_number.
  std::string_view text(std::uint32_t number) const { return texts_[number]; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(texts_.size()); }

 private:
  void grow();

  std::vector<std::string_view> texts_;
  std::vector<std::uint32_t> slots_;  // number + 1; 0: free
};

struct UidRow {
  std::string_view type;
  std::string_view id;
  std::uint64_t hash;
  std::uint32_t type_number;
};

class UidTable {
 public:
  std::uint32_t add(Arena& arena, NameTable& types, std::string_view type, std::string_view id);
  std::uint32_t find(std::string_view type, std::string_view id) const {
    return find(type, id, hash_of(type, id));
  }
  std::uint32_t find(std::string_view type, std::string_view id, std::uint64_t hash) const;
  void prefetch(std::uint64_t hash) const {
    if (!slots_.empty()) __builtin_prefetch(&slots_[hash & (slots_.size() - 1)]);
  }
  /// The second step of a look-up, when the first has arrived.
  void prefetch_row(std::uint64_t hash) const {
    if (slots_.empty()) return;
    auto const number = slots_[hash & (slots_.size() - 1)].number;
    if (number != 0) __builtin_prefetch(&rows_[number - 1]);
  }
  UidRow const& row(std::uint32_t number) const { return rows_[number]; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(rows_.size()); }

 private:
  struct Slot {
    std::uint32_t number;  // + 1; 0: free
    std::uint32_t hash;    // its upper half
  };
  void grow();

  std::vector<UidRow> rows_;
  std::vector<Slot> slots_;
};

struct Tables {
  Arena arena;
  NameTable names;  ///< Of attributes and tags.
  NameTable types;
  UidTable uids;
};

/// What one request brings that the tables do not know.
struct Strangers {
  std::vector<UidRow> uids;
  std::vector<std::string_view> names;
  std::vector<std::uint64_t> name_hashes;

  void clear() {
    uids.clear();
    names.clear();
    name_hashes.clear();
  }
  std::uint32_t uid(Tables const& tables, std::string_view type, std::string_view id) {
    return uid(tables, type, id, hash_of(type, id));
  }
  std::uint32_t uid(Tables const& tables, std::string_view type, std::string_view id,
                    std::uint64_t hash);
  std::uint32_t name(Tables const& tables, std::string_view name);
};

/// `Number` is how names and uids become numbers: the tables while loading, else Strangers.
struct Numbering {
  virtual std::uint32_t uid(std::string_view type, std::string_view id) = 0;
  virtual std::uint32_t name(std::string_view name) = 0;
  /// Text that must outlive the source is copied into the arena.
  virtual std::string_view text(std::string_view text) = 0;

 protected:
  ~Numbering() = default;
};
Cell to_cell(Value const& value, Arena& arena, Numbering& numbers);
Cell to_cell(Record const& record, Arena& arena, Numbering& numbers);

}  // namespace reeve::cedar
