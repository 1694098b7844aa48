#include "crypto/ed25519.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "crypto/encode.hpp"
#include "crypto/random.hpp"

namespace reeve::crypto {
namespace {

template <class Bytes>
std::string hex(Bytes const& bytes) {
  return to_hex({reinterpret_cast<char const*>(bytes.data()), bytes.size()});
}

TEST_CASE("ed25519: gives the answers of RFC 8032 §7.1") {
  struct Case {
    char const *seed, *key, *message, *signature;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39"
            "701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
           {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f36"
            "13d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
       }) {
    CAPTURE(c.key);
    auto const key = Ed25519Key::from_seed(Secret(from_hex(c.seed).value()));
    REQUIRE(key.has_value());
    CHECK(hex(key->public_key()) == c.key);
    CHECK(hex(key->sign(from_hex(c.message).value())) == c.signature);
  }
}

TEST_CASE("ed25519: one flipped bit anywhere makes a signature bad") {
  PredictableRandom random("signature");
  auto const key = Ed25519Key::generate(random);
  std::string const message = "size 7, root abc";
  auto const good = key.sign(message);
  CHECK(ed25519_verify(key.public_key(), message, good) == SignatureCheck::good);
  CHECK(ed25519_verify(key.public_key(), message + "!", good) == SignatureCheck::bad);
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto bad = good;
    bad[i] ^= 1;
    CHECK(ed25519_verify(key.public_key(), message, bad) == SignatureCheck::bad);
  }
  for (std::size_t i = 0; i < key.public_key().size(); ++i) {
    auto other = key.public_key();
    other[i] ^= 1;
    CHECK(ed25519_verify(other, message, good) == SignatureCheck::bad);
  }
}

TEST_CASE("ed25519: a private key of another length is refused") {
  for (std::size_t size : {0u, 31u, 33u, 64u})
    CHECK(Ed25519Key::from_seed(Secret(std::string(size, 'x'))).error().code() == Errc::invalid);
}

}  // namespace
}  // namespace reeve::crypto
