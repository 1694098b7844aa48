// parse_yaml over any bytes: it answers or refuses, within its limits, and every node it gives has
// a line of the text.

#include "base/yaml.hpp"

#include <algorithm>

#include "check.hpp"

namespace {

constexpr reeve::YamlLimits small = {.bytes_max = 64u << 10, .nodes_max = 1000, .depth_max = 16};

/// How many nodes there are; each must stand on a line.
std::size_t count(reeve::Yaml const& node, int lines, int depth) {
  reeve::fuzz::must(node.line >= 0 && node.line <= lines && depth <= small.depth_max);
  std::size_t sum = 1;
  for (auto const& item : node.items) sum += count(item, lines, depth + 1);
  for (auto const& [key, value] : node.members) sum += count(value, lines, depth + 1);
  return sum;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace reeve;
  auto const text = fuzz::text(data, size);
  auto const root = parse_yaml(text, small);
  if (!root) return 0;
  auto const lines = static_cast<int>(std::ranges::count(text, '\n')) + 1;
  fuzz::must(count(*root, lines, 0) <= small.nodes_max + 1);
  return 0;
}
