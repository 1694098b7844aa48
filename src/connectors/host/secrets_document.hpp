#pragma once

#include <string_view>

#include "base/result.hpp"
#include "base/yaml.hpp"

namespace reeve::host {

// JSON, TOML and YAML as one kind of node with its line, so that whoever looks for secrets or MCP
// servers is written once. All three are strict: a repeated key is an error, size and depth are
// limited, and no error quotes a value. A scalar is its text; `quoted` says that it was a string.

/// With comments and trailing commas, as editors write it. Errors: invalid, with the place.
Result<Yaml> read_json(std::string_view text);

/// TOML 1.0. Errors: invalid, with the place.
Result<Yaml> read_toml(std::string_view text);

/// The text of that member, if it is a scalar; else empty. The view lives as long as the node.
std::string_view text_at(Yaml const& node, std::string_view key);

}  // namespace reeve::host
