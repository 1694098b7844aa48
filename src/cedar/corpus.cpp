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

Result<CorpusCounts> run(std::string const& name, std::string_view text, CorpusFile const& file) {
  CorpusCounts out{.tests = 1};
  auto const test = TRY(parse_json(text, entity_json_limits));
  auto const* policy_text = TRY(named(test, "policies", file));
  auto const* entity_text = TRY(named(test, "entities", file));
  auto const policies = TRY_DURING(parse_policies(*policy_text), "read the policies");
  auto const entities = TRY_DURING(parse_entities(*entity_text), "read the entities");
  TRY(round_trip(policies));
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
  differences.insert(differences.end(), other.differences.begin(), other.differences.end());
}

CorpusCounts run_corpus_test(std::string const& name, std::string_view text,
                             CorpusFile const& file) {
  auto counts = run(name, text, file);
  if (counts) return *std::move(counts);
  return {.tests = 1, .differences = {name + ": " + counts.error().to_string()}};
}

}  // namespace reeve::cedar
