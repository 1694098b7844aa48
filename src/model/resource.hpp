#pragma once

#include <string>

#include "model/known.hpp"

namespace reeve {

/// What is protected: a database, a host, a bucket, the tools of an MCP server. Grants and usage
/// name it by its native id at the same source.
struct Resource {
  std::string source, native_id;
  std::string name;
  std::string kind;                ///< "host", "database", "table", "mcp_server".
  Known<std::string> environment;  ///< "production", "staging", as the source says it.
  /// "critical", "high", "normal" as the source or a default proposes, with the reason; a person's
  /// mark (`reeve resource mark`) stands above it.
  Known<std::string> sensitivity;
  Known<std::string> sensitivity_reason;
  Known<bool> pinned;         ///< Code that runs is named by an exact version; none: runs no code.
  Known<bool> authenticated;  ///< A caller has to prove who it is; none: nothing to call.

  bool operator==(Resource const&) const = default;
};

}  // namespace reeve
