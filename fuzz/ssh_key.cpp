// Any bytes as the blob of an SSH key, as a line with one, and as an OpenSSH private key. A blob
// that is accepted is the same in a line.

#include "crypto/ssh_key.hpp"

#include "check.hpp"
#include "crypto/encode.hpp"
#include "crypto/private_key.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace reeve;
  auto const bytes = fuzz::text(data, size);
  if (auto const key = crypto::parse_ssh_blob(bytes)) {
    fuzz::must(key->fingerprint.size() == 7 + 43);
    fuzz::must(key->key.id.starts_with("spki-sha256:"));
    auto const line = crypto::parse_ssh_line(key->type + " " + crypto::to_base64(bytes));
    fuzz::must(line.has_value() && line->key == *key);
  }
  if (auto const line = crypto::parse_ssh_line(bytes))
    fuzz::must(!line->key.type.empty() && !line->key.key.algorithm.empty());
  crypto::PemBlock const block{.label = "OPENSSH PRIVATE KEY", .der = Secret(bytes)};
  if (auto const key = crypto::parse_private_key(block)) fuzz::must(key->key.has_value());
  return 0;
}
