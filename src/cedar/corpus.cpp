#include "cedar/corpus.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "base/text.hpp"
#include "cedar/authorize.hpp"
#include "cedar/entity_json.hpp"
#include "cedar/parser.hpp"
#include "cedar/policy_json.hpp"
#include "cedar/print.hpp"
#include "cedar/snapshot.hpp"
#include "cedar/validate.hpp"

namespace reeve::cedar {
namespace {

std::vector<std::string> texts(Json const* array) {
  std::vector<std::string> out;
  if (array && array->array())
    for (auto const& item : *array->array())
      if (auto const* text = item.text()) out.push_back(*text);
  std::sort(out.begin(), out.end());
  return out;
}

std::string compare(Response const& got, Json const& want) {
  std::vector<std::string> errors;
  for (auto const& error : got.errors) errors.push_back(error.policy);
  auto const decision = want.text_at("decision");
  if (name(got.decision) != decision)
    return "decision " + std::string(name(got.decision)) + ", expected " + decision;
  auto const differ = [](std::string_view what, auto const& a, auto const& b) {
    return std::string(what) + " [" + join(a, ", ") + "], expected [" + join(b, ", ") + "]";
  };
  auto const reasons = texts(want.find("reason"));
  auto const expected = texts(want.find("errors"));
  if (got.reasons != reasons) return differ("reasons", got.reasons, reasons);
  if (errors != expected) return differ("errors", errors, expected);
  return {};
}

Result<std::string const*> named(Json const& test, std::string_view key, CorpusFile const& file) {
  auto const path = test.text_at(key);
  if (auto const* text = file(path)) return text;
  return fail(Errc::not_found, "there is no file " + path);
}

/// Text → tree → text → tree, and tree → JSON → text of it → JSON → tree.
Result<> round_trip(PolicySet const& policies) {
  for (auto const& policy : policies.policies()) {
    auto const printed = to_string(*policy);
    auto const reread = TRY_DURING(parse_policy(printed, policy->id), "read the printed policy");
    if (!reread.same_as(*policy))
      return fail(Errc::invalid, "printing changes the policy: " + printed);
  }
  auto const made = TRY(to_policy_json(policies));
  auto const json = to_json(made);
  auto const parsed = TRY(parse_json(json, policy_json_limits));
  auto const reread = TRY(policy_set_from_json(parsed));
  for (auto const& policy : policies.policies()) {
    auto const* other = reread.find(policy->id);
    if (!other || !other->same_as(*policy))
      return fail(Errc::invalid, "JSON changes the policy: " + json);
  }
  return {};
}

Result<> round_trip(Entities const& entities) {
  auto const reread = TRY(parse_entities(to_json(to_json_value(entities))));
  if (reread.all() == entities.all()) return {};
  return fail(Errc::invalid, "JSON changes the entities");
}

Json sorted(Json json) {
  if (auto* items = std::get_if<Json::Array>(&json.value))
    for (auto& item : *items) item = sorted(std::move(item));
  if (auto* members = std::get_if<Json::Object>(&json.value)) {
    for (auto& member : *members) member.value = sorted(std::move(member.value));
    std::sort(members->begin(), members->end(), [](auto& a, auto& b) { return a.key < b.key; });
  }
  return json;
}

/// The file beside the test: "corpus-tests/HASH.json" has
/// "corpus-tests-validation/HASH.validation.json".
std::string beside(std::string name, std::string_view suffix, std::string_view ending) {
  auto const slash = name.rfind('/');
  auto const folder = slash == name.npos ? "" : name.substr(0, slash);
  auto const stem = name.substr(slash == name.npos ? 0 : slash + 1);
  return folder + std::string(suffix) + "/" + stem.substr(0, stem.size() - 5) + std::string(ending);
}

Result<Schema> check_schema(std::string const& name, std::string_view text, CorpusFile const& file,
                            CorpusCounts& out) {
  auto const written = TRY_DURING(parse_schema(text), "read the schema");
  auto const json = to_schema_json(written);
  auto const again = TRY_DURING(parse_schema(to_string(written)), "read the printed schema");
  if (!(sorted(to_schema_json(again)) == sorted(json)))
    return fail(Errc::invalid, "printing changes the schema");
  auto const back = TRY(schema_from_json(json));
  if (!(to_schema_json(back) == json)) return fail(Errc::invalid, "JSON changes the schema");
  if (auto const* stored = file(beside(name, "-json-schemas", ".cedarschema.json"))) {
    auto const want = TRY(parse_json(*stored, entity_json_limits));
    ++out.schemas;
    if (!(sorted(want) == sorted(json)))
      out.differences.push_back(name + ": the JSON schema differs");
  }
  return resolve(written);
}

bool verdict(PolicySet const& policies, Schema const& schema, Mode mode) {
  return !has_errors(validate(policies, schema, {.mode = mode}));
}

Result<> check_verdicts(std::string const& name, Json const& test, PolicySet const& policies,
                        Schema const& schema, CorpusFile const& file, CorpusCounts& out) {
  auto const strict = verdict(policies, schema, Mode::strict);
  auto const say = [&](std::string_view what, bool got) {
    out.differences.push_back(name + ": " + std::string(what) + (got ? " passes" : " fails"));
  };
  ++out.verdicts;
  if (*test.find("shouldValidate")->boolean() != strict) say("validation", strict);
  auto const* stored = file(beside(name, "-validation", ".validation.json"));
  if (!stored) return {};
  auto const json = TRY(parse_json(*stored, entity_json_limits));
  auto const* want = json.find("policyValidation");
  auto const permissive = verdict(policies, schema, Mode::permissive);
  if (*want->find("strict")->boolean() != strict) say("strict validation", strict);
  if (*want->find("permissive")->boolean() != permissive) say("permissive validation", permissive);
  return {};
}

Result<CorpusCounts> run(std::string const& name, std::string_view text, CorpusFile const& file) {
  CorpusCounts out{.tests = 1};
  auto const test = TRY(parse_json(text, entity_json_limits));
  auto const* policy_text = TRY(named(test, "policies", file));
  auto const* entity_text = TRY(named(test, "entities", file));
  auto const policies = TRY_DURING(parse_policies(*policy_text), "read the policies");
  auto const entities = TRY_DURING(parse_entities(*entity_text), "read the entities");
  TRY(round_trip(policies));
  auto const* schema_text = TRY(named(test, "schema", file));
  auto const schema = TRY(check_schema(name, *schema_text, file, out));
  TRY(check_verdicts(name, test, policies, schema, file, out));
  TRY(round_trip(entities));
  auto const* requests = test.find("requests");
  if (!requests || !requests->array()) return fail(Errc::invalid, "there are no requests");
  auto const snapshot = TRY(Snapshot::make(policies, entities));
  Scratch scratch;
  for (auto const& want : *requests->array()) {
    ++out.requests;
    auto const request = request_from_json(want);
    auto difference = request ? compare(authorize(policies, *request, entities), want)
                              : request.error().to_string();
    if (request && difference.empty()) {
      difference = compare(snapshot->authorize(*request, scratch), want);
      if (!difference.empty()) difference = "compiled: " + difference;
    }
    if (!difference.empty())
      out.differences.push_back(name + ": " + want.text_at("description") + ": " + difference);
  }
  return out;
}

}  // namespace

void CorpusCounts::add(CorpusCounts const& other) {
  tests += other.tests;
  requests += other.requests;
  verdicts += other.verdicts;
  schemas += other.schemas;
  differences.insert(differences.end(), other.differences.begin(), other.differences.end());
}

CorpusCounts run_corpus_test(std::string const& name, std::string_view text,
                             CorpusFile const& file) {
  auto counts = run(name, text, file);
  if (counts) return *std::move(counts);
  return {.tests = 1, .differences = {name + ": " + counts.error().to_string()}};
}

}  // namespace reeve::cedar
