#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace reeve::remedy {

/// A name of this process that no other has: machine (boot id), pid namespace, pid, start time.
std::string this_holder();

enum class Life : std::uint8_t {
  alive,
  gone,
  unknown,  ///< On another machine or in another container: only time tells.
};
/// What became of the process with that name.
Life life_of(std::string_view holder);

}  // namespace reeve::remedy
