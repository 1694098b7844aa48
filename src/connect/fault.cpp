#include "connect/fault.hpp"

namespace reeve::connect {

Result<> Faults::before_call() {
  switch (fault_) {
    case Fault::none:
    case Fault::duplicates:
    case Fault::vanishes: return {};
    case Fault::throttled:
      if (refusals_ == 0) return {};
      --refusals_;
      return fail(Errc::rate_limited, "too many requests");
    case Fault::hangs: return fail(Errc::timeout, "no answer in time");
    case Fault::closes:
      return fail(Errc::unavailable, "the connection was closed in the middle of an answer");
    case Fault::garbage: return fail(Errc::corrupt, "the answer breaks its format");
    case Fault::huge: return fail(Errc::corrupt, "the answer is larger than we take");
  }
  return {};
}

}  // namespace reeve::connect
