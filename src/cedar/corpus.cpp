#include "cedar/corpus.hpp"

#include <algorithm>
#include <optional>

#include "base/json.hpp"
#include "base/text.hpp"
#include "cedar/authorize.hpp"
#include "cedar/conformance.hpp"
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
  errors.reserve(got.errors.size());
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

/// What belongs to "corpus-tests/HASH.json": "corpus-tests-validation/HASH.validation.json", or the
/// file of that ending in the test's own folder; null: there is none.
std::string const* beside(std::string const& name, std::string_view suffix, std::string_view ending,
                          CorpusFile const& file) {
  auto const slash = name.rfind('/');
  auto const folder = slash == name.npos ? "" : name.substr(0, slash);
  auto const stem = name.substr(slash == name.npos ? 0 : slash + 1);
  auto const end = "/" + stem.substr(0, stem.size() - 5) + std::string(ending);
  auto const* other = file(folder + std::string(suffix) + end);
  return other ? other : file(folder + end);
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
  if (auto const* stored = beside(name, "-json-schemas", ".cedarschema.json", file)) {
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

bool finds_errors(PolicySet const& policies, Schema const& schema, Mode mode, std::string_view id) {
  for (auto const& finding : validate(policies, schema, {.mode = mode}))
    if (finding.policy == id && finding.severity == Severity::error) return true;
  return false;
}

/// Each entity read and checked alone.
void check_entities(std::string const& name, Json const& stored, Json const& entities,
                    Schema const& schema, CorpusCounts& out) {
  auto const* wanted = stored.find("entityValidation");
  wanted = wanted ? wanted->find("perEntity") : nullptr;
  if (!wanted || !entities.array()) return;
  for (auto const& item : *entities.array()) {
    auto const uid =
        item.find("uid") ? entity_uid_from_json(*item.find("uid")) : Result<EntityUid>(EntityUid());
    auto const* want = uid ? wanted->find(uid->type + "::" + uid->id) : nullptr;
    if (!want) continue;
    ++out.verdicts;
    auto const got = entity_from_json(item, schema);
    if (got.has_value() == (want->find("errors") == nullptr)) continue;
    out.differences.push_back(name + ": " + to_string(*uid) +
                              (got ? " conforms" : ": " + got.error().to_string()));
  }
}

Result<> check_verdicts(std::string const& name, Json const& test, Json const& stored,
                        PolicySet const& policies, Schema const& schema, CorpusCounts& out) {
  auto const strict = verdict(policies, schema, Mode::strict);
  auto const say = [&](std::string_view what, bool got) {
    out.differences.push_back(name + ": " + std::string(what) + (got ? " passes" : " fails"));
  };
  ++out.verdicts;
  auto const* should = test.find("shouldValidate");
  if (should && *should->boolean() != strict) say("validation", strict);
  if (stored.is_null()) return {};
  auto const* want = stored.find("policyValidation");
  auto const permissive = verdict(policies, schema, Mode::permissive);
  if (*want->find("strict")->boolean() != strict) say("strict validation", strict);
  if (*want->find("permissive")->boolean() != permissive) say("permissive validation", permissive);
  for (auto const& [id, one] : *want->find("perPolicy")->object()) {
    bool const passes = !finds_errors(policies, schema, Mode::strict, id);
    bool const permits = !finds_errors(policies, schema, Mode::permissive, id);
    if (*one.find("strict")->boolean() != passes) say("strict validation of " + id, passes);
    if (*one.find("permissive")->boolean() != permits)
      say("permissive validation of " + id, permits);
  }
  return {};
}

/// Both engines on one request; empty: as wanted.
std::string decide(Json const& want, Request const& request, PolicySet const& policies,
                   Entities const& entities, Snapshot const& snapshot, Scratch& scratch) {
  auto difference = compare(authorize(policies, request, entities), want);
  if (!difference.empty()) return difference;
  difference = compare(snapshot.authorize(request, scratch), want);
  return difference.empty() ? "" : "compiled: " + difference;
}

/// The stored verdict over the n-th request: may it be read and does it conform?
std::optional<bool> wanted_verdict(Json const& stored, std::size_t n) {
  auto const* list = stored.find("requestValidation");
  if (!list || !list->array() || n >= list->array()->size()) return {};
  return *(*list->array())[n].find("strict")->boolean();
}

Result<> run_requests(std::string const& name, Json const& requests, Json const& stored,
                      PolicySet const& policies, Entities const& entities, Schema const& schema,
                      bool about_verdicts, CorpusCounts& out) {
  auto const snapshot = TRY(Snapshot::make(policies, entities));
  Scratch scratch;
  for (std::size_t i = 0; i < requests.array()->size(); ++i) {
    auto const& want = (*requests.array())[i];
    auto const request = request_from_json(want, schema);
    auto const verdict = wanted_verdict(stored, i).value_or(true);
    ++out.requests;
    std::string difference;
    if (request.has_value() != verdict)
      difference = request ? "conforms" : request.error().to_string();
    else if (request && !about_verdicts)
      difference = decide(want, *request, policies, entities, *snapshot, scratch);
    if (difference.empty()) continue;
    out.differences.push_back(name + ": " + want.text_at("description") + ": " + difference);
  }
  return {};
}

/// A test of reading alone: may all the entities be read, and each of them alone?
Result<CorpusCounts> run_parsing(std::string const& name, Json const& test, Json const& want,
                                 CorpusFile const& file) {
  CorpusCounts out{.tests = 1};
  auto const* schema_text = TRY(named(test, "schema", file));
  auto const schema = TRY(check_schema(name, *schema_text, file, out));
  auto const* entity_text = TRY(named(test, "entities", file));
  auto const json = parse_json(*entity_text, entity_json_limits);
  auto const judge = [&](std::string const& what, Json const& expected, bool got) {
    ++out.verdicts;
    if (*expected.find("success")->boolean() != got)
      out.differences.push_back(name + ": " + what + (got ? " is read" : " is not read"));
  };
  judge("the whole", *want.find("allEntities"), json && entities_from_json(*json, schema));
  if (!json || !json->array()) return out;
  for (auto const& item : *json->array()) {
    auto const uid =
        item.find("uid") ? entity_uid_from_json(*item.find("uid")) : Result<EntityUid>(EntityUid());
    auto const* expected = uid ? want.find("perEntity")->find(uid->type + "::" + uid->id) : nullptr;
    if (expected) judge(to_string(*uid), *expected, entity_from_json(item, schema).has_value());
  }
  return out;
}

Result<CorpusCounts> run(std::string const& name, std::string_view text, CorpusFile const& file) {
  CorpusCounts out{.tests = 1};
  auto const test = TRY(parse_json(text, entity_json_limits));
  if (auto const* parsing = beside(name, "", ".parsing.json", file)) {
    auto const want = TRY(parse_json(*parsing));
    return run_parsing(name, test, want, file);
  }
  auto const* policy_text = TRY(named(test, "policies", file));
  auto const* entity_text = TRY(named(test, "entities", file));
  auto const* schema_text = TRY(named(test, "schema", file));
  Json stored;
  auto const* found = beside(name, "-validation", ".validation.json", file);
  if (found) stored = TRY(parse_json(*found, entity_json_limits));
  // A test with its verdicts in its own folder is about these alone: the rest of it is filler.
  bool const about_verdicts = found && found == beside(name, "", ".validation.json", file);
  auto const policies = TRY_DURING(parse_policies(*policy_text), "read the policies");
  TRY(round_trip(policies));
  auto const schema = TRY(check_schema(name, *schema_text, file, out));
  TRY(check_verdicts(name, about_verdicts ? Json() : test, stored, policies, schema, out));
  auto const entity_json = TRY(parse_json(*entity_text, entity_json_limits));
  check_entities(name, stored, entity_json, schema, out);
  auto entities = entities_from_json(entity_json, schema);
  if (!entities && about_verdicts) entities = Entities();
  if (!entities) return std::unexpected(entities.error());
  TRY(round_trip(*entities));
  auto const* requests = test.find("requests");
  if (!requests || !requests->array()) return fail(Errc::invalid, "there are no requests");
  TRY(run_requests(name, *requests, stored, policies, *entities, schema, about_verdicts, out));
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
