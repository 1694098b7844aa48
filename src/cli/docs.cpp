#include "cli/docs.hpp"

#include <algorithm>
#include <filesystem>

#include "base/file.hpp"
#include "base/text.hpp"
#include "cli/docs_parts.hpp"
#include "cli/docs_text.hpp"
#include "inventory/export.hpp"
#include "pdp/schema.hpp"
#include "posture/rule.hpp"
#include "server/openapi.hpp"

namespace reeve::cli {
namespace {

std::string rules_index(std::vector<posture::Rule> const& rules) {
  std::vector<std::vector<std::string>> rows;
  rows.reserve(rules.size());
  for (auto const& rule : rules)
    rows.push_back({"[" + rule.id + "](" + rule.id + ".md)", std::string(name(rule.severity)),
                    std::string(name(rule.subject)), markdown(rule.title), markdown(rule.owasp)});
  return std::string(generated) +
         "# Rules of posture\n\nEach is one YAML file of `rules/`: who is judged, who does not "
         "pass, "
         "and the cases that hold it to that. Put your own into a folder and name it with "
         "`--rules`; "
         "`reeve rule test FOLDER` runs its cases.\n\n" +
         grid({"id", "severity", "judges", "title", "OWASP"}, rows);
}

std::string connectors_index(discover::Kinds kinds) {
  std::vector<std::vector<std::string>> rows;
  for (auto const& kind : kinds)
    rows.push_back({"[" + std::string(kind.info.kind) + "](" + std::string(kind.info.kind) + ".md)",
                    markdown(kind.info.title), markdown(kind.info.help)});
  return std::string(generated) + "# Connectors\n\n" +
         grid({"kind", "system", "what it finds"}, rows);
}

}  // namespace

Result<std::vector<DocPage>> doc_pages(CLI::App const& app, discover::Kinds kinds) {
  std::vector<DocPage> out;
  auto const rules = TRY(posture::load_rules(""));
  for (auto const& kind : kinds)
    out.push_back({"connectors/" + std::string(kind.info.kind) + ".md", connector_page(kind.info)});
  out.push_back({"connectors/README.md", connectors_index(kinds)});
  for (auto const& rule : rules) out.push_back({"rules/" + rule.id + ".md", rule_page(rule)});
  out.push_back({"rules/README.md", rules_index(rules)});
  out.push_back({"api.md", api_page(server::openapi())});
  out.push_back({"cli.md", cli_page(app)});
  out.push_back({"config.md", config_page()});
  out.push_back({"errors.md", errors_page()});
  out.push_back({"export-schema.json", to_json_pretty(inventory::export_schema()) + "\n"});
  out.push_back({"reeve.cedarschema", pdp::product_schema_text()});
  for (auto& page : out)
    while (page.text.ends_with("\n\n")) page.text.pop_back();
  return out;
}

Result<> write_docs(std::vector<DocPage> const& pages, std::string const& folder) {
  constexpr unsigned mode = 0644;
  for (auto const& page : pages) {
    auto const path = std::filesystem::path(folder) / page.path;
    std::error_code error;
    std::filesystem::create_directories(path.parent_path(), error);
    if (error) return system_error(error.value(), "make the folder of " + path.string());
    TRY(write_file_atomically(path.string(), page.text, mode));
  }
  return {};
}

Result<std::string> one_doc(std::vector<DocPage> const& pages, std::string const& name) {
  if (name == "api") return to_json_pretty(server::openapi()) + "\n";
  std::string choices = "api";
  for (auto const& page : pages) {
    auto const stem = page.path.substr(0, page.path.rfind('.'));
    if (stem == name || page.path == name) return page.text;
    choices += ", " + stem;
  }
  return fail(Errc::not_found, "there is no page \"" + name + "\"; one of: " + choices);
}

}  // namespace reeve::cli
