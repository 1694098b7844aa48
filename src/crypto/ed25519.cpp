// Ed25519 from OpenSSL. The seed is kept, and the OpenSSL key is made for each signature: about
// 20 µs more for a signature that is made once per checkpoint, and the object stays a value with
// one secret in it.

#include "crypto/ed25519.hpp"

#include <openssl/evp.h>

#include <cstdio>
#include <cstdlib>

#include "crypto/key_file.hpp"
#include "crypto/owned.hpp"
#include "crypto/random.hpp"

namespace reeve::crypto {
namespace {

using Pkey = Owned<EVP_PKEY, EVP_PKEY_free>;
using MdContext = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;

void must(bool ok) {
  if (ok) return;
  std::fputs("reeve: OpenSSL cannot compute Ed25519\n", stderr);
  std::abort();
}

unsigned char const* data_of(std::string_view text) {
  return reinterpret_cast<unsigned char const*>(text.data());
}

Pkey private_key(Secret const& seed) {
  auto const bytes = seed.reveal();
  Pkey key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, data_of(bytes), bytes.size()));
  must(key != nullptr);
  return key;
}

}  // namespace

Ed25519Key::Ed25519Key(Secret seed) : seed_(std::move(seed)) {
  std::size_t size = public_.size();
  must(EVP_PKEY_get_raw_public_key(private_key(seed_).get(), public_.data(), &size) == 1);
}

Ed25519Key Ed25519Key::generate(Random& random) {
  auto seed = random.bytes(key_bytes);
  return Ed25519Key(Secret::take(seed));
}

Result<Ed25519Key> Ed25519Key::from_seed(Secret const& seed) {
  if (seed.reveal().size() != key_bytes)
    return fail(Errc::invalid, "an Ed25519 private key has 32 bytes");
  return Ed25519Key(seed.copy());
}

Result<Ed25519Key> Ed25519Key::load_or_create(std::string const& path, std::string_view purpose,
                                              Random& random) {
  return Ed25519Key(TRY(load_or_create_key(path, purpose, random)));
}

Ed25519Signature Ed25519Key::sign(std::string_view message) const {
  Ed25519Signature out{};
  std::size_t size = out.size();
  auto const key = private_key(seed_);
  MdContext const context(EVP_MD_CTX_new());
  must(context && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1);
  must(EVP_DigestSign(context.get(), out.data(), &size, data_of(message), message.size()) == 1);
  must(size == out.size());
  return out;
}

SignatureCheck ed25519_verify(Ed25519Public const& key, std::string_view message,
                              Ed25519Signature const& signature) {
  Pkey const pkey(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()));
  MdContext const context(EVP_MD_CTX_new());
  if (!pkey || !context ||
      EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, pkey.get()) != 1)
    return SignatureCheck::bad;
  bool const good = EVP_DigestVerify(context.get(), signature.data(), signature.size(),
                                     data_of(message), message.size()) == 1;
  return good ? SignatureCheck::good : SignatureCheck::bad;
}

}  // namespace reeve::crypto
