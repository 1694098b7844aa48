// Policies, templates, links and the set of them (Cedar 4.5, docs: "policy syntax", "templates").
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "cedar/ast.hpp"

namespace reeve::cedar {

enum class Effect : std::uint8_t { permit, forbid };
std::string_view name(Effect effect);

/// `@key("value")`; the key is any identifier. A key without value is not the same as an empty one.
struct Annotation {
  std::string key;
  std::optional<std::string> value;

  bool operator==(Annotation const&) const = default;
};

/// What the scope asks of principal or resource.
struct EntityScope {
  enum class Kind : std::uint8_t { any, equal, in, is, is_in } kind = Kind::any;
  std::string type;  ///< For `is` and `is_in`.
  std::optional<EntityUid>
      entity;  ///< For `equal`, `in` and `is_in`; empty: the slot stands there.
  Span span = {};

  bool has_slot() const { return needs_entity() && !entity; }
  bool needs_entity() const {
    return kind == Kind::equal || kind == Kind::in || kind == Kind::is_in;
  }
  bool operator==(EntityScope const& o) const {
    return kind == o.kind && type == o.type && entity == o.entity;
  }
};

struct ActionScope {
  enum class Kind : std::uint8_t { any, equal, in, in_set } kind = Kind::any;
  std::vector<EntityUid> entities;  ///< One for `equal` and `in`.
  Span span = {};

  bool operator==(ActionScope const& o) const { return kind == o.kind && entities == o.entities; }
};

/// `when { body }` or `unless { body }`.
struct Condition {
  bool unless = false;
  Expr body;

  bool operator==(Condition const&) const = default;
};

/// A static policy, or a template when its scope has a slot.
struct Policy {
  std::string id;
  Effect effect = Effect::permit;
  std::vector<Annotation> annotations;  ///< In the order of the text; keys are unique.
  EntityScope principal;
  ActionScope action;
  EntityScope resource;
  std::vector<Condition> conditions;
  Span span;

  bool is_template() const { return principal.has_slot() || resource.has_slot(); }
  std::string const* annotation(std::string_view key) const;  ///< Null: none, or without value.
  /// The same meaning piece by piece; ids and spans do not count.
  bool same_as(Policy const& other) const;
};

/// A template with its slots filled. Exactly the slots that occur have an entity.
struct Link {
  std::string id;
  std::string template_id;
  std::optional<EntityUid> principal;
  std::optional<EntityUid> resource;

  bool operator==(Link const&) const = default;
};

/// What the authorizer runs: a static policy, or a link with its template.
struct Active {
  std::string const* id;
  Policy const* policy;
  EntityUid const* principal_slot;  ///< Null: no such slot.
  EntityUid const* resource_slot;
};

/// Policies, templates and links share one space of ids. A value; copies share the policies.
class PolicySet {
 public:
  /// A static policy or a template. Errors: conflict (the id is taken).
  Result<> add(Policy policy);
  /// Errors: not_found (no such template), invalid (a slot too many or too few), conflict.
  Result<> link(Link link);
  /// Errors: not_found, conflict (a template that has links).
  Result<> remove(std::string_view id);

  Policy const* find(std::string_view id) const;  ///< Static policies and templates.
  std::vector<std::shared_ptr<Policy const>> const& policies() const { return policies_; }
  std::vector<Link> const& links() const { return links_; }
  /// In the order they were added: static policies first, then links. Valid while this is
  /// unchanged.
  std::vector<Active> active() const;

 private:
  std::vector<std::shared_ptr<Policy const>> policies_;  // static policies and templates
  std::vector<Link> links_;
  std::unordered_map<std::string, std::size_t> by_id_;  // index of a policy; links: no_policy
};

}  // namespace reeve::cedar
