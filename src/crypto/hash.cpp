// SHA-256 and HMAC from OpenSSL. The only way these calls fail is a broken library or no memory,
// which no caller can handle: such a process must not go on as if it had hashed something, so it
// ends here.

#include "crypto/hash.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstdio>
#include <cstdlib>

#include "crypto/owned.hpp"

namespace reeve::crypto {
namespace {

using MdContext = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;

void must(bool ok) {
  if (ok) return;
  std::fputs("reeve: OpenSSL cannot compute SHA-256\n", stderr);
  std::abort();
}

unsigned char const* data_of(std::string_view text) {
  return reinterpret_cast<unsigned char const*>(text.data());
}

/// Looked up once: each implicit fetch costs more than hashing a short text.
EVP_MD const* algorithm() {
  static EVP_MD const* const md = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  must(md != nullptr);
  return md;
}

}  // namespace

struct Sha256::State {
  MdContext context{EVP_MD_CTX_new()};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  must(state_->context && EVP_DigestInit_ex2(state_->context.get(), algorithm(), nullptr) == 1);
}
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

Sha256& Sha256::add(std::string_view data) {
  must(EVP_DigestUpdate(state_->context.get(), data.data(), data.size()) == 1);
  return *this;
}

Digest Sha256::digest() {
  Digest out;
  must(EVP_DigestFinal_ex(state_->context.get(), out.data(), nullptr) == 1);
  must(EVP_DigestInit_ex2(state_->context.get(), algorithm(), nullptr) == 1);
  return out;
}

Digest sha256(std::string_view data) {
  Digest out;
  must(EVP_Digest(data.data(), data.size(), out.data(), nullptr, algorithm(), nullptr) == 1);
  return out;
}

Digest hmac_sha256(std::string_view key, std::string_view data) {
  Digest out;
  unsigned size = 0;
  // A null key means "the one of last time" to HMAC(), so an empty key must not be null.
  auto const* const bytes = key.empty() ? data_of("") : data_of(key);
  must(HMAC(algorithm(), bytes, int(key.size()), data_of(data), data.size(), out.data(), &size) !=
       nullptr);
  must(size == out.size());
  return out;
}

}  // namespace reeve::crypto
