// `reeve config`: what can be set, and what is.

#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/docs_parts.hpp"
#include "cli/docs_text.hpp"
#include "cli/verbs.hpp"
#include "server/config.hpp"

namespace reeve::cli {
namespace {

constexpr std::string_view origins[] = {"not set", "usual", "file", "environment"};

}  // namespace

Result<Exit> explain_config(Context const&) {
  std::string out =
      "One YAML file: --config FILE, else $XDG_CONFIG_HOME/reeve/reeve.yaml when it is there.\n"
      "What is said on the command line goes before the environment, that before the file.\n\n";
  for (auto const& key : server::config_keys) {
    out += fmt::format("{}\n  {}\n  example: {}\n", key.name, key.help, key.example);
    if (!key.fallback.empty()) out += fmt::format("  usual: {}\n", key.fallback);
    if (!key.environment.empty()) out += fmt::format("  environment: {}\n", key.environment);
    out += "\n";
  }
  TRY(print(out));
  return Exit::done;
}

Result<Exit> show_config(Context const& context) {
  auto const& config = context.config;
  Json::Array rows;
  for (auto const& key : server::config_keys) {
    auto const& value = config.value(key.name);
    auto text = value.text;
    auto origin = origins[std::size_t(value.origin)];
    if (key.name == "policy_domains") {
      for (auto const& domain : config.domains)
        text += (text.empty() ? "" : " ") + domain.name + ":" + domain.engine.kind;
      if (!text.empty()) origin = "file";
    }
    if (key.name == "sources") {
      for (auto const& source : config.sources)
        text += (text.empty() ? "" : " ") + source.name + ":" + source.kind;
      if (!text.empty()) origin = "file";
    }
    // A store's URL may hold a password.
    if (auto const at = text.find('@'); key.name == "store" && at != text.npos)
      text = text.substr(0, text.find("://") + 3) + "…" + text.substr(at);
    rows.push_back(Json().add("key", key.name).add("value", text).add("from", origin));
  }
  TRY(print(print_list(rows, view_of(""), context.format, terminal_width())));
  if (context.format == Format::table)
    TRY(print(config.path.empty() ? "no file was read\n" : "file: " + config.path + "\n"));
  return Exit::done;
}

std::string config_page() {
  std::vector<std::vector<std::string>> rows;
  for (auto const& key : server::config_keys)
    rows.push_back({code(key.name), code(key.environment), code(key.fallback), markdown(key.help),
                    code(key.example)});
  return std::string(generated) +
         "# Configuration\n\nOne YAML file: `--config FILE`, else "
         "`$XDG_CONFIG_HOME/reeve/reeve.yaml` "
         "when it is there. The command line goes before the environment, that before the file. An "
         "unknown key is an error. `reeve config show` says what holds and whence.\n\n" +
         grid({"key", "environment", "usual", "meaning", "example"}, rows);
}

}  // namespace reeve::cli
