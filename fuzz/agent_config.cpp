// Configurations of agents' clients: the first byte picks JSON, TOML or YAML.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "connectors/host/agents_config.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace reeve;
  if (size == 0) return 0;
  connect::Fingerprint const fingerprint = [](std::string_view secret) {
    return std::to_string(secret.size());
  };
  auto const config =
      host::read_agent_config(host::AgentSyntax(data[0] % 3),
                              {reinterpret_cast<char const*>(data) + 1, size - 1}, fingerprint);
  for (auto const& server : config.servers)
    if (server.name.empty() || server.runs.empty() || server.runs.size() > 4096) std::abort();
  return 0;
}
