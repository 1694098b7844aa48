#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "connectors/host/agents_config.hpp"

namespace reeve::host {

/// Where a client keeps its configuration on Linux. Sources: snyk/agent-scan (2026), agent-bom,
/// the clients' documentation.
struct AgentFile {
  std::string_view client;  ///< "claude-code"; part of an agent's id.
  std::string_view path;    ///< "*" stands for any part of one component.
  AgentSyntax syntax = AgentSyntax::json;
};

std::span<AgentFile const> home_agent_files();     ///< Relative to a home.
std::span<AgentFile const> system_agent_files();   ///< Absolute.
std::span<AgentFile const> project_agent_files();  ///< Relative to the folder of a project.

}  // namespace reeve::host
