#include "cedar/cases.hpp"

#include <algorithm>
#include <charconv>

#include "base/text.hpp"
#include "cedar/conformance.hpp"
#include "cedar/entity_json.hpp"
#include "cedar/evaluate.hpp"
#include "cedar/parser.hpp"

namespace reeve::cedar {
namespace {

constexpr YamlLimits limits = {.bytes_max = 16u << 20, .nodes_max = 2'000'000};

Json scalar(Yaml const& node) {
  if (node.quoted) return node.scalar;
  if (node.scalar == "true") return true;
  if (node.scalar == "false") return false;
  std::int64_t number = 0;
  auto const* end = node.scalar.data() + node.scalar.size();
  auto const [at, error] = std::from_chars(node.scalar.data(), end, number);
  if (error == std::errc() && at == end && !node.scalar.empty()) return number;
  return node.scalar;
}

Json json_of(Yaml const& node) {
  switch (node.kind) {
    case Yaml::Kind::null: return nullptr;
    case Yaml::Kind::scalar: return scalar(node);
    case Yaml::Kind::sequence: {
      Json::Array out;
      for (auto const& item : node.items) out.push_back(json_of(item));
      return out;
    }
    case Yaml::Kind::map: {
      Json out{Json::Object{}};
      for (auto const& [key, value] : node.members) out.add(key, json_of(value));
      return out;
    }
  }
  return nullptr;
}

Result<> only(Yaml const& node, std::span<std::string_view const> known) {
  if (node.kind != Yaml::Kind::map) return node.wrong("expected members, as `name: value`");
  for (auto const& [key, value] : node.members) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    auto const meant = closest(key, known);
    return value.wrong("unknown member `" + key + "`" +
                       (meant.empty() ? "" : "; did you mean `" + std::string(meant) + "`?"));
  }
  return {};
}

Result<std::string> text_of(Yaml const& node, std::string_view key) {
  auto const& value = node[key];
  if (!value) return std::string();
  if (value.kind != Yaml::Kind::scalar)
    return value.wrong("`" + std::string(key) + "` is a single text");
  return value.scalar;
}

Result<std::vector<std::string>> texts_of(Yaml const& node, std::string_view key) {
  auto const& value = node[key];
  std::vector<std::string> out;
  if (!value) return out;
  if (value.kind == Yaml::Kind::scalar) return std::vector{value.scalar};
  if (value.kind != Yaml::Kind::sequence)
    return value.wrong("`" + std::string(key) + "` is a list of texts");
  for (auto const& item : value.items) {
    if (item.kind != Yaml::Kind::scalar) return item.wrong("expected a text");
    out.push_back(item.scalar);
  }
  return out;
}

Result<Json::Array> entities_of(Yaml const& node) {
  auto const& value = node["entities"];
  Json::Array out;
  if (!value) return out;
  if (value.kind != Yaml::Kind::sequence) return value.wrong("`entities` is a list of entities");
  for (auto const& item : value.items) out.push_back(json_of(item));
  return out;
}

/// Members of `over` replace those of `under`, at any depth.
Json merged(Json const& under, Json const& over) {
  if (!under.object() || !over.object()) return over;
  Json out = over;
  for (auto const& [key, value] : *under.object()) {
    auto const* mine = over.find(key);
    if (!mine) {
      out.add(key, value);
      continue;
    }
    for (auto& member : std::get<Json::Object>(out.value))
      if (member.key == key) member.value = merged(value, *mine);
  }
  return out;
}

Result<> fill(Case& out, Yaml const& node) {
  auto const set = [&](std::string& into, std::string_view key) -> Result<> {
    auto text = TRY(text_of(node, key));
    if (!text.empty()) into = std::move(text);
    return {};
  };
  TRY(set(out.principal, "principal"));
  TRY(set(out.action, "action"));
  TRY(set(out.resource, "resource"));
  TRY(set(out.expect, "expect"));
  if (auto const& context = node["context"]) {
    auto json = json_of(context);
    out.context = out.context ? merged(*out.context, json) : std::move(json);
  }
  if (node["reasons"]) {
    out.reasons = TRY(texts_of(node, "reasons"));
    std::sort(out.reasons->begin(), out.reasons->end());
  }
  if (node["errors"]) out.errors = TRY(texts_of(node, "errors"));
  std::sort(out.errors.begin(), out.errors.end());
  auto const more = TRY(entities_of(node));
  out.entities.insert(out.entities.end(), more.begin(), more.end());
  return {};
}

Result<> check_expect(Case const& one, Yaml const& node) {
  static constexpr std::string_view words[] = {"allow", "deny", "forbidden", "not_permitted"};
  if (std::find(std::begin(words), std::end(words), one.expect) != std::end(words)) return {};
  if (one.expect.empty()) return node.wrong("a case says what it expects: `expect: allow`");
  return node.wrong("`expect: " + one.expect +
                    "` is unknown; one of: allow, deny, forbidden, not_permitted");
}

Result<Case> parse_case(Yaml const& node, Case const& defaults, std::size_t number) {
  static constexpr std::string_view known[] = {"name",     "principal", "action",
                                               "resource", "context",   "entities",
                                               "expect",   "reasons",   "errors"};
  TRY(only(node, known));
  auto out = defaults;
  out.line = node.line;
  TRY(fill(out, node));
  TRY(check_expect(out, node));
  if (out.principal.empty() || out.action.empty() || out.resource.empty())
    return node.wrong("a case has `principal`, `action` and `resource`, its own or by `defaults`");
  out.name = TRY(text_of(node, "name"));
  if (out.name.empty()) out.name = "case " + std::to_string(number);
  return out;
}

Result<Record> context_of(Case const& one, Request const& request, Entities const& entities) {
  if (!one.context) return Record();
  auto const* text = one.context->text();
  if (!text) return record_from_json(*one.context);
  auto const expr = TRY_DURING(parse_expression(*text), "read `context`");
  auto const value = TRY_DURING(evaluate(expr, request, entities), "evaluate `context`");
  if (!value.record()) return fail(Errc::invalid, "`context` is no record");
  return *value.record();
}

Result<Request> request_of(Case const& one, std::optional<Schema> const& schema,
                           Entities const& entities) {
  Request out;
  out.principal = TRY_DURING(parse_entity_uid(one.principal), "read `principal`");
  out.action = TRY_DURING(parse_entity_uid(one.action), "read `action`");
  out.resource = TRY_DURING(parse_entity_uid(one.resource), "read `resource`");
  if (schema && (!one.context || !one.context->text())) {
    Json json;
    json.add("principal", to_json_value(out.principal)).add("action", to_json_value(out.action));
    json.add("resource", to_json_value(out.resource));
    json.add("context", one.context ? *one.context : Json(Json::Object{}));
    return request_from_json(json, *schema);
  }
  out.context = TRY(context_of(one, out, entities));
  if (schema) TRY(check_request(out, *schema));
  return out;
}

Result<Entities> all_entities(Case const& one, std::optional<Schema> const& schema,
                              Json::Array const& shared) {
  auto all = shared;
  all.insert(all.end(), one.entities.begin(), one.entities.end());
  return schema ? entities_from_json(all, *schema) : entities_from_json(all);
}

std::string listed(std::vector<std::string> const& ids) {
  return ids.empty() ? "none" : join(ids, ", ");
}

bool as_expected(std::string const& expect, Outcome outcome) {
  if (expect == "allow") return outcome == Outcome::permitted;
  if (expect == "deny") return outcome != Outcome::permitted;
  return expect == name(outcome);
}

std::vector<CaseFailure> judge(Case const& one, Explanation const& why) {
  std::vector<CaseFailure> out;
  if (!as_expected(one.expect, why.outcome)) {
    bool const finer = one.expect != "allow" && why.outcome != Outcome::permitted;
    out.push_back({finer ? "outcome" : "decision",
                   "expected " + one.expect + ", got " +
                       std::string(finer ? name(why.outcome) : name(why.response.decision)) + ": " +
                       summary(why)});
  }
  if (one.reasons && *one.reasons != why.response.reasons)
    out.push_back({"reasons", "expected decided by " + listed(*one.reasons) + ", got " +
                                  listed(why.response.reasons)});
  std::vector<std::string> errors;
  std::string messages;
  for (auto const& each : why.response.errors) {
    errors.push_back(each.policy);
    messages += "; " + each.policy + ": " + each.message;
  }
  if (errors != one.errors)
    out.push_back({"errors", "expected not evaluable " + listed(one.errors) + ", got " +
                                 listed(errors) + messages});
  return out;
}

}  // namespace

Result<CaseFile> parse_cases(std::string_view text) {
  static constexpr std::string_view known[] = {"policies", "links",    "schema",
                                               "entities", "defaults", "cases"};
  static constexpr std::string_view shared[] = {"principal", "action", "resource",
                                                "context",   "expect", "errors"};
  auto const root = TRY(parse_yaml(text, limits));
  if (!root) return fail(Errc::invalid, "line 1: the file is empty");
  TRY(only(root, known));
  CaseFile out;
  out.policies = TRY(texts_of(root, "policies"));
  if (out.policies.empty()) return root.wrong("`policies` names the files to test");
  out.links = TRY(text_of(root, "links"));
  out.schema = TRY(text_of(root, "schema"));
  if (root["entities"].kind == Yaml::Kind::scalar)
    out.entities_file = root["entities"].scalar;
  else
    out.entities = TRY(entities_of(root));
  Case defaults;
  if (auto const& node = root["defaults"]) {
    TRY(only(node, shared));
    TRY(fill(defaults, node));
  }
  auto const& cases = root["cases"];
  if (cases.kind != Yaml::Kind::sequence || cases.items.empty())
    return (cases ? cases : root).wrong("`cases` is a list of at least one case");
  for (auto const& node : cases.items)
    out.cases.push_back(TRY(parse_case(node, defaults, out.cases.size() + 1)));
  return out;
}

std::vector<CaseFailure> run_case(Case const& one, PolicySet const& policies,
                                  std::optional<Schema> const& schema, Json::Array const& entities,
                                  Entities const& parsed) {
  Entities own;
  if (!one.entities.empty()) {
    auto made = all_entities(one, schema, entities);
    if (!made) return {{"request", "entities: " + made.error().to_string()}};
    own = std::move(*made);
  }
  auto const& all = one.entities.empty() ? parsed : own;
  auto const request = request_of(one, schema, all);
  if (!request) return {{"request", request.error().to_string()}};
  return judge(one, explain(policies, *request, all, {.near_misses_max = 1}));
}

}  // namespace reeve::cedar
