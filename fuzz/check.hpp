// How a fuzz target says that a property does not hold: it dies there, under libFuzzer as in the
// replay, in every kind of build.
#pragma once

#include <cstdint>
#include <string_view>

namespace reeve::fuzz {

inline void must(bool holds) {
  if (!holds) __builtin_trap();
}

/// The input as text.
inline std::string_view text(std::uint8_t const* data, std::size_t size) {
  return {reinterpret_cast<char const*>(data), size};
}

}  // namespace reeve::fuzz
