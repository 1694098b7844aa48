// authorized_keys: any bytes parse; what may be shown of the options has no value of environment=.

#include "connectors/host/authorized_keys.hpp"

#include "check.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace reeve;
  auto const got = host::parse_authorized_keys(fuzz::text(data, size));
  for (auto const& key : got.keys) {
    fuzz::must(key.line > 0 && !key.algorithm.empty() &&
               key.key.fingerprint.starts_with("SHA256:"));
    fuzz::must(key.options.empty() == key.restrictions().empty());
    fuzz::must(key.expires().index() < 3);
  }
  return 0;
}
