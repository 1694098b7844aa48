#include <CLI/CLI.hpp>

#include "cli/docs_parts.hpp"
#include "cli/docs_text.hpp"

namespace reeve::cli {
namespace {

std::string options(CLI::App const& app) {
  std::vector<std::vector<std::string>> rows;
  for (auto const* option : app.get_options({})) {
    if (option->get_name() == "--help") continue;
    auto const name =
        option->get_positional() ? option->get_name(true) : option->get_name(false, true);
    auto text = option->get_description();
    if (!option->get_envname().empty()) text += " ($" + option->get_envname() + ")";
    rows.push_back({code(name), option->get_required() ? "yes" : "no",
                    markdown(option->get_type_name()), markdown(text)});
  }
  return grid({"argument", "required", "type", ""}, rows);
}

std::string root_footer(CLI::App const& app) {
  auto const* root = &app;
  while (root->get_parent()) root = root->get_parent();
  return root->get_footer();
}

void section(CLI::App const& app, std::string const& path, std::string& out) {
  bool const leaf = app.get_subcommands({}).empty();
  out += (leaf ? "### " : "## ") + path + "\n\n" + markdown(app.get_description()) + ".\n\n" +
         options(app);
  // A verb inherits the footer of the program, which stands at the top of the page.
  if (!app.get_footer().empty() && app.get_footer() != root_footer(app))
    out += block("", app.get_footer());
  for (auto const* verb : app.get_subcommands({}))
    section(*verb, path + " " + verb->get_name(), out);
}

}  // namespace

std::string cli_page(CLI::App const& app) {
  auto out = std::string(generated) + "# Command line\n\n" + markdown(app.get_description()) +
             "\n\nGlobal options, before or behind the verb:\n\n" + options(app) +
             block("", app.get_footer());
  for (auto const* verb : app.get_subcommands({})) section(*verb, "reeve " + verb->get_name(), out);
  while (out.ends_with("\n\n")) out.pop_back();
  return out;
}

}  // namespace reeve::cli
