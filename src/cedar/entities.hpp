// Entities and their hierarchy: what `in`, `.attribute`, `has` and tags look at.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "cedar/value.hpp"

namespace reeve::cedar {

struct Entity {
  EntityUid uid;
  Record attributes;
  std::vector<EntityUid> parents;  ///< Any order; need not exist themselves.
  Record tags;

  bool operator==(Entity const&) const;  ///< Parents as a set.
};

/// An immutable set of entities with the ancestors of each worked out.
class Entities {
 public:
  Entities() = default;
  Entities(Entities&&) = default;
  Entities& operator=(Entities&&) = default;
  Entities(Entities const&) = delete;  ///< Share it by reference or pointer.
  Entities& operator=(Entities const&) = delete;
  ~Entities() = default;

  /// The same uid twice is fine when all else is equal. Errors: conflict (it is not), invalid (an
  /// entity is its own ancestor).
  static Result<Entities> make(std::vector<Entity> all);

  Entity const* find(EntityUid const& uid) const;  ///< Null: no such entity.
  std::vector<Entity> const& all() const { return all_; }
  /// `of in ancestor`, without the reflexive case: false when `of` does not exist.
  bool is_ancestor(EntityUid const& ancestor, EntityUid const& of) const;
  /// Uids of every ancestor.
  std::vector<EntityUid const*> ancestors(EntityUid const& of) const;

 private:
  Result<> close();

  std::vector<Entity> all_;
  // Entities first, at their place in all_, then parents that do not exist.
  std::unordered_map<EntityUid, std::uint32_t, EntityUidHash> index_;
  std::vector<EntityUid const*> uids_;
  std::vector<std::vector<std::uint32_t>> ancestors_;  // of each of all_; sorted
};

/// One question.
struct Request {
  EntityUid principal;
  EntityUid action;
  EntityUid resource;
  Record context;
};

}  // namespace reeve::cedar
