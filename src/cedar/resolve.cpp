// Names of a schema, looked up: `N` in namespace S is S::N, else N of the empty namespace, else
// what is built in; among one namespace a common type goes before an entity type (RFC 24). A name
// of the empty namespace must not be declared in another one as well (RFC 70), so there is never a
// choice.

#include <algorithm>
#include <functional>

#include "cedar/types.hpp"

namespace reeve::cedar {
namespace {

using Written = SchemaType::Kind;

std::unexpected<Error> bad(std::string message) {
  return fail(Errc::invalid, std::move(message));
}

std::string full(std::string_view space, std::string_view name) {
  return space.empty() ? std::string(name) : std::string(space) + "::" + std::string(name);
}

TypePtr builtin(std::string_view name) {
  if (name == "Long") return type_of(Type::Kind::number);
  if (name == "String") return type_of(Type::Kind::text);
  if (name == "Bool" || name == "Boolean") return type_of(Type::Kind::boolean);
  if (name == "ipaddr") return extension_type_of(Kind::ip);
  if (name == "decimal") return extension_type_of(Kind::decimal);
  if (name == "datetime") return extension_type_of(Kind::datetime);
  if (name == "duration") return extension_type_of(Kind::duration);
  return nullptr;
}

class Resolver {
 public:
  explicit Resolver(SchemaText const& text) : text_(text) {}

  Result<Schema> run() {
    TRY(check_shadowing());
    for (auto const& [space, content] : text_) {
      for (auto const& [name, common] : content.commons) {
        auto const type = TRY(common_type(full(space, name)));
        (void)type;
      }
      for (auto const& [name, entity] : content.entities) TRY(add_entity(space, name, entity));
      for (auto const& [id, action] : content.actions) TRY(add_action(space, id, action));
    }
    close_entities();
    TRY(close_actions());
    return std::move(out_);
  }

 private:
  struct Found {
    std::string space, name;
  };

  /// The space and name of a full path that names a declaration of the wanted sort.
  template <class Pick>
  bool declared(std::string_view path, Pick pick) const {
    auto const cut = path.rfind("::");
    auto const space = cut == path.npos ? "" : path.substr(0, cut);
    auto const it = text_.find(space);
    return it != text_.end() &&
           pick(it->second).contains(path.substr(cut == path.npos ? 0 : cut + 2));
  }
  bool is_common(std::string_view path) const {
    return declared(path, [](auto& s) -> auto& { return s.commons; });
  }
  bool is_entity(std::string_view path) const {
    return declared(path, [](auto& s) -> auto& { return s.entities; });
  }

  Result<> check_shadowing() const {
    auto const root = text_.find("");
    if (root == text_.end()) return {};
    for (auto const& [space, content] : text_) {
      if (space.empty()) continue;
      auto const check = [&](auto const& names) -> Result<> {
        for (auto const& [name, declaration] : names)
          if (root->second.commons.contains(name) || root->second.entities.contains(name))
            return bad("`" + full(space, name) + "` would shadow `" + name + "`");
        return {};
      };
      TRY(check(content.commons));
      TRY(check(content.entities));
      for (auto const& [id, action] : content.actions)
        if (root->second.actions.contains(id))
          return bad("the action " + quoted(id) + " of " + space + " would shadow another");
    }
    return {};
  }

  Result<std::string> entity_name(std::string const& space, std::string const& name) const {
    if (auto inner = full(space, name); !name.contains("::") && is_entity(inner)) return inner;
    if (is_entity(name)) return name;
    return bad("there is no entity type `" + name + "`");
  }

  Result<TypePtr> common_type(std::string const& path) {
    if (auto const it = commons_.find(path); it != commons_.end()) {
      if (it->second) return it->second;
      return bad("the type `" + path + "` is made of itself");
    }
    commons_[path] = nullptr;
    auto const cut = path.rfind("::");
    auto const space = cut == path.npos ? "" : path.substr(0, cut);
    auto const& common = text_.at(space).commons.at(cut == path.npos ? path : path.substr(cut + 2));
    if (++depth_ > depth_max) return bad("types are nested too deeply");
    auto made = TRY_DURING(type(space, common.type), "resolve the type " + path);
    --depth_;
    commons_[path] = made;
    return made;
  }

  Result<TypePtr> named(std::string const& space, SchemaType const& t) {
    bool const plain = !t.name.contains("::");
    bool const may_be_common = t.kind != Written::entity, may_be_entity = t.kind != Written::common;
    for (auto const& path : {plain ? full(space, t.name) : t.name, t.name}) {
      if (may_be_common && is_common(path)) return common_type(path);
      if (may_be_entity && is_entity(path)) return entity_type_of(path);
    }
    auto const rest = t.name.starts_with("__cedar::") ? t.name.substr(9) : t.name;
    if (may_be_common)
      if (auto found = builtin(rest)) return found;
    return bad("there is no type `" + t.name + "`");
  }

  Result<TypePtr> type(std::string const& space, SchemaType const& t) {
    switch (t.kind) {
      case Written::boolean: return type_of(Type::Kind::boolean);
      case Written::number: return type_of(Type::Kind::number);
      case Written::text: return type_of(Type::Kind::text);
      case Written::extension: {
        auto const rest = t.name.starts_with("__cedar::") ? t.name.substr(9) : t.name;
        auto found = builtin(rest);
        if (!found || found->kind != Type::Kind::extension)
          return bad("there is no extension type `" + t.name + "`");
        return found;
      }
      case Written::entity_or_common:
      case Written::entity:
      case Written::common: return named(space, t);
      case Written::set: return set_type_of(TRY(type(space, t.element[0])));
      case Written::record: break;
    }
    TypeFields fields;
    for (auto const& field : t.fields) {
      auto made =
          TRY_DURING(type(space, field.type), "resolve the attribute " + quoted(field.name));
      fields[field.name] = {std::move(made), field.required};
    }
    return record_type_of(std::move(fields));
  }

  Result<TypePtr> record(std::string const& space, SchemaType const& t) {
    auto made = TRY(type(space, t));
    if (made->kind != Type::Kind::record) return bad("a record is wanted, not " + to_string(*made));
    return made;
  }

  Result<> add_entity(std::string const& space, std::string const& name,
                      SchemaEntity const& entity) {
    if (name == "Action") return bad("`Action` is the type of actions and cannot be declared");
    EntityTypeInfo info;
    auto const path = full(space, name);
    if (!entity.choices.empty()) info.choices.emplace(entity.choices.begin(), entity.choices.end());
    for (auto const& parent : entity.parents)
      info.ancestors.insert(TRY(entity_name(space, parent)));
    auto const shape = TRY_DURING(record(space, entity.shape), "resolve the entity type " + path);
    info.fields = shape->fields;
    if (entity.tags)
      info.tags = TRY_DURING(type(space, *entity.tags), "resolve the tags of " + path);
    out_.entities[path] = std::move(info);
    return {};
  }

  Result<EntityUid> group(std::string const& space, SchemaActionRef const& ref) const {
    auto const exists = [&](std::string const& type) {
      if (!is_action_type(type)) return false;
      auto const it = text_.find(type == "Action" ? "" : type.substr(0, type.size() - 8));
      return it != text_.end() && it->second.actions.contains(ref.id);
    };
    auto const own = full(space, "Action");
    auto const inner = full(space, ref.type);
    if (ref.type.empty() && exists(own)) return EntityUid{own, ref.id};
    if (!ref.type.empty() && exists(inner)) return EntityUid{inner, ref.id};
    if (exists(ref.type)) return EntityUid{ref.type, ref.id};
    return bad("there is no action " + quoted(ref.id) + " to be a group");
  }

  Result<> add_action(std::string const& space, std::string const& id, SchemaAction const& action) {
    ActionInfo info;
    for (auto const& ref : action.groups)
      info.parents.insert(TRY_DURING(group(space, ref), "resolve action " + quoted(id)));
    for (auto const& name : action.principals)
      info.principals.insert(TRY(entity_name(space, name)));
    for (auto const& name : action.resources) info.resources.insert(TRY(entity_name(space, name)));
    info.context =
        TRY_DURING(record(space, action.context), "resolve the context of " + quoted(id));
    out_.actions[{full(space, "Action"), id}] = std::move(info);
    return {};
  }

  /// Types may form a cycle (`entity Group in [Group]`), so this is a walk and not an order.
  void close_entities() {
    std::map<std::string, std::set<std::string>> closed;
    for (auto const& [name, info] : out_.entities) {
      std::vector<std::string> open(info.ancestors.begin(), info.ancestors.end());
      auto& mine = closed[name];
      while (!open.empty()) {
        auto const next = std::move(open.back());
        open.pop_back();
        if (!mine.insert(next).second) continue;
        auto const& up = out_.entities.at(next).ancestors;
        open.insert(open.end(), up.begin(), up.end());
      }
    }
    for (auto& [name, info] : out_.entities) info.ancestors = std::move(closed[name]);
  }

  Result<> close_actions() {
    for (auto& [uid, info] : out_.actions) {
      std::vector<EntityUid> open(info.parents.begin(), info.parents.end());
      while (!open.empty()) {
        auto const next = std::move(open.back());
        open.pop_back();
        if (next == uid) return bad("the action " + to_string(uid) + " is in itself");
        if (!info.ancestors.insert(next).second) continue;
        auto const& up = out_.actions.at(next).parents;
        open.insert(open.end(), up.begin(), up.end());
      }
    }
    return {};
  }

  SchemaText const& text_;
  Schema out_;
  std::map<std::string, TypePtr> commons_;  // null while being made
  std::size_t depth_ = 0;
};

}  // namespace

Result<Schema> resolve(SchemaText const& text) {
  return Resolver(text).run();
}

}  // namespace reeve::cedar
