// `reeve policy test`: runs the case files that authors keep beside their policies (cedar/cases.hpp
// has the form).

#include <filesystem>

#include "base/text.hpp"
#include "cedar/cases.hpp"
#include "cedar/conformance.hpp"
#include "cedar/entity_json.hpp"
#include "cli/policy.hpp"
#include "cli/policy_files.hpp"

namespace reeve::cli {
namespace {

struct Counts {
  std::size_t cases = 0, failed = 0;
  bool unreadable = false;
};

/// Files are named from where the case file is.
std::string beside(std::string const& file, std::string const& name) {
  return name.empty() ? name : (std::filesystem::path(file).parent_path() / name).string();
}

/// The first column of a line that is not blank, from 1.
std::size_t column_of(std::string_view text, int line) {
  for (; line > 1; --line) text.remove_prefix(std::min(text.size(), text.find('\n') + 1));
  return std::min(text.find_first_not_of(' '), text.size()) + 1;
}

/// The line that a message of the YAML reader begins with; 1 when it names none.
int line_in(std::string_view message) {
  constexpr std::string_view word = "line ";
  int line = 0;
  if (message.starts_with(word))
    for (auto i = word.size(); i < message.size() && message[i] >= '0' && message[i] <= '9'; ++i)
      line = std::min(line * 10 + (message[i] - '0'), 1'000'000'000 / 10);
  return std::max(line, 1);
}

Result<Json::Array> shared_entities(std::string const& file, cedar::CaseFile const& cases) {
  if (cases.entities_file.empty()) return cases.entities;
  auto const name = beside(file, cases.entities_file);
  auto const text = TRY(read_policy_text(name));
  auto const json = TRY_DURING(parse_json(text, cedar::entity_json_limits), name);
  if (!json.array()) return fail(Errc::invalid, name + ": expected a list of entities");
  return *json.array();
}

Result<> run_file(std::string const& file, std::string const& text, cedar::CaseFile const& cases,
                  Mistakes& mistakes, Counts& counts) {
  std::vector<std::string> names;
  names.reserve(cases.policies.size());
  for (auto const& name : cases.policies) names.push_back(beside(file, name));
  auto const before = mistakes.size();
  auto const policies = TRY(read_policies(names, beside(file, cases.links), mistakes));
  if (mistakes.size() > before) return fail(Errc::invalid, "policies cannot be read");
  std::optional<cedar::Schema> schema;
  if (!cases.schema.empty()) schema = TRY(read_schema(beside(file, cases.schema)));
  auto const entities = TRY(shared_entities(file, cases));
  auto const parsed = TRY(schema ? cedar::entities_from_json(entities, *schema)
                                 : cedar::entities_from_json(entities));
  for (auto const& one : cases.cases) {
    mistakes.test(file, one.name);
    auto const failures = cedar::run_case(one, policies.set, schema, entities, parsed);
    for (auto const& each : failures)
      mistakes.add({file, static_cast<std::size_t>(one.line), column_of(text, one.line), each.code,
                    one.name + ": " + each.message, "error"});
    ++counts.cases;
    counts.failed += failures.empty() ? 0u : 1u;
  }
  return {};
}

}  // namespace

Result<Exit> policy_test(Context const& context, PolicyOptions const& options) {
  Mistakes mistakes(context);
  Counts counts;
  for (auto const& file : options.files) {
    auto const text = TRY(read_policy_text(file));
    auto const cases = cedar::parse_cases(text);
    auto const before = mistakes.size();
    if (!cases) {
      counts.unreadable = true;
      mistakes.test(file, "the case file");
      auto const line = line_in(cases.error().message());
      mistakes.add({file, static_cast<std::size_t>(line), column_of(text, line), "cases",
                    std::string(cases.error().message()), "error"});
    } else if (auto const ran = run_file(file, text, *cases, mistakes, counts); !ran) {
      counts.unreadable = true;
      if (mistakes.size() == before)
        mistakes.add({file, 1, 1, "cases", ran.error().to_string(), "error"});
    }
  }
  TRY(mistakes.report());
  if (context.format == Format::table)
    TRY(print(std::to_string(counts.cases) + " cases, " + std::to_string(counts.failed) +
              " failed\n"));
  return counts.unreadable ? Exit::usage : counts.failed > 0 ? Exit::findings : Exit::done;
}

}  // namespace reeve::cli
