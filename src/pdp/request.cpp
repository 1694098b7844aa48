#include "pdp/request.hpp"

#include <algorithm>

namespace reeve::pdp {
namespace {

Json json_of(Entity const& entity) {
  Json out;
  out.add("type", entity.type).add("id", entity.id);
  auto const* properties = entity.properties.object();
  if (properties && !properties->empty()) out.add("properties", entity.properties);
  if (entity.parents.empty()) return out;
  Json::Array parents;
  for (auto const& [type, id] : entity.parents)
    parents.push_back(Json().add("type", type).add("id", id));
  return out.add("parents", std::move(parents));
}

void write(std::string& out, Json const& json) {
  auto comma = [&out, first = true]() mutable {
    if (!std::exchange(first, false)) out += ',';
  };
  if (auto const* items = json.array()) {
    out += '[';
    for (auto const& item : *items) {
      comma();
      write(out, item);
    }
    out += ']';
  } else if (auto const* members = json.object()) {
    std::vector<JsonMember const*> sorted;
    for (auto const& member : *members) sorted.push_back(&member);
    std::ranges::sort(sorted, {}, [](auto const* m) -> auto const& { return m->key; });
    out += '{';
    for (auto const* member : sorted) {
      comma();
      append_json_string(out, member->key);
      out += ':';
      write(out, member->value);
    }
    out += '}';
  } else {
    out += to_json(json);
  }
}

}  // namespace

Json to_json(Request const& request) {
  Json action, out;
  action.add("name", request.action);
  auto const* properties = request.action_properties.object();
  if (properties && !properties->empty()) action.add("properties", request.action_properties);
  out.add("subject", json_of(request.subject)).add("action", std::move(action));
  return out.add("resource", json_of(request.resource)).add("context", request.context);
}

std::string canonical(Json const& json) {
  std::string out;
  write(out, json);
  return out;
}

std::string canonical(Request const& request) {
  return canonical(to_json(request));
}

}  // namespace reeve::pdp
