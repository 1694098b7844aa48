// The Cedar form of schemas: read and printed. A trailing comma is an error here except where the
// reference allows it (appliesTo and records).

#include <algorithm>
#include <set>

#include "cedar/lexer.hpp"
#include "cedar/print.hpp"
#include "cedar/schema.hpp"

namespace reeve::cedar {
namespace {

using Kind = SchemaType::Kind;

bool builtin(std::string_view name) {
  constexpr std::string_view names[] = {"Bool", "Boolean", "Long",   "String",
                                        "Set",  "Record",  "Entity", "Extension"};
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text), tokens_(tokenize(text)) {
    errors_ = std::move(tokens_.errors);
  }

  SchemaText run() {
    SchemaText out;
    while (errors_.empty() && peek() != Tok::end) {
      auto notes = annotations();
      if (peek_word("namespace"))
        space(out, std::move(notes));
      else
        declaration(out[""], std::move(notes));
    }
    return out;
  }

  std::vector<Diagnostic> const& errors() const { return errors_; }

 private:
  struct Nested {
    explicit Nested(Parser& owner) : parser(owner) {
      if (++parser.depth_ > depth_max) parser.syntax("nested too deeply: at most 250 levels");
    }
    ~Nested() { --parser.depth_; }
    Nested(Nested const&) = delete;
    Nested& operator=(Nested const&) = delete;
    Parser& parser;
  };

  Tok peek(std::size_t ahead = 0) const {
    return tokens_.tokens[std::min(at_ + ahead, tokens_.tokens.size() - 1)].tok;
  }
  Span here() const { return tokens_.tokens[at_].span; }
  std::string word() const {
    return std::string(text_.substr(here().begin, here().end - here().begin));
  }
  bool peek_word(std::string_view w) const { return peek() == Tok::identifier && word() == w; }
  bool failed() const { return !errors_.empty(); }
  void next() {
    if (at_ + 1 < tokens_.tokens.size()) ++at_;
  }
  bool take(Tok tok) {
    if (failed() || peek() != tok) return false;
    next();
    return true;
  }
  bool take_word(std::string_view w) {
    if (failed() || !peek_word(w)) return false;
    next();
    return true;
  }
  void syntax(std::string message) {
    if (errors_.empty()) errors_.push_back({here(), "schema", std::move(message)});
  }
  std::string found() const {
    return peek() == Tok::end ? std::string(name(Tok::end)) : "`" + word().substr(0, 40) + "`";
  }
  void expect(Tok tok) {
    if (!failed() && !take(tok))
      syntax("expected " + std::string(name(tok)) + ", found " + found());
  }

  std::string identifier() {
    if (failed()) return {};
    auto out = word();
    auto const tok = peek();
    if (tok == Tok::identifier && (out == "in" || is_reserved(out)))
      syntax("`" + out + "` is a reserved word");
    expect(Tok::identifier);
    return out;
  }
  std::string string() {
    auto const raw = word();
    if (failed()) return {};
    if (peek() != Tok::string) return syntax("expected a string, found " + found()), "";
    auto out = unescape(std::string_view(raw).substr(1, raw.size() - 2));
    if (!out) syntax(std::string(out.error().message()));
    next();
    return out ? *out : "";
  }
  /// An identifier, of any kind, or a string.
  std::string name_or_string() {
    if (peek() == Tok::string) return string();
    auto out = word();
    if (out == "__cedar") syntax("`__cedar` is reserved");
    expect(Tok::identifier);
    return out;
  }
  /// `A::B`; `__cedar::X` names what is built in.
  std::string path() {
    std::string out;
    if (peek_word("__cedar") && peek(1) == Tok::double_colon) {
      next(), next();
      out = "__cedar::" + identifier();
      return out;
    }
    out = identifier();
    while (!failed() && peek() == Tok::double_colon && peek(1) == Tok::identifier) {
      next();
      out += "::" + identifier();
    }
    return out;
  }

  template <class Item>
  void list(Tok close, bool trailing, Item item) {
    if (take(close)) return;
    for (;;) {
      item();
      if (failed() || take(close)) return;
      expect(Tok::comma);
      if (trailing && take(close)) return;
    }
  }

  std::vector<Annotation> annotations() {
    std::vector<Annotation> out;
    std::set<std::string> keys;
    while (take(Tok::at)) {
      Annotation a{.key = word(), .value = {}};
      expect(Tok::identifier);
      if (take(Tok::left_paren)) {
        a.value = string();
        expect(Tok::right_paren);
      }
      if (!keys.insert(a.key).second) syntax("the annotation @" + a.key + " is given twice");
      out.push_back(std::move(a));
    }
    return out;
  }

  void space(SchemaText& out, std::vector<Annotation> notes) {
    next();
    auto const name = path();
    if (out.contains(name)) syntax("the namespace " + name + " is given twice");
    auto& space = out[name];
    space.annotations = std::move(notes);
    expect(Tok::left_brace);
    while (!failed() && !take(Tok::right_brace)) {
      auto inner = annotations();
      declaration(space, std::move(inner));
    }
  }

  void declaration(SchemaSpace& space, std::vector<Annotation> notes) {
    if (take_word("entity")) return entity(space, std::move(notes));
    if (take_word("action")) return action(space, std::move(notes));
    if (take_word("type")) return common(space, std::move(notes));
    syntax("expected `entity`, `action`, `type` or `namespace`, found " + found());
  }

  void entity(SchemaSpace& space, std::vector<Annotation> notes) {
    std::vector<std::string> names;
    do names.push_back(identifier());
    while (take(Tok::comma));
    SchemaEntity out{.annotations = std::move(notes)};
    if (take_word("enum")) {
      expect(Tok::left_bracket);
      list(Tok::right_bracket, true, [&] { out.choices.push_back(string()); });
      if (out.choices.empty()) syntax("an enumerated type needs a choice");
    } else {
      if (take_word("in")) out.parents = types();
      take(Tok::equal);
      if (peek() == Tok::left_brace) out.shape = type();
      if (take_word("tags")) out.tags = type();
    }
    expect(Tok::semicolon);
    for (auto const& name : names)
      if (!space.entities.emplace(name, out).second)
        syntax("the entity type " + name + " is declared twice");
  }

  std::vector<std::string> types() {
    std::vector<std::string> out;
    if (take(Tok::left_bracket))
      list(Tok::right_bracket, true, [&] { out.push_back(path()); });
    else
      out.push_back(path());
    return out;
  }

  void common(SchemaSpace& space, std::vector<Annotation> notes) {
    auto const name = identifier();
    if (builtin(name)) syntax("`" + name + "` is the name of a built-in type");
    expect(Tok::equal);
    SchemaCommon out{.type = type(), .annotations = std::move(notes)};
    expect(Tok::semicolon);
    if (!space.commons.emplace(name, std::move(out)).second)
      syntax("the type " + name + " is declared twice");
  }

  SchemaType type() {
    Nested const level(*this);
    if (failed()) return {};
    if (take(Tok::left_brace)) return record();
    if (peek_word("Set") && peek(1) == Tok::less) {
      next(), next();
      SchemaType out{.kind = Kind::set};
      out.element.push_back(type());
      expect(Tok::greater);
      return out;
    }
    return {.kind = Kind::entity_or_common, .name = path()};
  }

  SchemaType record() {
    SchemaType out;
    std::set<std::string> names;
    list(Tok::right_brace, true, [&] {
      SchemaField field{.name = {}, .type = {}, .annotations = annotations()};
      field.name = name_or_string();
      field.required = !take(Tok::question);
      expect(Tok::colon);
      field.type = type();
      if (!names.insert(field.name).second)
        syntax("the attribute " + quoted(field.name) + " is given twice");
      out.fields.push_back(std::move(field));
    });
    return out;
  }

  SchemaActionRef action_ref() {
    if (peek() == Tok::string || peek(1) != Tok::double_colon) return {"", name_or_string()};
    SchemaActionRef out{.type = path(), .id = {}};
    expect(Tok::double_colon);
    out.id = string();
    return out;
  }

  void action(SchemaSpace& space, std::vector<Annotation> notes) {
    std::vector<std::string> names;
    do names.push_back(name_or_string());
    while (take(Tok::comma));
    SchemaAction out{.applies = false, .annotations = std::move(notes)};
    if (take_word("in")) {
      if (take(Tok::left_bracket))
        list(Tok::right_bracket, true, [&] { out.groups.push_back(action_ref()); });
      else
        out.groups.push_back(action_ref());
    }
    if (take_word("appliesTo")) applies_to(out);
    if (take_word("attributes")) {  // deprecated: only the empty record
      expect(Tok::left_brace);
      expect(Tok::right_brace);
    }
    expect(Tok::semicolon);
    for (auto const& name : names)
      if (!space.actions.emplace(name, out).second)
        syntax("the action " + quoted(name) + " is declared twice");
  }

  void applies_to(SchemaAction& out) {
    out.applies = true;
    std::set<std::string> seen;
    expect(Tok::left_brace);
    list(Tok::right_brace, true, [&] {
      auto const what = word();
      expect(Tok::identifier);
      expect(Tok::colon);
      if (!seen.insert(what).second) syntax("`" + what + "` is given twice");
      if (what == "principal")
        out.principals = types();
      else if (what == "resource")
        out.resources = types();
      else if (what == "context")
        out.context = context();
      else
        syntax("expected `principal`, `resource` or `context`, found `" + what + "`");
    });
    if (!seen.contains("principal") || !seen.contains("resource"))
      syntax("appliesTo needs `principal` and `resource`");
    if (!failed() && (out.principals.empty() || out.resources.empty()))
      syntax("`principal` and `resource` need at least one type");
  }

  SchemaType context() {
    auto out = type();
    if (out.kind == Kind::set) syntax("a context is a record");
    if (out.kind == Kind::entity_or_common) out.kind = Kind::common;
    return out;
  }

  std::string_view text_;
  Tokens tokens_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::vector<Diagnostic> errors_;
};

// ── printing ──

std::string key(std::string const& name) {
  return is_identifier(name) && !is_reserved(name) ? name : quoted(name);
}

std::string notes(std::vector<Annotation> const& annotations, std::string const& indent) {
  std::string out;
  for (auto const& a : annotations)
    out += indent + "@" + a.key + (a.value ? "(" + quoted(*a.value) + ")" : "") + "\n";
  return out;
}

std::string show(SchemaType const& type, std::string const& indent) {
  switch (type.kind) {
    case Kind::entity_or_common:
    case Kind::entity:
    case Kind::common: return type.name;
    case Kind::boolean: return "__cedar::Bool";
    case Kind::number: return "__cedar::Long";
    case Kind::text: return "__cedar::String";
    case Kind::extension: return "__cedar::" + type.name;
    case Kind::set: return "Set<" + show(type.element[0], indent) + ">";
    case Kind::record: break;
  }
  if (type.fields.empty()) return "{}";
  std::string out = "{\n";
  auto const inner = indent + "  ";
  for (auto const& field : type.fields)
    out += notes(field.annotations, inner) + inner + key(field.name) +
           (field.required ? ": " : "?: ") + show(field.type, inner) + ",\n";
  return out + indent + "}";
}

std::string show(std::vector<std::string> const& names) {
  std::string out = "[";
  for (auto const& name : names) out += (out.size() > 1 ? ", " : "") + name;
  return out + "]";
}

std::string show(std::string const& name, SchemaEntity const& e, std::string const& indent) {
  auto out = notes(e.annotations, indent) + indent + "entity " + name;
  if (!e.choices.empty()) {
    std::string list;
    for (auto const& choice : e.choices) list += (list.empty() ? "" : ", ") + quoted(choice);
    return out + " enum [" + list + "];\n";
  }
  if (!e.parents.empty()) out += " in " + show(e.parents);
  if (e.shape.kind != Kind::record || !e.shape.fields.empty()) out += " = " + show(e.shape, indent);
  if (e.tags) out += " tags " + show(*e.tags, indent);
  return out + ";\n";
}

std::string show(std::string const& name, SchemaAction const& a, std::string const& indent) {
  auto out = notes(a.annotations, indent) + indent + "action " + key(name);
  if (!a.groups.empty()) {
    std::string list;
    for (auto const& g : a.groups)
      list += (list.empty() ? "" : ", ") + (g.type.empty() ? "" : g.type + "::") + quoted(g.id);
    out += " in [" + list + "]";
  }
  if (a.applies && !a.principals.empty() && !a.resources.empty())
    out += " appliesTo {\n" + indent + "  principal: " + show(a.principals) + ",\n" + indent +
           "  resource: " + show(a.resources) + ",\n" + indent +
           "  context: " + show(a.context, indent + "  ") + "\n" + indent + "}";
  return out + ";\n";
}

std::string show(SchemaSpace const& space, std::string const& indent) {
  std::string out;
  for (auto const& [name, common] : space.commons)
    out += notes(common.annotations, indent) + indent + "type " + name + " = " +
           show(common.type, indent) + ";\n";
  for (auto const& [name, entity] : space.entities) out += show(name, entity, indent);
  for (auto const& [name, action] : space.actions) out += show(name, action, indent);
  return out;
}

}  // namespace

bool SchemaType::operator==(SchemaType const& o) const {
  return kind == o.kind && name == o.name && element == o.element && fields == o.fields;
}

Result<SchemaText> parse_schema(std::string_view text) {
  Parser parser(text);
  auto out = parser.run();
  if (!parser.errors().empty()) return std::unexpected(as_error(text, parser.errors()));
  return out;
}

std::string to_string(SchemaText const& schema) {
  std::string out;
  for (auto const& [name, space] : schema) {
    if (name.empty())
      out += show(space, "");
    else
      out +=
          notes(space.annotations, "") + "namespace " + name + " {\n" + show(space, "  ") + "}\n";
  }
  return out;
}

}  // namespace reeve::cedar
