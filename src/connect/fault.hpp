#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.hpp"

namespace reeve::connect {

/// What a source may do to us. A fake client asks its `Faults` before it answers, so one suite
/// can break every connector in the same ways.
enum class Fault : std::uint8_t {
  none,
  throttled,   ///< Refuses the next two calls, then serves.
  hangs,       ///< Never answers: the client's own deadline ends it.
  closes,      ///< Ends the connection in the middle of an answer.
  garbage,     ///< Answers bytes that break the format.
  huge,        ///< Answers more than the client takes.
  duplicates,  ///< Tells every object twice.
  vanishes,    ///< An object is deleted between the list and the look.
};
inline constexpr std::string_view fault_names[] = {
    "none", "throttled", "hangs", "closes", "garbage", "huge", "duplicates", "vanishes"};
constexpr std::string_view name(Fault fault) {
  return fault_names[std::size_t(fault)];
}

/// The mishaps of one fake.
class Faults {
 public:
  Faults() = default;
  explicit Faults(Fault fault) : fault_(fault), refusals_(fault == Fault::throttled ? 2 : 0) {}

  Fault fault() const { return fault_; }
  /// What the real client would answer to a call now; success: it serves. `duplicates` and
  /// `vanishes` are in the data, hence the fake's own business.
  Result<> before_call();

 private:
  Fault fault_ = Fault::none;
  int refusals_ = 0;
};

}  // namespace reeve::connect
