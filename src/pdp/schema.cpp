#include "pdp/schema.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "model/fields.hpp"
#include "pdp/actions.hpp"
#include "pdp/attributes.hpp"

namespace reeve::pdp {
namespace {

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);  // all our own names: the escapes of both languages agree
  return out;
}

template <class T>
struct Unwrapped {
  using Type = T;
};
template <class T>
struct Unwrapped<Known<T>> {
  using Type = T;
};

/// The Cedar type of a field of the model.
template <class Field>
std::string_view cedar_type(Field const&) {
  using T = Unwrapped<Field>::Type;
  if constexpr (std::is_same_v<T, bool>)
    return "Bool";
  else if constexpr (std::is_same_v<T, Instant>)
    return "datetime";
  else if constexpr (std::is_integral_v<T>)
    return "Long";
  else if constexpr (std::is_same_v<T, std::vector<std::string>>)
    return "Set<String>";
  else
    return "String";
}

/// Every field may be absent: a source need not have reported it.
template <class Object>
std::string model_entity(std::string_view type, std::string_view parents) {
  std::string out = "entity " + std::string(type) + " in [" + std::string(parents) + "] = {\n";
  Object object;
  each_field(object, [&](std::string_view column, auto const& field) {
    out += "  " + std::string(column) + "?: " + std::string(cedar_type(field)) + ",\n";
  });
  out.resize(out.size() - 2);
  return out + "\n};\n";
}

std::string principals() {
  std::string all;
  for (auto const& role : roles) all += (all.empty() ? "" : ", ") + quoted(role.name);
  return "// Who asks.\nentity Role enum [" + all +
         "];\n"
         "// Somebody on this machine's socket, by the kernel's word.\n"
         "entity User in [Role];\n"
         "// The holder of a token of `reeve token create`.\n"
         "entity Token in [Role] = {\n  name?: String,\n  until?: datetime\n};\n"
         "// A workload with a token of the role agent; its id is the token's name.\n"
         "entity Agent in [Role] = {\n  name?: String,\n  until?: datetime\n};\n";
}

std::string resources() {
  return "// What it is about. A fact is absent unless a source has reported it.\n"
         "// The whole; `Estate::\"all\"` is its only one.\n"
         "entity Estate;\n"
         "entity Source = {\n  kind?: String\n};\n" +
         model_entity<Identity>("Identity", "Source") + model_entity<Person>("Person", "Source") +
         model_entity<Resource>("Resource", "Source") +
         model_entity<Credential>("Credential", "Identity, Source") +
         model_entity<Grant>("Grant", "Identity, Source") +
         model_entity<Sighting>("Sighting", "Identity, Source") +
         model_entity<Consumer>("Consumer", "Identity, Source") +
         model_entity<Usage>("Usage", "Identity, Source") +
         "entity Finding in [Source] = {\n  rule?: String,\n  severity?: String,\n"
         "  state?: String\n};\n"
         "entity Plan;\n"
         "entity Rule;\n"
         "// Policies for others, under a name: what a gateway or an application asks about.\n"
         "entity Domain;\n"
         "// What an agent calls; in the server (a Resource) that offers it.\n"
         "entity Tool in [Resource] = {\n  name?: String,\n  server?: String\n};\n";
}

struct Member {
  std::string_view name;
  std::vector<Attribute const*> leaves;
};

/// The attributes by their first name, in the order of the table.
std::vector<Member> members() {
  std::vector<Member> out;
  for (auto const& attribute : attributes) {
    auto const first = attribute.path.substr(0, attribute.path.find('.'));
    if (out.empty() || out.back().name != first) out.push_back({first, {}});
    out.back().leaves.push_back(&attribute);
  }
  return out;
}

std::string leaf(Attribute const& attribute, std::string_view name, std::string const& indent) {
  return indent + "// " + std::string(attribute.text) + "\n" + indent + "@source(" +
         quoted(attribute.source) + ")\n" + indent + std::string(name) +
         (attribute.required ? ": " : "?: ") + std::string(attribute.type);
}

std::string member(Member const& m) {
  if (m.leaves.front()->path == m.name) return leaf(*m.leaves.front(), m.name, "  ");
  bool const required = std::ranges::any_of(m.leaves, &Attribute::required);
  std::string out = "  " + std::string(m.name) + (required ? ": {\n" : "?: {\n");
  for (auto const* attribute : m.leaves)
    out += leaf(*attribute, attribute->path.substr(m.name.size() + 1), "    ") +
           (attribute == m.leaves.back() ? "\n" : ",\n");
  return out + "  }";
}

std::string context() {
  std::string out =
      "// How things are when it is asked, and who vouches for it.\ntype Context = {\n";
  auto const all = members();
  for (auto const& m : all) out += member(m) + (&m == &all.back() ? "\n" : ",\n");
  return out + "};\n";
}

std::string groups() {
  std::string out = "// Actions that are given together.\n";
  for (std::size_t n = 0; n < std::size(group_names); ++n)
    out += "// " + std::string(group_texts[n]) + "\naction " + quoted(group_names[n]) + ";\n";
  return out;
}

std::string one_action(Action const& action) {
  std::string types = "Estate";
  for (auto const type : split(action.resources, ' '))
    if (!type.empty()) types += ", " + std::string(type);
  auto const* principal =
      action.group == Group::use ? "User, Token, Agent, Identity, Person" : "User, Token, Agent";
  return "// " + std::string(action.text) + "\naction " + quoted(action.name) + " in [" +
         quoted(name(action.group)) + "] appliesTo {\n  principal: [" + principal +
         "],\n  resource: [" + types + "],\n  context: Context\n};\n";
}

}  // namespace

std::string product_schema_text() {
  std::string out =
      "// The schema of reeve's own policies. Made by `reeve docs` from the model and the table "
      "of\n"
      "// actions: edit those, not this. How to use it: docs/policy.md.\n\n";
  out += principals() + "\n" + resources() + "\n" + context() + "\n" + groups();
  out += "\n// What there is to do.\n";
  for (auto const& action : actions) out += one_action(action);
  return out;
}

Result<std::shared_ptr<PolicySchema const>> read_schema(std::string_view text) {
  auto parsed = TRY(cedar::parse_schema(text));
  auto schema = TRY(cedar::resolve(parsed));
  return std::make_shared<PolicySchema const>(std::move(parsed), std::move(schema));
}

Result<std::shared_ptr<PolicySchema const>> product_schema() {
  return read_schema(product_schema_text());
}

}  // namespace reeve::pdp
