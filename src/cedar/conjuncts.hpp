// A policy taken apart into what has to hold, each piece judged with the values it looks at. What
// `explain` is made of.
#pragma once

#include <string>
#include <vector>

#include "cedar/explain.hpp"

namespace reeve::cedar {

/// One thing that has to hold: an expression that is true, or one that is not.
struct Needed {
  Expr const* expr;
  bool negated;
  Part part;
};
/// Conditions in the order they are evaluated. Valid while the policy is.
std::vector<Needed> conjuncts_of(Policy const& policy);

/// `principal in Group::"g"`, with the slot filled.
std::string scope_text(std::string const& variable, EntityScope const& scope,
                       EntityUid const* slot);
std::string scope_text(ActionScope const& scope);

/// `context.a.b`: a variable with attributes or tags of it. Such are shown with their value.
bool is_path(Expr const& e);

struct Judged {
  bool holds = false;
  Conjunct conjunct;
};

/// Request and entities, looked at.
struct Look {
  Request const& request;
  Entities const& entities;

  Judged judge(Needed const& needed) const;
  Operand operand(std::string text, Value const& value) const;
  bool within(EntityScope const& scope, EntityUid const& uid, EntityUid const* slot) const;
  bool within(ActionScope const& scope, EntityUid const& uid) const;

 private:
  void collect(Expr const& e, std::vector<Operand>& out) const;
  void collect_path(Expr const& e, std::vector<Operand>& out) const;
  void collect_has(Expr const& e, std::vector<Operand>& out) const;
  bool is_within(EntityUid const& a, EntityUid const& b) const {
    return a == b || entities.is_ancestor(b, a);
  }
};

}  // namespace reeve::cedar
