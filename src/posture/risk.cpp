// Risk ranks work; it is no probability. A product of three numbers, each with its reason, because
// a person has to be able to disagree with a part of it.

#include "posture/risk.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace reeve::posture {
namespace {

struct Factor {
  double value;
  std::string why;
};

std::int64_t weight(Severity severity) {
  switch (severity) {
    case Severity::low: return 10;
    case Severity::medium: return 30;
    case Severity::high: return 60;
    case Severity::critical: return 100;
  }
  return 0;
}

Factor exposed(Exposure const& exposure) {
  if (exposure.seen == "others") return {2.0, "readable by everybody"};
  if (exposure.seen == "group") return {1.5, "readable by a group"};
  if (exposure.from_network) return {1.5, "reachable over the network"};
  if (exposure.seen == "owner") return {1.0, "readable by its owner"};
  return {1.0, "exposure not known"};
}

Factor sensitive(Exposure const& exposure) {
  if (exposure.sensitivity == "critical") return {3.0, "critical resource"};
  if (exposure.sensitivity == "high") return {2.0, "sensitive resource"};
  if (exposure.sensitivity == "normal") return {1.0, "normal resource"};
  return {1.0, "sensitivity not known"};
}

}  // namespace

Risk risk(Severity severity, Exposure const& exposure) {
  constexpr std::int64_t most = 1000;
  auto const base = weight(severity);
  auto const [seen, seen_why] = exposed(exposure);
  auto const [matters, matters_why] = sensitive(exposure);
  auto const value = std::min(static_cast<std::int64_t>(double(base) * seen * matters), most);
  return {value, fmt::format("severity {} {} × {} {:.1f} × {} {:.1f} = {}; transitive reach: not "
                             "computed yet",
                             name(severity), base, seen_why, seen, matters_why, matters, value)};
}

}  // namespace reeve::posture
