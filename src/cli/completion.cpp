#include "cli/completion.hpp"

#include <CLI/CLI.hpp>

#include <fmt/format.h>

#include "cli/version.hpp"

namespace reeve::cli {
namespace {

/// "identity list": its words.
struct Node {
  std::string path;
  std::string words;  ///< Verbs below and long options, blanks apart.
  std::string text;
};

void collect(CLI::App const& app, std::string const& path, std::vector<Node>& out) {
  Node node{path, "", app.get_description()};
  auto const add = [&](std::string const& word) {
    node.words += (node.words.empty() ? "" : " ") + word;
  };
  for (auto const* verb : app.get_subcommands({})) add(verb->get_name());
  for (auto const* option : app.get_options({}))
    for (auto const& name : option->get_lnames()) add("--" + name);
  out.push_back(std::move(node));
  for (auto const* verb : app.get_subcommands({}))
    collect(*verb, path.empty() ? verb->get_name() : path + " " + verb->get_name(), out);
}

std::vector<Node> nodes(CLI::App const& app) {
  std::vector<Node> out;
  collect(app, "", out);
  return out;
}

std::string bash(std::vector<Node> const& all) {
  std::string cases;
  for (auto const& node : all)
    cases += fmt::format("    '{}') words='{}' ;;\n", node.path, node.words);
  return fmt::format(R"(_reeve() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} path='' words='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${{COMP_WORDS[i]}} in -*) ;; *) path="${{path:+$path }}${{COMP_WORDS[i]}}" ;; esac
  done
  while :; do
    case $path in
{}    *' '*) path=${{path% *}}; continue ;;
    *) path=''; continue ;;
    esac
    break
  done
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}}
complete -o default -F _reeve reeve
)",
                     cases);
}

std::string fish(std::vector<Node> const& all) {
  std::string out = "complete -c reeve -f\n";
  for (auto const& node : all) {
    auto const last = node.path.substr(node.path.rfind(' ') + 1);
    auto const when =
        node.path.empty() ? "__fish_use_subcommand" : "__fish_seen_subcommand_from " + last;
    out += fmt::format("complete -c reeve -n '{}' -a '{}'\n", when, node.words);
  }
  return out;
}

std::string roff(std::string text) {
  for (std::size_t at = 0; (at = text.find('\\', at)) != text.npos; at += 2) text.insert(at, "\\");
  for (std::size_t at = 0; (at = text.find('-', at)) != text.npos; at += 2) text.insert(at, "\\");
  return text;
}

}  // namespace

Result<std::string> completion(CLI::App const& app, std::string_view shell) {
  auto const all = nodes(app);
  if (shell == "bash") return bash(all);
  if (shell == "zsh")
    return "#compdef reeve\nautoload -U +X bashcompinit && bashcompinit\n" + bash(all);
  if (shell == "fish") return fish(all);
  return fail(Errc::invalid,
              "completion for bash, zsh or fish, not \"" + std::string(shell) + "\"");
}

std::string manual(CLI::App const& app) {
  auto out = fmt::format(
      ".TH REEVE 1 \"\" \"{}\"\n.SH NAME\nreeve \\- {}\n.SH SYNOPSIS\n.B reeve\n"
      "[options] verb …\n.SH VERBS\n",
      version, roff(app.get_description()));
  for (auto const& node : nodes(app)) {
    if (node.path.empty()) continue;
    out += fmt::format(".TP\n.B reeve {}\n{}.\n", roff(node.path), roff(node.text));
  }
  return out + ".SH NOTES\n.nf\n" + roff(app.get_footer()) + "\n.fi\n";
}

}  // namespace reeve::cli
