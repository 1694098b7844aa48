// The type of one expression in one request environment.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "cedar/ast.hpp"
#include "cedar/types.hpp"

namespace reeve::cedar {

struct Environment {
  std::string principal;
  EntityUid action;
  std::string resource;
  TypePtr context;
};

/// Attributes and tags known to be there, as text of the expressions that name them.
using Capabilities = std::set<std::string>;

struct Typed {
  TypePtr type;
  Capabilities known;  ///< When the expression is true.
};

/// A mistake; the first one ends the check.
struct TypeFault {
  Span span;
  std::string message;
};

struct TypeRecord;

class Typechecker {
 public:
  /// `record` takes the type of each part, for check_levels; may be null.
  Typechecker(Schema const& schema, Mode mode, Environment const& environment,
              TypeRecord* record = nullptr)
      : schema_(schema), mode_(mode), env_(environment), record_(record) {}

  std::expected<Typed, TypeFault> check(Expr const& e, Capabilities const& prior);

 private:
  using Answer = std::expected<Typed, TypeFault>;

  Answer check_node(Expr const& e, Capabilities const& prior);
  Answer expect(Expr const& e, Capabilities const& prior, Type::Kind wanted);
  Answer entity(Expr const& e, Capabilities const& prior);
  Answer variable(Expr const& e) const;
  Answer literal(Expr const& e) const;
  Answer choice(Expr const& e, Capabilities const& prior);
  Answer conjunction(Expr const& e, Capabilities const& prior);
  Answer disjunction(Expr const& e, Capabilities const& prior);
  Answer equality(Expr const& e, Capabilities const& prior);
  Answer comparison(Expr const& e, Capabilities const& prior);
  Answer membership(Expr const& left, Expr const& right, Span span, Capabilities const& prior);
  Answer is_in(Expr const& e, Capabilities const& prior);
  Answer set_function(Expr const& e, Capabilities const& prior);
  Answer tag(Expr const& e, Capabilities const& prior);
  Answer get(Expr const& e, Capabilities const& prior);
  Answer has(Expr const& e, Capabilities const& prior);
  Answer has_one(Expr const& of, std::string const& attribute, Span span,
                 Capabilities const& prior);
  Answer is(Expr const& of, std::string const& type, Capabilities const& prior);
  Answer set(Expr const& e, Capabilities const& prior);
  Answer record(Expr const& e, Capabilities const& prior);
  Answer call(Expr const& e, Capabilities const& prior);

  EntityUid const* known_uid(Expr const& e) const;
  std::optional<TypeField> attribute_of(Type const& type, std::string const& attribute) const;
  bool may_have(Type const& type, std::string const& attribute) const;
  bool may_be_within(Type const& a, Type const& b) const;
  std::vector<TypePtr> tags_of(Type const& type) const;

  Schema const& schema_;
  Mode mode_;
  Environment const& env_;
  TypeRecord* record_;
};

}  // namespace reeve::cedar
