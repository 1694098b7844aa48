#include "cli/policy.hpp"

#include "base/file.hpp"
#include "base/text.hpp"
#include "cedar/authorize.hpp"
#include "cedar/entity_json.hpp"
#include "cedar/format.hpp"
#include "cedar/parser.hpp"
#include "cedar/types.hpp"
#include "cedar/validate.hpp"

namespace reeve::cli {
namespace {

/// Mistakes of one text, as editors and CI read them.
struct Mistakes {
  Context const& context;
  Json::Array items = {};
  std::string lines = {};

  void add(std::string const& file, std::string_view text, std::uint32_t at,
           std::string const& code, std::string const& message, std::string_view severity) {
    auto const place = cedar::place_of(text, at);
    Json one;
    one.add("file", file).add("line", place.line).add("column", place.column);
    one.add("code", code).add("severity", severity).add("message", message);
    items.push_back(std::move(one));
    lines += printable(file) + ":" + std::to_string(place.line) + ":" +
             std::to_string(place.column) + ": " + code + ": " + printable(message) + "\n";
  }
  Result<> report() const {
    return print(context.format == Format::json ? to_json_pretty(Json(items)) + "\n" : lines);
  }
};

struct Source {
  std::string file, text;
  cedar::PolicySet policies;
};

Result<std::string> read_policy(std::string const& file) {
  return read_file(file, cedar::policy_bytes_max);
}

Result<Source> read_source(std::string const& file) {
  Source out{.file = file};
  out.text = TRY(read_policy(file));
  out.policies = TRY_DURING(cedar::parse_policies(out.text), file);
  return out;
}

Result<cedar::Schema> read_schema(std::string const& file) {
  auto const text = TRY(read_policy(file));
  if (!file.ends_with(".json")) {
    auto const parsed = TRY_DURING(cedar::parse_schema(text), file);
    return cedar::resolve(parsed);
  }
  auto const json = TRY_DURING(parse_json(text), file);
  auto const parsed = TRY_DURING(cedar::schema_from_json(json), file);
  return cedar::resolve(parsed);
}

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

}  // namespace

Result<Exit> policy_check(Context const& context, PolicyOptions const& options) {
  Mistakes mistakes{context};
  for (auto const& file : options.files) {
    auto const text = TRY(read_policy(file));
    for (auto const& found : cedar::parse_policies_with_errors(text).errors)
      mistakes.add(file, text, found.span.begin, found.code, found.message, "error");
  }
  TRY(mistakes.report());
  return mistakes.items.empty() ? Exit::done : Exit::usage;
}

Result<Exit> policy_fmt(Context const&, PolicyOptions const& options) {
  auto exit = Exit::done;
  for (auto const& file : options.files) {
    auto const text = TRY(read_policy(file));
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
  Mistakes mistakes{context};
  bool failed = false;
  for (auto const& file : options.files) {
    auto const source = TRY(read_source(file));
    auto const found = cedar::validate(
        source.policies, schema,
        {.mode = options.permissive ? cedar::Mode::permissive : cedar::Mode::strict});
    failed = failed || cedar::has_errors(found);
    for (auto const& each : found)
      mistakes.add(file, source.text, each.span.begin, each.code, each.policy + ": " + each.message,
                   word(each.severity));
  }
  TRY(mistakes.report());
  return failed ? Exit::findings : Exit::done;
}

Result<Exit> policy_evaluate(Context const& context, PolicyOptions const& options) {
  std::string all;
  for (auto const& file : options.files) all += TRY(read_policy(file)) + "\n";
  auto const policies = TRY_DURING(cedar::parse_policies(all), "read the policies");
  cedar::Entities entities;
  if (!options.entities.empty()) {
    auto const text = TRY(read_policy(options.entities));
    entities = TRY_DURING(cedar::parse_entities(text), options.entities);
  }
  auto const text = TRY(read_policy(options.request));
  auto const json = TRY_DURING(parse_json(text), options.request);
  auto const request = TRY_DURING(cedar::request_from_json(json), options.request);
  auto const response = cedar::authorize(policies, request, entities);
  TRY(print(print_object(json_of(response), context.format)));
  return response.decision == cedar::Decision::allow ? Exit::done : Exit::findings;
}

}  // namespace reeve::cli
