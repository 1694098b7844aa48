// A statement whose columns may be null has a variant for each set of nulls met, until every name
// has been seen with a value: from then on a null travels with the type its name had (pq.cpp). So
// a text settles on one variant, and counting texts bounds the whole in practice.

#include "sql/pq_cache.hpp"

#include <algorithm>
#include <utility>

namespace reeve::sql {

PqKnown& PqCache::known(std::string_view sql) {
  auto at = texts_.find(std::string(sql));
  if (at == texts_.end()) {
    make_room();
    PqKnown made{.text = parse_pq_text(sql), .is_query = refuse_unless_query(sql)};
    made.types.assign(made.text.names.size(), 'n');
    at = texts_.emplace(std::string(sql), std::move(made)).first;
  }
  at->second.used = ++clock_;
  return at->second;
}

void PqCache::make_room() {
  if (texts_.size() < texts_max_) return;
  auto const age = [](auto const& entry) {
    return entry.second.users > 0 ? ~std::uint64_t{0} : entry.second.used;
  };
  auto const oldest = std::ranges::min_element(texts_, {}, age);
  if (oldest->second.users > 0) return;
  for (auto& [types, name] : oldest->second.prepared) evicted_.push_back(std::move(name));
  texts_.erase(oldest);
}

void PqCache::forget() {
  for (auto& [sql, known] : texts_) known.prepared.clear();
  evicted_.clear();
}

}  // namespace reeve::sql
