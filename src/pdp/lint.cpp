#include "pdp/lint.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "pdp/attributes.hpp"

namespace reeve::pdp {
namespace {

using cedar::Expr;
using cedar::Op;

/// What one expression looks at.
class Reads {
 public:
  void look(Expr const& e) {
    if (auto const path = path_of(e)) {
      paths.insert(*path);
      return;
    }
    if (e.op == Op::has && is_context(e.args[0])) return;  // whether it is said says nothing yet
    if (e.op == Op::variable && std::get<cedar::Variable>(e.data) != cedar::Variable::action)
      paths.insert("");
    for (auto const& arg : e.args) look(arg);
  }

  std::set<std::string> paths;

 private:
  static bool is_context(Expr const& e) {
    if (e.op == Op::get) return is_context(e.args[0]);
    return e.op == Op::variable && std::get<cedar::Variable>(e.data) == cedar::Variable::context;
  }
  static std::optional<std::string> path_of(Expr const& e) {
    if (e.op != Op::get || !is_context(e)) return std::nullopt;
    auto const before = path_of(e.args[0]);
    return before ? *before + "." + e.text() : e.text();
  }
};

/// Path → who vouches, of the attributes of every context.
class Provenance {
 public:
  explicit Provenance(cedar::SchemaText const& schema) {
    for (auto const& [name, space] : schema)
      for (auto const& [id, action] : space.actions) collect(space, action.context, "", "");
  }

  /// All of `paths` are the caller's word. An attribute inside one is as good as that one.
  bool callers(std::vector<std::string> const& paths) const {
    return !paths.empty() && std::ranges::all_of(paths, [&](std::string path) {
      while (!path.empty()) {
        if (auto const found = sources_.find(path); found != sources_.end())
          return found->second == source::agent;
        auto const dot = path.rfind('.');
        path = dot == path.npos ? "" : path.substr(0, dot);
      }
      return false;
    });
  }

 private:
  static constexpr std::size_t depth_max = 16;  // a common type cannot hold itself, a path can

  void collect(cedar::SchemaSpace const& space, cedar::SchemaType const& type,
               std::string const& path, std::string const& inherited, std::size_t depth = 0) {
    if (depth > depth_max) return;
    if (auto const common = space.commons.find(type.name);
        !type.name.empty() && common != space.commons.end())
      return collect(space, common->second.type, path, inherited, depth + 1);
    for (auto const& field : type.fields) {
      auto source = inherited;
      for (auto const& note : field.annotations)
        if (note.key == "source") source = note.value.value_or("");
      auto const below = path.empty() ? field.name : path + "." + field.name;
      if (!source.empty()) sources_[below] = source;
      collect(space, field.type, below, source, depth + 1);
    }
  }

  std::map<std::string, std::string> sources_;
};

/// The scope names who may, not only of what type.
bool names_principal(cedar::Policy const& policy) {
  using K = cedar::EntityScope::Kind;
  return policy.principal.kind != K::any && policy.principal.kind != K::is;
}

}  // namespace

std::vector<std::string> attributes_read(cedar::Policy const& policy) {
  Reads reads;
  for (auto const& condition : policy.conditions) reads.look(condition.body);
  return {reads.paths.begin(), reads.paths.end()};
}

std::vector<CallersWord> callers_word(cedar::PolicySet const& policies,
                                      cedar::SchemaText const& schema) {
  Provenance const provenance(schema);
  std::vector<CallersWord> out;
  for (auto const& policy : policies.policies()) {
    if (policy->effect == cedar::Effect::forbid || names_principal(*policy)) continue;
    auto read = attributes_read(*policy);
    if (provenance.callers(read)) out.push_back({policy->id, std::move(read), policy->span});
  }
  return out;
}

}  // namespace reeve::pdp
