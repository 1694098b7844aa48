#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sql/pq_text.hpp"

namespace reeve::sql {

/// A text met before, and what the server knows of it under which types.
struct PqKnown {
  PqText text;
  std::string types;  ///< Of each name, when last it was no null: i, t, or n when it always was.
  std::unordered_map<std::string, std::string> prepared;  ///< Types → name on the server.
  Result<> is_query;                                      ///< What Access::read says to it.
  std::uint64_t used = 0;
  int users = 0;  ///< Statements alive.
};

/// What one connection has prepared, least recently used out first: SQL that users type comes once
/// and would stay on the server for ever. A text belongs to the cache; a name to the server.
class PqCache {
 public:
  explicit PqCache(std::size_t texts_max) : texts_max_(texts_max) {}
  PqKnown& known(std::string_view sql);
  std::string new_name() { return "s" + std::to_string(++names_); }
  /// Names the server may forget; each is told once.
  std::vector<std::string> take_evicted() { return std::exchange(evicted_, {}); }
  /// The server has forgotten all: a new connection, or another schema.
  void forget();

 private:
  void make_room();

  std::unordered_map<std::string, PqKnown> texts_;
  std::vector<std::string> evicted_;
  std::size_t texts_max_;
  std::uint64_t clock_ = 0, names_ = 0;
};

}  // namespace reeve::sql
