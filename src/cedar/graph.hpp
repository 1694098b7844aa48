// Entities by number: attributes, tags and who is an ancestor of whom.
//
// Up to 4,096 uids ancestors are a bit matrix: one load answers `in`. Above, each entity has its
// sorted list behind a 64-bit filter, since most questions are answered no.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "cedar/entities.hpp"
#include "cedar/tables.hpp"

namespace reeve::cedar {

class Graph {
 public:
  struct Row {
    RecordCells const* attributes = nullptr;  ///< Null: there is no such entity.
    RecordCells const* tags = nullptr;
  };

  /// Numbers all entities and what they mention. Call `close` when the tables have all their uids.
  void load(Entities const& entities, Tables& tables);
  void close(Entities const& entities, Tables const& tables);

  /// Null: no such entity.
  Row const* find(std::uint32_t uid) const {
    return uid < rows_.size() && rows_[uid].attributes ? &rows_[uid] : nullptr;
  }
  /// Brings near what `within` and `find` will read.
  void prefetch(std::uint32_t uid) const {
    if (uid >= size_) return;
    __builtin_prefetch(&filters_[uid]);
    __builtin_prefetch(&starts_[uid]);
  }
  /// `uid in ancestor`, reflexive.
  bool within(std::uint32_t uid, std::uint32_t ancestor) const {
    if (uid == ancestor) return true;
    if (uid >= size_ || ancestor >= size_) return false;
    if (words_ > 0) return (bits_[uid * words_ + ancestor / 64] >> (ancestor % 64) & 1) != 0;
    if ((filters_[uid] >> (ancestor % 64) & 1) == 0) return false;
    auto const list = ancestors(uid);
    return std::binary_search(list.begin(), list.end(), ancestor);
  }
  /// Sorted, without itself.
  std::span<std::uint32_t const> ancestors(std::uint32_t uid) const {
    if (uid >= size_) return {};
    return {list_.data() + starts_[uid], list_.data() + starts_[uid + 1]};
  }

 private:
  std::vector<Row> rows_;
  std::uint32_t size_ = 0;
  std::size_t words_ = 0;
  std::vector<std::uint64_t> bits_;
  std::vector<std::uint32_t> starts_, list_;
  std::vector<std::uint64_t> filters_;
};

}  // namespace reeve::cedar
