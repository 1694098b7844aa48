#include "connectors/host/agents_files.hpp"

namespace reeve::host {
namespace {

using enum AgentSyntax;

constexpr AgentFile home_files[] = {
    {"aide", ".aide/mcp.json"},
    {"aider", ".aider.conf.yml", yaml},
    {"amazon-q", ".aws/amazonq/agents/*.json"},
    {"amazon-q", ".aws/amazonq/mcp.json"},
    {"antigravity", ".config/Antigravity/User/mcp.json"},
    {"antigravity", ".config/Antigravity/User/settings.json"},
    {"antigravity", ".config/Antigravity IDE/User/mcp.json"},
    {"antigravity", ".config/Antigravity IDE/User/settings.json"},
    {"antigravity", ".gemini/antigravity/mcp_config.json"},
    {"antigravity", ".gemini/config/mcp_config.json"},
    {"claude-code", ".claude.json"},
    {"claude-code", ".claude/plugins/cache/*/*/*/.mcp.json"},
    {"claude-code", ".claude/plugins/cache/*/*/*/.claude-plugin/plugin.json"},
    {"claude-code", ".claude/plugins/repos/*/*/.claude-plugin/plugin.json"},
    {"claude-code", ".claude/plugins/repos/*/*/.mcp.json"},
    {"claude-code", ".claude/plugins/synced/*/.mcp.json"},
    {"claude-code", ".claude/settings.json"},
    {"claude-code", ".claude/settings.local.json"},
    {"claude-desktop", ".config/Claude/claude_desktop_config.json"},
    {"cline",
     ".config/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json"},
    {"cody", ".cody/mcp.json"},
    {"codex", ".codex/*.config.toml", toml},
    {"codex", ".codex/plugins/*/.mcp.json"},
    {"codex", ".codex/plugins/*/*/.mcp.json"},
    {"codex", ".codex/config.toml", toml},
    {"continue", ".continue/config.json"},
    {"continue", ".continue/config.yaml", yaml},
    {"copilot", ".config/github-copilot/intellij/mcp.json"},
    {"copilot", ".copilot/mcp-config.json"},
    {"copilot", ".copilot/installed-plugins/*/.mcp.json"},
    {"copilot", ".copilot/installed-plugins/*/*/.mcp.json"},
    {"copilot", ".copilot/permissions-config.json"},
    {"cortex", ".snowflake/cortex/mcp.json"},
    {"cursor", ".config/Cursor/User/workspaceStorage/*/workspace.json"},
    {"cursor", ".cursor/mcp.json"},
    {"gemini", ".gemini/settings.json"},
    {"goose", ".config/goose/config.yaml", yaml},
    {"jetbrains", ".config/JetBrains/*/mcp.json"},
    {"junie", ".junie/mcp/mcp.json"},
    {"kiro", ".kiro/agents/*.json"},
    {"kiro", ".kiro/powers/installed/*/mcp.json"},
    {"kiro", ".kiro/settings/mcp.json"},
    {"mcp-cli", ".mcp/config.json"},
    {"openclaw", ".openclaw/openclaw.json"},
    {"opencode", ".config/opencode/opencode.json"},
    {"opencode", ".config/opencode/opencode.jsonc"},
    {"opencode", ".opencode/opencode.json"},
    {"opencode", ".opencode/opencode.jsonc"},
    {"pieces", ".pieces/mcp.json"},
    {"roo-code",
     ".config/Code/User/globalStorage/rooveterinaryinc.roo-cline/settings/cline_mcp_settings.json"},
    {"roo-code",
     ".config/Code/User/globalStorage/rooveterinaryinc.roo-cline/settings/mcp_settings.json"},
    {"tabnine", ".tabnine/mcp_servers.json"},
    {"trae", ".trae/mcp.json"},
    {"void", ".void/mcp.json"},
    {"vscode", ".config/Code - Insiders/User/mcp.json"},
    {"vscode", ".config/Code - Insiders/User/profiles/*/mcp.json"},
    {"vscode", ".vscode-server/data/User/mcp.json"},
    {"vscode", ".vscode-server-insiders/data/User/mcp.json"},
    {"vscode", ".config/Code - Insiders/User/settings.json"},
    {"vscode", ".config/Code/User/globalStorage/amazonwebservices.amazon-q-vscode/mcp.json"},
    {"vscode", ".config/Code/User/mcp.json"},
    {"vscode", ".config/Code/User/profiles/*/mcp.json"},
    {"vscode", ".config/Code/User/settings.json"},
    {"vscode", ".config/Code/User/workspaceStorage/*/workspace.json"},
    {"vscode", ".vscode/mcp.json"},
    {"windsurf", ".codeium/windsurf/mcp_config.json"},
    {"zed", ".config/zed/settings.json"},
};

constexpr AgentFile system_files[] = {
    {"claude-code", "/etc/claude-code/managed-mcp.json"},
    {"claude-code", "/etc/claude-code/managed-settings.json"},
    {"codex", "/etc/codex/config.toml", toml},
    {"opencode", "/etc/opencode/opencode.json"},
    {"opencode", "/etc/opencode/opencode.jsonc"},
};

constexpr AgentFile project_files[] = {
    {"claude-code", ".claude/settings.json"},
    {"claude-code", ".claude/settings.local.json"},
    {"claude-code", ".mcp.json"},
    {"codex", ".codex/config.toml", toml},
    {"copilot", ".github/mcp.json"},
    {"cursor", ".cursor/mcp.json"},
    {"gemini", ".gemini/settings.json"},
    {"junie", ".junie/mcp/mcp.json"},
    {"kiro", ".kiro/agents/*.json"},
    {"kiro", ".kiro/settings/mcp.json"},
    {"opencode", "opencode.json"},
    {"opencode", "opencode.jsonc"},
    {"roo-code", ".roo/mcp.json"},
    {"vscode", "*.code-workspace"},
    {"vscode", ".devcontainer/devcontainer.json"},
    {"vscode", ".vscode/mcp.json"},
    {"windsurf", ".windsurf/mcp.json"},
};

}  // namespace

std::span<AgentFile const> home_agent_files() {
  return home_files;
}
std::span<AgentFile const> system_agent_files() {
  return system_files;
}
std::span<AgentFile const> project_agent_files() {
  return project_files;
}

}  // namespace reeve::host
