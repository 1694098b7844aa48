// Ancestors are closed once, depth first with an explicit stack: a chain of a million parents must
// not end on ours. Each entity's list is the union of its parents' lists and the parents.

#include "cedar/entities.hpp"

#include <algorithm>

namespace reeve::cedar {
namespace {

std::vector<EntityUid> as_set(std::vector<EntityUid> uids) {
  std::sort(uids.begin(), uids.end());
  uids.erase(std::unique(uids.begin(), uids.end()), uids.end());
  return uids;
}

}  // namespace

bool Entity::operator==(Entity const& o) const {
  return uid == o.uid && attributes == o.attributes && tags == o.tags &&
         as_set(parents) == as_set(o.parents);
}

Result<Entities> Entities::make(std::vector<Entity> all) {
  Entities out;
  out.all_.reserve(all.size());
  for (auto& entity : all) {
    auto const [it, fresh] =
        out.index_.emplace(entity.uid, static_cast<std::uint32_t>(out.all_.size()));
    if (fresh)
      out.all_.push_back(std::move(entity));
    else if (!(out.all_[it->second] == entity))
      return fail(Errc::conflict,
                  "the entity " + to_string(entity.uid) + " is given twice, differently");
  }
  TRY(out.close());
  return out;
}

Result<> Entities::close() {
  for (auto const& entity : all_)
    for (auto const& parent : entity.parents)
      index_.emplace(parent, static_cast<std::uint32_t>(index_.size()));
  uids_.resize(index_.size());
  for (auto const& [uid, at] : index_) uids_[at] = &uid;
  ancestors_.resize(all_.size());
  enum State : std::uint8_t { fresh, open, done };
  std::vector<State> states(all_.size(), fresh);
  struct Frame {
    std::uint32_t at;
    std::size_t next;
  };
  for (std::uint32_t start = 0; start < all_.size(); ++start) {
    std::vector<Frame> stack;
    if (states[start] == fresh) stack.push_back({start, 0});
    while (!stack.empty()) {
      auto& [at, next] = stack.back();
      states[at] = open;
      auto const& parents = all_[at].parents;
      if (next < parents.size()) {
        auto const parent = index_.at(parents[next++]);
        if (parent >= all_.size() || states[parent] == done) continue;
        if (states[parent] == open)
          return fail(Errc::invalid,
                      "the entity " + to_string(*uids_[parent]) + " is its own ancestor");
        stack.push_back({parent, 0});
        continue;
      }
      auto& mine = ancestors_[at];
      for (auto const& uid : parents) {
        auto const parent = index_.at(uid);
        mine.push_back(parent);
        if (parent < all_.size())
          mine.insert(mine.end(), ancestors_[parent].begin(), ancestors_[parent].end());
      }
      std::sort(mine.begin(), mine.end());
      mine.erase(std::unique(mine.begin(), mine.end()), mine.end());
      states[at] = done;
      stack.pop_back();
    }
  }
  return {};
}

Entity const* Entities::find(EntityUid const& uid) const {
  auto const it = index_.find(uid);
  return it == index_.end() || it->second >= all_.size() ? nullptr : &all_[it->second];
}

bool Entities::is_ancestor(EntityUid const& ancestor, EntityUid const& of) const {
  auto const child = index_.find(of);
  auto const wanted = index_.find(ancestor);
  if (child == index_.end() || wanted == index_.end() || child->second >= all_.size()) return false;
  auto const& list = ancestors_[child->second];
  return std::binary_search(list.begin(), list.end(), wanted->second);
}

std::vector<EntityUid const*> Entities::ancestors(EntityUid const& of) const {
  std::vector<EntityUid const*> out;
  auto const it = index_.find(of);
  if (it == index_.end() || it->second >= all_.size()) return out;
  for (auto const at : ancestors_[it->second]) out.push_back(uids_[at]);
  return out;
}

}  // namespace reeve::cedar
