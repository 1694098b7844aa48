// Which code a command line fetches before it runs it. `npx -y pkg` takes whatever the registry
// says at that moment: whoever can publish there acts with the agent's keys.

#include <algorithm>
#include <initializer_list>
#include <span>

#include "base/text.hpp"
#include "connectors/host/agents_config.hpp"

namespace reeve::host {
namespace {

using List = std::initializer_list<std::string_view>;
using Words = std::span<std::string const>;

bool one_of(std::string_view word, List list) {
  return std::ranges::find(list, word) != list.end();
}

std::string program_of(std::string_view path) {
  auto name = lower(path.substr(path.find_last_of("/\\") + 1));
  for (std::string_view const end : {".exe", ".cmd", ".bat"})
    if (name.ends_with(end)) name.resize(name.size() - end.size());
  return name;
}

/// "1.2.3", "v0.4", "2024.1.15-rc1": begins with a number and has no operator or wildcard.
bool exact(std::string_view version) {
  if (version.starts_with('v')) version.remove_prefix(1);
  if (version.empty() || version.front() < '0' || version.front() > '9') return false;
  return version.contains('.') && version.find_first_of("*^~<>=| xX") == std::string_view::npos;
}

bool is_commit(std::string_view text) {
  return text.size() == 40 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// The first word that is no flag. `valued` flags take the next word; `naming` ones name the
/// package themselves.
std::string named(Words words, List valued, List naming) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    auto const& word = words[i];
    if (!word.starts_with('-')) return word;
    auto const equals = word.find('=');
    auto const flag = std::string_view(word).substr(0, equals);
    bool const names = one_of(flag, naming);
    if (names && equals != std::string::npos) return word.substr(equals + 1);
    if (names && i + 1 < words.size()) return words[i + 1];
    if (one_of(flag, valued) && equals == std::string::npos) ++i;
  }
  return {};
}

Package from_git(std::string const& text) {
  auto const at = text.rfind('@');
  auto const version = at == std::string::npos || at < text.rfind('/') ? "" : text.substr(at + 1);
  auto const name = text.substr(0, version.empty() ? std::string::npos : at);
  return {"git:" + name, version, is_commit(version)};
}

bool is_git(std::string_view text) {
  return text.starts_with("git+") || text.starts_with("github:") || text.starts_with("git@");
}

Package npm(Words words) {
  auto const text =
      named(words, {"--registry", "-c", "--call", "--cache", "-w"}, {"-p", "--package"});
  if (text.empty()) return {};
  if (is_git(text)) return from_git(text);
  auto const at = text.find('@', 1);
  auto const version = at == std::string::npos ? "" : text.substr(at + 1);
  return {"npm:" + text.substr(0, at), version, exact(version)};
}

Package pypi(Words words) {
  auto const text =
      named(words,
            {"--with", "--python", "-p", "--index-url", "--extra-index-url", "--index",
             "--with-editable", "--with-requirements", "--refresh-package"},
            {"--from", "--spec"});
  if (text.empty()) return {};
  if (is_git(text)) return from_git(text);
  auto const cut = text.find_first_of("=@<>~!");
  auto name = text.substr(0, std::min(cut, text.find('[')));
  auto version = cut == std::string::npos ? "" : text.substr(cut);
  bool const equal = version.starts_with("==") || version.starts_with('@');
  while (!version.empty() && one_of(version.substr(0, 1), {"=", "@"})) version.erase(0, 1);
  return {"pypi:" + name, version, equal && exact(version)};
}

Package image(Words words) {
  auto const run = std::ranges::find(words, "run");
  if (run == words.end()) return {};
  auto const text = named(words.subspan(std::size_t(run - words.begin()) + 1),
                          {"-e",           "--env",      "-v",
                           "--volume",     "--mount",    "-p",
                           "--publish",    "--network",  "--net",
                           "--name",       "-u",         "--user",
                           "-w",           "--workdir",  "--env-file",
                           "--entrypoint", "-l",         "--label",
                           "--platform",   "--memory",   "-m",
                           "--cpus",       "--add-host", "--device",
                           "--cap-add",    "--cap-drop", "--security-opt",
                           "--pull",       "--hostname", "-h",
                           "--tmpfs",      "--ulimit",   "--restart"},
                          {});
  if (text.empty()) return {};
  if (auto const digest = text.find("@sha256:"); digest != std::string::npos)
    return {"docker:" + text.substr(0, digest), text.substr(digest + 1), true};
  auto const colon = text.rfind(':');
  bool const tagged = colon != std::string::npos && text.find('/', colon) == std::string::npos;
  auto const tag = tagged ? text.substr(colon + 1) : "";
  return {"docker:" + text.substr(0, tagged ? colon : std::string::npos), tag, exact(tag)};
}

Package go(Words words) {
  auto const text = named(words, {}, {});
  auto const at = text.rfind('@');
  if (at == std::string::npos) return {};
  return {"go:" + text.substr(0, at), text.substr(at + 1), exact(text.substr(at + 1))};
}

}  // namespace

Package package_of(std::vector<std::string> const& argv) {
  Words words(argv);
  // "cmd /c npx …", "env X=1 npx …", "bash -c" is a line of its own and not read.
  while (words.size() > 1 &&
         (one_of(program_of(words[0]), {"cmd", "env", "/c", "/k", "sudo"}) ||
          one_of(words[0], {"/c", "/C"}) || (words[0].contains('=') && !words[0].starts_with('-'))))
    words = words.subspan(1);
  if (words.size() < 2) return {};
  auto const program = program_of(words[0]);
  auto const& verb = words[1];
  if (one_of(program, {"npx", "bunx", "pnpx"})) return npm(words.subspan(1));
  if ((one_of(program, {"pnpm", "yarn"}) && verb == "dlx") ||
      (one_of(program, {"npm"}) && one_of(verb, {"exec", "x"})) ||
      (program == "bun" && verb == "x"))
    return npm(words.subspan(2));
  if (program == "uvx") return pypi(words.subspan(1));
  if (program == "uv" && verb == "tool" && words.size() > 3 && words[2] == "run")
    return pypi(words.subspan(3));
  if (program == "pipx" && verb == "run") return pypi(words.subspan(2));
  if (one_of(program, {"docker", "podman", "nerdctl"})) return image(words.subspan(1));
  if (program == "go" && verb == "run") return go(words.subspan(2));
  return {};
}

}  // namespace reeve::host
