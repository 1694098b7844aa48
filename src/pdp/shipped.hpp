#pragma once

#include <span>
#include <string_view>

namespace reeve::pdp {

struct ShippedFile {
  std::string_view name, text;
};
/// The folder policies/, made part of the program by the build.
extern std::span<ShippedFile const> const shipped_files;

}  // namespace reeve::pdp
