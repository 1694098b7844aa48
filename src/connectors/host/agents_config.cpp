#include "connectors/host/agents_config.hpp"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "base/text.hpp"
#include "connectors/host/secrets_document.hpp"
#include "connectors/host/secrets_documents.hpp"
#include "scan/command.hpp"
#include "scan/name.hpp"

namespace reeve::host {
namespace {

constexpr std::size_t servers_max = 2'000;
using List = std::initializer_list<std::string_view>;

bool is_map(Yaml const& node) {
  return node.kind == Yaml::Kind::map;
}

std::string_view first_text(Yaml const& node, List keys) {
  for (auto const key : keys)
    if (auto const text = text_at(node, key); !text.empty()) return text;
  return {};
}

bool looks_like_server(Yaml const& node) {
  return is_map(node) && (node["command"] || node["url"] || node["serverUrl"] || node["httpUrl"] ||
                          node["cmd"] || node["uri"]);
}

/// The command with its arguments, from all the ways to write them: a string with the program, a
/// whole command line in it, a list (OpenCode), a map with path and args (Zed); args may be null.
std::vector<std::string> argv_of(Yaml const& server) {
  auto const& command = server["command"] ? server["command"] : server["cmd"];
  auto const& args = server["args"] ? server["args"] : command["args"];
  std::vector<std::string> argv;
  if (is_map(command)) argv.emplace_back(text_at(command, "path"));
  if (command.kind == Yaml::Kind::scalar) argv.push_back(command.scalar);
  for (auto const& item : command.items) argv.push_back(item.scalar);
  if (args.kind == Yaml::Kind::scalar)
    for (auto& word : scan::split_command(args.scalar)) argv.push_back(std::move(word));
  for (auto const& item : args.items) argv.push_back(item.scalar);
  if (argv.size() == 1 && argv.front().contains(' ')) argv = scan::split_command(argv.front());
  return argv;
}

/// Without userinfo, query and fragment: they hold what is secret, and what is not needed.
std::string shown_address(std::string_view url) {
  auto const end = std::min(url.find_first_of("?#"), url.size());
  auto text = std::string(url.substr(0, end));
  auto const scheme = text.find("://");
  auto const at = text.rfind('@');
  if (scheme != std::string::npos && at != std::string::npos && at > scheme)
    text.erase(scheme + 3, at - scheme - 2);
  return scan::redacted(text, scan::judge({}, text));
}

class Server {
 public:
  Server(std::string_view name, std::string_view project, Yaml const& node,
         connect::Fingerprint const& fingerprint)
      : node_(node), finder_(fingerprint) {
    out_.name = clean_utf8(shortened(name, 256));
    out_.project = clean_utf8(shortened(project, 1024));
    out_.line = node.line;
  }

  McpServer read(std::vector<Malformed>& malformed) {
    auto const url = first_text(node_, {"url", "serverUrl", "httpUrl", "uri", "endpoint"});
    auto const argv = argv_of(node_);
    if (argv.empty() && !url.empty())
      remote(url);
    else
      program(argv);
    environment();
    out_.enabled = text_at(node_, "disabled") != "true" && text_at(node_, "enabled") != "false";
    auto found = finder_.take();
    if (out_.remote) out_.authenticated = proves_itself(found.found);
    for (auto& m : found.malformed) malformed.push_back(std::move(m));
    out_.secrets = std::move(found.found);
    return std::move(out_);
  }

 private:
  Finder::Where at(std::string key, Yaml const& node) const {
    return {std::move(key), node.line, {}, {}};
  }

  void remote(std::string_view url) {
    out_.remote = true;
    out_.runs = shortened(shown_address(url), 1024);
    out_.pinned = None{};
    finder_.setting({}, url, {"url", node_.line, {}, {}}, scan::Place::anywhere);
    headers();
  }

  void program(std::vector<std::string> const& argv) {
    auto const shown = scan::redacted_command(argv, scan::judge_command(argv));
    out_.runs = shortened(join(shown, " "), 1024);
    out_.authenticated = None{};
    auto const package = package_of(argv);
    out_.package = clean_utf8(shortened(package.name, 256));
    out_.version = clean_utf8(shortened(package.version, 128));
    if (!package.name.empty()) out_.pinned = package.pinned;
    finder_.command(argv, {"args", node_["args"] ? node_["args"].line : node_.line, {}, {}});
    headers();
  }

  void headers() {
    for (std::string_view const key : {"headers", "http_headers", "requestInit"}) {
      auto const& map = key == "requestInit" ? node_[key]["headers"] : node_[key];
      for (auto const& [name, value] : map.members)
        finder_.setting(name, value.scalar, at("headers." + name, value), scan::Place::anywhere);
    }
    for (auto const& [name, variable] : node_["env_http_headers"].members)
      finder_.reference("token", variable.scalar, at("env_http_headers." + name, variable));
    for (std::string_view const key : {"bearer_token_env_var", "headersHelper"})
      if (auto const& value = node_[key]; value)
        finder_.reference("token", std::string(key) + " " + value.scalar,
                          at(std::string(key), value));
  }

  void environment() {
    for (std::string_view const key : {"env", "environment", "envs"})
      for (auto const& [name, value] : variables(key).members)
        finder_.setting(name, value.scalar, at("env." + name, value), scan::Place::anywhere);
    for (std::string_view const key : {"env_vars", "env_keys"})
      for (auto const& name : node_[key].items)
        if (scan::judge_name(name.scalar).promise >= scan::Promise::secret)
          finder_.reference("token", name.scalar, at("env." + name.scalar, name));
    if (auto const& file = node_["envFile"]; file)
      finder_.reference("secret", "envFile " + file.scalar, at("envFile", file));
  }

  Yaml const& variables(std::string_view key) const {
    return node_[key] ? node_[key] : node_["command"][key];
  }

  /// A caller proves itself with any secret or reference to one, or with OAuth that is set up.
  bool proves_itself(std::vector<Found> const& found) const {
    if (is_map(node_["oauth"]) || is_map(node_["auth"])) return true;
    return std::ranges::any_of(found, [](Found const& f) {
      return f.key == "url" || f.key.starts_with("url#") || f.key.starts_with("headers") ||
             f.key.starts_with("env_http_headers") || f.key == "bearer_token_env_var";
    });
  }

  Yaml const& node_;
  Finder finder_;
  McpServer out_;
};

class Reader {
 public:
  explicit Reader(connect::Fingerprint const& fingerprint) : fingerprint_(fingerprint) {}

  AgentConfig read(Yaml const& root) {
    if (root.kind == Yaml::Kind::null) return {};
    if (!is_map(root)) {
      out_.malformed.push_back({root.line, "not a map of settings"});
      return std::move(out_);
    }
    servers(root, {});
    projects(root);
    settings(root);
    return std::move(out_);
  }

 private:
  /// The first spelling that is there counts; the others are other things of the same name.
  void servers(Yaml const& root, std::string const& project) {
    for (auto const* at :
         {&root["mcpServers"], &root["mcp"]["servers"], &root["servers"], &root["mcp_servers"],
          &root["mcp"], &root["context_servers"], &root["settings"]["mcp"]["servers"],
          &root["customizations"]["vscode"]["mcp"]["servers"]})
      if (*at) {
        list(*at, project);
        break;
      }
    list(root["powers"]["mcpServers"], project);
    if (root["extensions"].kind == Yaml::Kind::map) extensions(root["extensions"]);
    bool const flat = project.empty() && !root.members.empty() &&
                      std::ranges::all_of(
                          root.members, [](auto const& m) { return looks_like_server(m.second); });
    if (flat) list(root, project);
  }

  void list(Yaml const& servers, std::string const& project) {
    for (auto const& [name, node] : servers.members) one(name, node, project);
    for (auto const& node : servers.items) one(text_at(node, "name"), node, project);
  }

  /// Goose keeps what it brings itself ("builtin") in the same map.
  void extensions(Yaml const& all) {
    for (auto const& [name, node] : all.members)
      if (looks_like_server(node)) one(name, node, {});
  }

  void one(std::string_view name, Yaml const& node, std::string const& project) {
    if (out_.servers.size() >= servers_max) return;
    if (!is_map(node) || name.empty()) {
      out_.malformed.push_back({node.line, "a server that is no map with a name"});
      return;
    }
    auto server = Server(name, project, node, fingerprint_).read(out_.malformed);
    if (server.runs.empty())
      out_.malformed.push_back(
          {node.line, "server " + server.name + " has neither command nor address"});
    else
      out_.servers.push_back(std::move(server));
  }

  void projects(Yaml const& root) {
    for (auto const& [path, node] : root["projects"].members) {
      if (path.starts_with('/')) out_.projects.push_back(path);
      if (node["mcpServers"]) list(node["mcpServers"], path);
    }
    for (auto const& [path, node] : root["locations"].members)
      if (path.starts_with('/')) out_.projects.push_back(path);
    auto const folder = text_at(root, "folder");
    constexpr std::string_view file = "file://";
    if (folder.starts_with("file:///")) out_.projects.emplace_back(folder.substr(file.size()));
  }

  /// What stands beside the servers: variables for all of them, keys of the client itself.
  void settings(Yaml const& root) {
    Finder finder(fingerprint_);
    for (auto const& [name, value] : root["env"].members)
      finder.setting(name, value.scalar, {"env." + name, value.line, {}, {}},
                     scan::Place::anywhere);
    for (auto const& [name, value] : root.members)
      if (value.kind == Yaml::Kind::scalar)
        finder.setting(name, value.scalar, {name, value.line, {}, {}}, scan::Place::anywhere);
    auto found = finder.take();
    out_.secrets = std::move(found.found);
  }

  connect::Fingerprint const& fingerprint_;
  AgentConfig out_;
};

}  // namespace

AgentConfig read_agent_config(AgentSyntax syntax, std::string_view text,
                              connect::Fingerprint const& fingerprint) {
  if (trim(text).empty()) return {};
  auto const root = syntax == AgentSyntax::toml   ? read_toml(text)
                    : syntax == AgentSyntax::yaml ? parse_yaml(text)
                                                  : read_json(text);
  if (root) return Reader(fingerprint).read(*root);
  AgentConfig out;
  Finder finder(fingerprint);
  find_in_broken(text, finder);
  out.secrets = finder.take().found;
  out.malformed.push_back({0, std::string(root.error().message())});
  return out;
}

}  // namespace reeve::host
