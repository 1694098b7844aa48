// YAML 1.2 as nodes with their lines, strictly read: configuration, rules and kubeconfigs.
//
// Strangers write some of it (rules, kubeconfigs), so size, depth and the number of nodes are
// limited (an alias counts as all it stands for: no "billion laughs"), a repeated key is an error,
// and tags are ignored: a scalar is its text and the reader decides what it means.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace reeve {

struct YamlMember;

struct Yaml {
  enum class Kind : std::uint8_t { null, scalar, sequence, map };
  using Member = YamlMember;

  Kind kind = Kind::null;
  bool quoted = false;  ///< A scalar in quotes or a block: "no" is text, no is not.
  int line = 0;         ///< From 1; 0: not from a text.
  std::string scalar;   ///< Text of a scalar.
  std::vector<Yaml> items;
  std::vector<Member> members;  ///< In the order of the text.

  explicit operator bool() const { return kind != Kind::null; }
  /// The member of that name; a null node when there is none.
  Yaml const& operator[](std::string_view key) const;
  /// "line 3: what" as an error. Errors: invalid.
  std::unexpected<Error> wrong(std::string const& what) const;
};

/// A key and its value. No std::pair: clang wants its parts complete where Yaml still is not.
struct YamlMember {
  std::string first;
  Yaml second;
};

struct YamlLimits {
  std::size_t bytes_max = 4u << 20;
  std::size_t nodes_max = 200'000;
  int depth_max = 64;
};

/// One document; an empty text is a null node. Errors: invalid, with the line.
Result<Yaml> parse_yaml(std::string_view text, YamlLimits const& limits = {});

}  // namespace reeve
