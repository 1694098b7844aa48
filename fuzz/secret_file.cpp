// Files of credentials in every format: the first byte picks it. What comes out is told, whatever
// went in: no text holds a NUL or is endless.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "connectors/host/secrets_files.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace reeve;
  if (size == 0) return 0;
  auto const format = host::Format(data[0] % (int(host::Format::keys) + 1));
  connect::Fingerprint const fingerprint = [](std::string_view secret) {
    return std::to_string(secret.size());
  };
  auto const found = host::find_in_file(
      {"x", format, "token"}, {reinterpret_cast<char const*>(data) + 1, size - 1}, fingerprint);
  for (auto const& one : found.found) {
    if (one.kind.empty() || one.key.size() > 4096 || one.key.contains('\0')) std::abort();
    if (one.mode == SightingMode::stored && one.fingerprint.empty()) std::abort();
  }
  return 0;
}
