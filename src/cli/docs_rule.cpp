#include "base/text.hpp"
#include "cli/docs_parts.hpp"
#include "cli/docs_text.hpp"

namespace reeve::cli {
namespace {

using Rows = std::vector<std::vector<std::string>>;

std::string_view action_text(char action) {
  return action == 'A'   ? "mended automatically"
         : action == 'G' ? "mended after approval"
                         : "work for a person";
}

std::string facts(posture::Rule const& rule) {
  Rows rows{{"severity", std::string(name(rule.severity))},
            {"judges", std::string(name(rule.subject))}};
  std::string needs;
  for (auto const at : rule.needs) needs += (needs.empty() ? "" : ", ") + std::string(name(at));
  rows.push_back({"needs to see", needs});
  if (!rule.owasp.empty()) rows.push_back({"OWASP", markdown(rule.owasp)});
  if (!rule.frameworks.empty())
    rows.push_back({"frameworks", markdown(join(rule.frameworks, ", "))});
  rows.push_back({"what follows", std::string(action_text(rule.action))});
  if (!rule.fix.empty()) rows.push_back({"fix", code(rule.fix)});
  for (auto const& p : rule.params) rows.push_back({"limit " + code(p.name), code(p.text)});
  return grid({"", ""}, rows);
}

}  // namespace

std::string rule_page(posture::Rule const& rule) {
  std::string out = std::string(generated) + "# " + rule.id + ": " + markdown(rule.title) + "\n\n";
  out += facts(rule) + "## Why\n\n" + markdown(rule.why) + "\n\n## What to do\n\n";
  int number = 0;
  for (auto const step : split(rule.remedy, '\n'))
    if (!trim(step).empty()) out += std::to_string(++number) + ". " + markdown(step) + "\n";
  out += "\n## Who is judged\n\n" + block("sql", rule.scope) + "## Who does not pass\n\n" +
         block("sql", rule.sql) + "## By example\n\n";
  Rows rows;
  for (auto const& f : rule.fixtures) rows.push_back({markdown(f.name), std::string(name(f.want))});
  out += grid({"case", "verdict"}, rows);
  while (out.ends_with("\n\n")) out.pop_back();
  return out;
}

}  // namespace reeve::cli
