// MCP servers that the clients of AI agents are configured with.
//
// Every client has its own file, and all of them write the same few things: a command with
// arguments and environment, or an address with headers. So there is one reader that knows all
// spellings, and a table (agents_files.hpp) of where the files lie. Nothing is ever started.
//
// Servers are looked for in this order: `mcpServers` (map, or list with names), `mcp.servers`,
// `servers`, `mcp_servers` (Codex), `mcp` (OpenCode), `context_servers` (Zed), `extensions`
// (Goose), `powers.mcpServers` (Kiro), and a flat map all of whose values look like servers; and
// `projects.<path>.mcpServers` beside them (Claude Code). One bad entry loses no other.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/yaml.hpp"
#include "connectors/host/secrets_find.hpp"
#include "model/known.hpp"

namespace reeve::host {

struct McpServer {
  std::string name;
  std::string project;  ///< Absolute path it is for; empty: the whole file's.
  int line = 0;
  bool remote = false;  ///< An address is called; else a program is started.
  std::string runs;     ///< Command line or address without secrets, at most 1 KiB.
  std::string package;  ///< "npm:@scope/name", "pypi:name", "docker:image"; empty: none is named.
  std::string version;  ///< As written: "1.2.3", "latest"; empty: none.
  Known<bool> pinned;   ///< None: runs no code. Not reported: a program of this machine.
  Known<bool> authenticated;  ///< None: nothing is called.
  bool enabled = true;
  std::vector<Found>
      secrets;  ///< Literals and references, by "env.TOKEN", "headers.Authorization".
};

struct AgentConfig {
  std::vector<McpServer> servers;
  std::vector<Found> secrets;         ///< Outside of any server: `env` of Claude's settings.
  std::vector<std::string> projects;  ///< Absolute paths of folders the client has worked in.
  std::vector<Malformed> malformed;
};

enum class AgentSyntax : std::uint8_t { json, toml, yaml };

AgentConfig read_agent_config(AgentSyntax syntax, std::string_view text,
                              connect::Fingerprint const& fingerprint);

/// What a command line runs, if it fetches what it runs: npx, uvx, pipx, docker and their kin.
struct Package {
  std::string name, version;  ///< "npm:@scope/name", "1.2.3"; empty: fetches nothing.
  bool pinned = false;        ///< To an exact version or a digest.
};
Package package_of(std::vector<std::string> const& argv);

}  // namespace reeve::host
