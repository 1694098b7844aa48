// The message is "reeve fingerprint 1", NUL, the sort, NUL, the value. The prefix holds no part
// that an input could imitate (the sorts are ours and hold no NUL), so no value of one sort can
// collide with one of another, and a later scheme gets another number and another text.

#include "crypto/fingerprint.hpp"

#include "crypto/encode.hpp"
#include "crypto/hash.hpp"

namespace reeve::crypto {
namespace {

std::string_view name(Material material) {
  switch (material) {
    case Material::value: return "value";
    case Material::verifier: return "verifier";
  }
  return "";
}

}  // namespace

Fingerprinter::Fingerprinter(Secret const& key) : key_(key.copy()) {}
Fingerprinter::Fingerprinter(Fingerprinter&&) noexcept = default;
Fingerprinter& Fingerprinter::operator=(Fingerprinter&&) noexcept = default;
Fingerprinter::~Fingerprinter() = default;

std::string Fingerprinter::operator()(std::string_view secret, Material material) const {
  std::string message("reeve fingerprint 1");
  message.reserve(message.size() + 16 + secret.size());  // grown once, so one copy to wipe
  message.append(1, '\0').append(name(material)).append(1, '\0').append(secret);
  auto const mac = hmac_sha256(key_.reveal(), message);
  wipe(message);
  return "fp_" + to_hex(bytes_of(mac).substr(0, 16));
}

}  // namespace reeve::crypto
