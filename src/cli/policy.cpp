#include "cli/policy.hpp"

#include "base/file.hpp"
#include "base/text.hpp"
#include "cedar/conformance.hpp"
#include "cedar/entity_json.hpp"
#include "cedar/format.hpp"
#include "cedar/lifetime.hpp"
#include "cedar/lint.hpp"
#include "cedar/parser.hpp"
#include "cedar/validate.hpp"
#include "cli/policy_files.hpp"

namespace reeve::cli {
namespace {

std::string_view word(cedar::Severity severity) {
  return severity == cedar::Severity::error ? "error" : "warning";
}

Json json_of(cedar::Response const& response) {
  Json::Array reasons, errors;
  for (auto const& id : response.reasons) reasons.emplace_back(id);
  for (auto const& error : response.errors)
    errors.push_back(Json().add("policy", error.policy).add("message", error.message));
  Json out;
  out.add("decision", cedar::name(response.decision)).add("reasons", std::move(reasons));
  return out.add("errors", std::move(errors));
}

/// Everything one decision needs, read.
struct Question {
  PolicyFiles policies;
  cedar::Entities entities;
  cedar::Request request;
};

Result<Json> request_json(PolicyOptions const& options) {
  if (!options.request.empty()) {
    auto const text = TRY(read_policy_text(options.request));
    return TRY_DURING(parse_json(text, cedar::entity_json_limits), options.request);
  }
  if (options.principal.empty() || options.action.empty() || options.resource.empty())
    return fail(Errc::invalid, "give --request, or --principal, --action and --resource");
  Json out;
  auto const add = [&](std::string const& key, std::string const& text) -> Result<> {
    auto const uid = TRY_DURING(cedar::parse_entity_uid(text), "--" + key);
    out.add(key, cedar::to_json_value(uid));
    return {};
  };
  TRY(add("principal", options.principal));
  TRY(add("action", options.action));
  TRY(add("resource", options.resource));
  if (options.context.empty()) return std::move(out.add("context", Json::Object{}));
  auto const text = TRY(read_policy_text(options.context));
  auto context = TRY_DURING(parse_json(text, cedar::entity_json_limits), options.context);
  return std::move(out.add("context", std::move(context)));
}

/// Empty: the mistakes say why.
Result<std::optional<Question>> read_question(PolicyOptions const& options, Mistakes& mistakes) {
  Question out;
  out.policies = TRY(read_policies(options.files, options.links, mistakes));
  if (!mistakes.empty()) return std::optional<Question>();
  std::optional<cedar::Schema> schema;
  if (!options.schema.empty()) schema = TRY(read_schema(options.schema));
  out.entities = TRY(read_entities(options.entities, schema));
  auto const json = TRY(request_json(options));
  out.request =
      TRY_DURING(schema ? cedar::request_from_json(json, *schema) : cedar::request_from_json(json),
                 options.request.empty() ? "read the request" : options.request);
  return std::optional(std::move(out));
}

Exit exit_of(cedar::Decision decision) {
  return decision == cedar::Decision::allow ? Exit::done : Exit::findings;
}

std::string lines_of(std::vector<cedar::Conjunct> const& conjuncts, std::string const& source,
                     PolicyFiles const& files) {
  std::string out;
  for (auto const& each : conjuncts) {
    auto const at = files.at(source, each.span);
    out += "    " + (at.empty() ? "" : printable(at) + ": ") + std::string(cedar::name(each.part)) +
           ": " + printable(each.text) + "\n";
    if (!each.error.empty()) out += "      no answer: " + printable(each.error) + "\n";
    for (auto const& operand : each.operands)
      out += "      " + printable(operand.text) + " = " +
             (operand.value.empty() ? "absent" : printable(operand.value)) +
             (operand.exists ? "" : "  (no such entity)") + "\n";
  }
  return out;
}

template <class Policy>
std::string head_of(Policy const& policy, PolicyFiles const& files) {
  auto const at = files.at(policy.source, policy.span);
  return "  " + (at.empty() ? "" : printable(at) + ": ") + printable(policy.policy) +
         (policy.source == policy.policy ? "" : ", of template " + printable(policy.source)) + "\n";
}

std::string text_of(cedar::Explanation const& why, PolicyFiles const& files) {
  auto out =
      std::string(cedar::name(why.response.decision)) + ": " + printable(summary(why)) + "\n";
  if (!why.deciders.empty()) out += "\ndecided by\n";
  for (auto const& each : why.deciders)
    out += head_of(each, files) + lines_of(each.conditions, each.source, files);
  if (!why.near_misses.empty())
    out += "\nnearest of " + std::to_string(why.permits) + " permits, and what each lacks\n";
  for (auto const& each : why.near_misses)
    out += head_of(each, files) + lines_of(each.failing, each.source, files);
  if (!why.response.errors.empty()) out += "\nnot evaluable, so left out\n";
  for (auto const& each : why.response.errors)
    out += "  " + printable(each.policy) + ": " + printable(each.message) + "\n";
  return out;
}

std::string text_of(cedar::Lifetime const& life) {
  if (!life.changes_at) return "\nstands: time alone does not change it\n";
  auto const at = cedar::to_string(*life.changes_at);
  return "\nstands: may be another from " + (at.empty() ? "beyond the year 9999" : at) + " on\n";
}

Json json_of(cedar::ReadSet const& reads) {
  Json::Array paths, entities;
  for (auto const& each : reads.paths) paths.emplace_back(each);
  for (auto const& each : reads.entities) entities.push_back(cedar::to_json_value(each));
  return Json().add("paths", std::move(paths)).add("entities", std::move(entities));
}

}  // namespace

Result<Exit> policy_check(Context const& context, PolicyOptions const& options) {
  Mistakes mistakes(context);
  for (auto const& file : options.files) {
    mistakes.test("check", file);
    auto const text = TRY(read_policy_text(file));
    for (auto const& found : cedar::parse_policies_with_errors(text).errors)
      mistakes.add(file, text, found.span.begin, found.code, found.message);
  }
  TRY(mistakes.report());
  return mistakes.empty() ? Exit::done : Exit::usage;
}

Result<Exit> policy_fmt(Context const&, PolicyOptions const& options) {
  auto exit = Exit::done;
  for (auto const& file : options.files) {
    auto const text = TRY(read_policy_text(file));
    auto const formatted = TRY_DURING(cedar::format_policies(text), file);
    if (formatted == text) continue;
    if (options.check) {
      TRY(print(printable(file) + " is not in the one layout\n"));
      exit = Exit::findings;
    } else {
      constexpr unsigned usual_mode = 0644;
      TRY(write_file_atomically(file, formatted, usual_mode));
    }
  }
  return exit;
}

Result<Exit> policy_validate(Context const& context, PolicyOptions const& options) {
  auto const schema = TRY(read_schema(options.schema));
  Mistakes mistakes(context);
  auto exit = Exit::done;
  for (auto const& file : options.files) {
    mistakes.test("validate", file);
    auto const text = TRY(read_policy_text(file));
    auto const parsed = cedar::parse_policies_with_errors(text);
    for (auto const& found : parsed.errors)
      mistakes.add(file, text, found.span.begin, found.code, found.message);
    if (!parsed.errors.empty()) {
      exit = Exit::usage;
      continue;
    }
    auto const policies = TRY_DURING(cedar::parse_policies(text), file);
    auto const found = cedar::validate(
        policies, schema,
        {.mode = options.permissive ? cedar::Mode::permissive : cedar::Mode::strict});
    for (auto const& each : cedar::lint_source(text))
      mistakes.add(file, text, each.span.begin, each.code, each.message, "warning");
    for (auto const& each : cedar::lint(policies))
      mistakes.add(file, text, each.span.begin, each.code, each.policy + ": " + each.message,
                   "warning");
    if (cedar::has_errors(found) && exit == Exit::done) exit = Exit::findings;
    for (auto const& each : found)
      mistakes.add(file, text, each.span.begin, each.code, each.policy + ": " + each.message,
                   std::string(word(each.severity)));
  }
  TRY(mistakes.report());
  return exit;
}

Result<Exit> policy_evaluate(Context const& context, PolicyOptions const& options) {
  Mistakes mistakes(context);
  auto const question = TRY(read_question(options, mistakes));
  if (!question) {
    TRY(mistakes.report());
    return Exit::usage;
  }
  auto const response =
      cedar::authorize(question->policies.set, question->request, question->entities);
  TRY(print(print_object(json_of(response), context.format)));
  return exit_of(response.decision);
}

Result<Exit> policy_explain(Context const& context, PolicyOptions const& options) {
  Mistakes mistakes(context);
  auto const question = TRY(read_question(options, mistakes));
  if (!question) {
    TRY(mistakes.report());
    return Exit::usage;
  }
  auto const& [policies, entities, request] = *question;
  auto const why =
      cedar::explain(policies.set, request, entities, {.near_misses_max = options.near_misses});
  auto const life = cedar::lifetime(policies.set, request, entities);
  if (context.format == Format::table) {
    TRY(print(text_of(why, policies) + text_of(life)));
    return exit_of(why.response.decision);
  }
  auto json = cedar::to_json_value(why, policies.where());
  json.add("changes_at", life.changes_at ? Json(cedar::to_string(*life.changes_at)) : Json());
  json.add("reads", json_of(cedar::reads(policies.set, request, entities)));
  TRY(print(to_json_pretty(json) + "\n"));
  return exit_of(why.response.decision);
}

}  // namespace reeve::cli
