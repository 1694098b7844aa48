// shadow: any bytes parse; a verifier is there exactly when the state says so.

#include "check.hpp"
#include "connectors/host/accounts.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace reeve;
  using enum host::PasswordState;
  for (auto const& entry : host::parse_shadow(fuzz::text(data, size)).entries) {
    bool const kept = entry.password.state == set || entry.password.state == locked;
    fuzz::must(kept == !entry.password.verifier.empty());
    fuzz::must(kept == !entry.password.algorithm.empty());
    fuzz::must(!(entry.must_change && std::holds_alternative<Instant>(entry.changed)));
  }
  return 0;
}
