#include "cedar/graph.hpp"

namespace reeve::cedar {
namespace {

constexpr std::uint32_t bits_max = 4096;

struct LoadNumbering final : Numbering {
  explicit LoadNumbering(Tables& to) : tables(to) {}
  std::uint32_t uid(std::string_view type, std::string_view id) override {
    return tables.uids.add(tables.arena, tables.types, type, id);
  }
  std::uint32_t name(std::string_view name) override {
    return tables.names.add(tables.arena, name);
  }
  std::string_view text(std::string_view text) override { return tables.arena.copy(text); }
  Tables& tables;
};

}  // namespace

void Graph::load(Entities const& entities, Tables& tables) {
  LoadNumbering numbers(tables);
  for (auto const& entity : entities.all()) {
    auto const uid = numbers.uid(entity.uid.type, entity.uid.id);
    if (uid >= rows_.size()) rows_.resize(std::max<std::size_t>(uid + 1, rows_.size() * 2));
    rows_[uid].attributes = to_cell(entity.attributes, tables.arena, numbers).record;
    rows_[uid].tags = to_cell(entity.tags, tables.arena, numbers).record;
    for (auto const& parent : entity.parents) numbers.uid(parent.type, parent.id);
  }
}

void Graph::close(Entities const& entities, Tables const& tables) {
  size_ = tables.uids.size();
  std::vector<std::vector<std::uint32_t>> lists(size_);
  for (auto const& entity : entities.all()) {
    auto& list = lists[tables.uids.find(entity.uid.type, entity.uid.id)];
    for (auto const* uid : entities.ancestors(entity.uid))
      list.push_back(tables.uids.find(uid->type, uid->id));
    std::sort(list.begin(), list.end());
  }
  starts_.push_back(0);
  filters_.resize(size_);
  if (size_ <= bits_max) words_ = (size_ + 63) / 64;
  bits_.resize(words_ * size_);
  for (std::uint32_t uid = 0; uid < size_; ++uid) {
    for (auto const ancestor : lists[uid]) {
      list_.push_back(ancestor);
      filters_[uid] |= std::uint64_t{1} << (ancestor % 64);
      if (words_ > 0) bits_[uid * words_ + ancestor / 64] |= std::uint64_t{1} << (ancestor % 64);
    }
    starts_.push_back(static_cast<std::uint32_t>(list_.size()));
  }
}

}  // namespace reeve::cedar
