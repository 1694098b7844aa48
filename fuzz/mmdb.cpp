// A MaxMind file: whatever it holds, an address has a place that policies can read, or none.
#include <sys/mman.h>
#include <unistd.h>

#include "check.hpp"
#include "pdp/geo.hpp"

using namespace reeve;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  int const file = ::memfd_create("fuzz", MFD_CLOEXEC);
  fuzz::must(file >= 0);
  fuzz::must(::write(file, data, size) == static_cast<ssize_t>(size));
  auto const opened = pdp::GeoFile::open("/proc/self/fd/" + std::to_string(file));
  ::close(file);
  if (!opened) return 0;
  for (auto const* address : {"0.0.0.0", "81.2.69.160", "255.255.255.255", "2001:218::1", "::1"}) {
    auto const ip = cedar::parse_ip(address);
    fuzz::must(ip.has_value());
    if (!ip) continue;  // clang-tidy does not know must()
    auto const place = (*opened)->look(*ip);
    fuzz::must(!place.country || place.country->size() == 2);
    fuzz::must(!place.asn || (*place.asn >= 0 && *place.asn <= 0xffff'ffff));
  }
  return 0;
}
