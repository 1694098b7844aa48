#include "connectors/host/agents_config.hpp"

#include <doctest/doctest.h>

#include <string>

#include "base/text.hpp"
#include "scan/command.hpp"

namespace reeve::host {
namespace {

/// Shows what is fingerprinted, which no real one does.
connect::Fingerprint const shown = [](std::string_view secret) {
  return "<" + std::string(secret) + ">";
};

std::string word(Known<bool> const& fact) {
  if (auto const* yes = std::get_if<bool>(&fact)) return *yes ? "yes" : "no";
  return std::holds_alternative<None>(fact) ? "none" : "unknown";
}

std::string line_of(McpServer const& s) {
  auto text = std::to_string(s.line) + " " + s.name +
              (s.project.empty() ? "" : " in " + s.project) + ": " + s.runs + " | " + s.package +
              " " + s.version + " pinned " + word(s.pinned) + " authenticated " +
              word(s.authenticated) + (s.enabled ? "" : " disabled") + "\n";
  for (auto const& f : s.secrets)
    text += "  " + std::to_string(f.line) + " " + f.key + " " + f.kind + " " +
            (f.fingerprint.empty() ? "-> " + f.refers_to : f.fingerprint) + "\n";
  return text;
}

std::string read(std::string_view text, AgentSyntax syntax = AgentSyntax::json) {
  auto const config = read_agent_config(syntax, text, shown);
  std::string all;
  for (auto const& server : config.servers) all += line_of(server);
  for (auto const& f : config.secrets) all += "beside " + f.key + " " + f.fingerprint + "\n";
  for (auto const& m : config.malformed)
    all += "malformed " + std::to_string(m.line) + ": " + m.why + "\n";
  return all;
}

std::string const ghp = "ghp_" + std::string(18, 'a') + std::string(18, 'B');

}  // namespace

TEST_CASE("package: what is fetched, and whether its version is named exactly") {
  struct Case {
    std::string line, name, version;
    bool pinned;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"npx -y @scope/server", "npm:@scope/server", "", false},
           {"npx -y @scope/server@1.2.3 /data", "npm:@scope/server", "1.2.3", true},
           {"npx -y server@latest", "npm:server", "latest", false},
           {"npx -y server@^1.2.3", "npm:server", "^1.2.3", false},
           {"npx --package=@a/b@2.0.1 run", "npm:@a/b", "2.0.1", true},
           {"/usr/bin/npx.cmd server", "npm:server", "", false},
           {"cmd /c npx -y server", "npm:server", "", false},
           {"pnpm dlx server@1.0.0", "npm:server", "1.0.0", true},
           {"uvx mcp-server-git", "pypi:mcp-server-git", "", false},
           {"uvx mcp-server-git==0.6.2 --repo x", "pypi:mcp-server-git", "0.6.2", true},
           {"uvx mcp-server-git@0.6.2", "pypi:mcp-server-git", "0.6.2", true},
           {"uvx mcp-server-git>=0.6.2", "pypi:mcp-server-git", ">=0.6.2", false},
           {"uvx --from git+https://github.com/a/b@0123456789012345678901234567890123456789 c",
            "git:git+https://github.com/a/b", "0123456789012345678901234567890123456789", true},
           {"uvx --from git+https://github.com/a/b c", "git:git+https://github.com/a/b", "", false},
           {"uv tool run --with x server", "pypi:server", "", false},
           {"pipx run server==1.0", "pypi:server", "1.0", true},
           {"docker run -i --rm -e TOKEN ghcr.io/a/b", "docker:ghcr.io/a/b", "", false},
           {"docker run -i ghcr.io/a/b:latest", "docker:ghcr.io/a/b", "latest", false},
           {"docker run -i reg:5000/a/b:1.4.0", "docker:reg:5000/a/b", "1.4.0", true},
           {"docker run a/b@sha256:01", "docker:a/b", "sha256:01", true},
           {"go run example.com/x@v1.2.3", "go:example.com/x", "v1.2.3", true},
           {"node server.js", "", "", false},
           {"npx", "", "", false},
           {"", "", "", false},
       }) {
    CAPTURE(c.line);
    auto const package = package_of(scan::split_command(c.line));
    CHECK(package.name == c.name);
    CHECK(package.version == c.version);
    CHECK(package.pinned == c.pinned);
  }
}

TEST_CASE("agents: literals are told from references; one bad entry loses no other") {
  CHECK(
      read(R"({ // Cursor, Claude Desktop, …
"mcpServers": {
  "github": {"command": "npx", "args": ["-y", "@mcp/github"], "env": {"GITHUB_TOKEN": ")" +
           ghp + R"("}},
  "bad": 42,
  "empty": {},
  "ref": {"command": "uvx", "args": ["srv==1.0.0"], "env": {"API_KEY": "${env:API_KEY}", "HOST": "h"}},
  "null": {"command": "node /opt/s.js --token k9Fq2LmZ81", "args": null, "disabled": true},
  "db": {"command": "srv", "args": ["postgresql://u:hunter2@h/db"]},
  "open": {"url": "https://mcp.test/sse"},
  "keyed": {"type": "http", "url": "https://mcp.test/?api_key=k9Fq2LmZ82"},
  "headed": {"serverUrl": "https://mcp.test", "headers": {"Authorization": "Bearer ${input:t}"}},
}})") ==
      "3 github: npx -y @mcp/github | npm:@mcp/github  pinned no authenticated none\n"
      "  3 env.GITHUB_TOKEN github_pat <" +
          ghp +
          ">\n"
          "6 ref: uvx srv==1.0.0 | pypi:srv 1.0.0 pinned yes authenticated none\n"
          "  6 env.API_KEY api_key -> ${env:API_KEY}\n"
          "7 null: node /opt/s.js --token ‹token› |   pinned unknown authenticated none disabled\n"
          "  7 args token <k9Fq2LmZ81>\n"
          "8 db: srv postgresql://u:‹password›@h/db |   pinned unknown authenticated none\n"
          "  8 args password <hunter2>\n"
          "9 open: https://mcp.test/sse |   pinned none authenticated no\n"
          "10 keyed: https://mcp.test/ |   pinned none authenticated yes\n"
          "  10 url api_key <k9Fq2LmZ82>\n"
          "11 headed: https://mcp.test |   pinned none authenticated yes\n"
          "  11 headers.Authorization secret -> ${input:t}\n"
          "malformed 4: a server that is no map with a name\n"
          "malformed 5: server empty has neither command nor address\n");
}

TEST_CASE("agents: every client's way to say it") {
  struct Case {
    std::string_view name;
    AgentSyntax syntax;
    std::string_view text, want;
  };
  using enum AgentSyntax;
  for (
      auto const& c : std::initializer_list<Case>{
          {"Claude Code", json,
           R"({"projects":{"/w/a":{"mcpServers":{"s":{"command":"c"}}},"/w/b":{}},"mcpServers":{"t":{"command":"d"}}})",
           "1 t: d |   pinned unknown authenticated none\n"
           "1 s in /w/a: c |   pinned unknown authenticated none\n"},
          {"VS Code", json,
           R"({"inputs":[{"id":"t","password":true}],"servers":{"s":{"command":"c","envFile":"${workspaceFolder}/.env"}}})",
           "1 s: c |   pinned unknown authenticated none\n  1 envFile secret -> envFile "
           "${workspaceFolder}/.env\n"},
          {"VS Code settings", json,
           R"({"mcp":{"servers":{"s":{"command":"c"}}},"editor.fontSize":12})",
           "1 s: c |   pinned unknown authenticated none\n"},
          {"Codex", toml,
           "[mcp_servers.s]\nurl = \"https://m.test\"\nbearer_token_env_var = \"TOK\"\n"
           "[mcp_servers.t]\ncommand = \"npx\"\nargs = [\"x@1.0.0\"]\nenv_vars = [\"API_KEY\", "
           "\"HOME\"]\n",
           "1 s: https://m.test |   pinned none authenticated yes\n"
           "  3 bearer_token_env_var token -> bearer_token_env_var TOK\n"
           "4 t: npx x@1.0.0 | npm:x 1.0.0 pinned yes authenticated none\n"
           "  7 env.API_KEY token -> API_KEY\n"},
          {"OpenCode", json,
           R"({"mcp":{"l":{"type":"local","command":["npx","x"],"environment":{"DB_PASSWORD":"hunter2"},"enabled":false},"r":{"type":"remote","url":"https://m.test"}}})",
           "1 l: npx x | npm:x  pinned no authenticated none disabled\n"
           "  1 env.DB_PASSWORD password <hunter2>\n"
           "1 r: https://m.test |   pinned none authenticated no\n"},
          {"Continue", json, R"({"mcpServers":[{"name":"s","command":"c"}]})",
           "1 s: c |   pinned unknown authenticated none\n"},
          {"Zed", json,
           R"({"context_servers":{"s":{"command":{"path":"c","args":["a"],"env":{"DB_PASSWORD":"hunter2"}}}}})",
           "1 s: c a |   pinned unknown authenticated none\n  1 env.DB_PASSWORD password "
           "<hunter2>\n"},
          {"Goose", yaml,
           "extensions:\n  s:\n    type: stdio\n    cmd: uvx\n    args: [x]\n    envs: "
           "{DB_PASSWORD: hunter2}\n  developer: {type: builtin}\n",
           "3 s: uvx x | pypi:x  pinned no authenticated none\n  6 env.DB_PASSWORD password "
           "<hunter2>\n"},
          {"Kiro powers", json, R"({"powers":{"mcpServers":{"s":{"command":"c"}}}})",
           "1 s: c |   pinned unknown authenticated none\n"},
          {"flat", json, R"({"s":{"command":"c"}})",
           "1 s: c |   pinned unknown authenticated none\n"},
          {"devcontainer", json,
           R"({"customizations":{"vscode":{"mcp":{"servers":{"s":{"url":"https://u:hunter2@m.test/x"}}}}}})",
           "1 s: https://m.test/x |   pinned none authenticated yes\n  1 url password <hunter2>\n"},
          {"Claude settings", json, R"({"env":{"DB_PASSWORD":"hunter2"},"apiKeyHelper":"/x"})",
           "beside env.DB_PASSWORD <hunter2>\n"},
          {"empty", json, "", ""},
          {"a list", json, "[]", "malformed 1: not a map of settings\n"},
      }) {
    CAPTURE(c.name);
    CHECK(read(c.text, c.syntax) == c.want);
  }
}

TEST_CASE("agents: projects a client has worked in") {
  CHECK(read_agent_config(AgentSyntax::json, R"({"projects":{"/w/a":{},"rel":{}}})", shown)
            .projects == std::vector<std::string>{"/w/a"});
  CHECK(read_agent_config(AgentSyntax::json, R"({"folder":"file:///w/b"})", shown).projects ==
        std::vector<std::string>{"/w/b"});
}

TEST_CASE("agents: a broken file is told, and its tokens are found") {
  auto const text =
      read("{\"mcpServers\": {\"a\": {\"command\": \"c\"},\n\"token\": \"" + ghp + "\"");
  CHECK(text.contains("beside"));
  CHECK(text.contains("<" + ghp + ">"));
  CHECK(text.contains("malformed"));
  CHECK(read(std::string(100'000, '[')).starts_with("malformed"));
  CHECK(read("{\"mcpServers\":{},\"mcpServers\":{}}").contains("is repeated"));
}

}  // namespace reeve::host
