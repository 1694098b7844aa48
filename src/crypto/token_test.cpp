#include "crypto/token.hpp"

#include <doctest/doctest.h>

#include <set>

#include "crypto/encode.hpp"
#include "crypto/random.hpp"

namespace reeve::crypto {
namespace {

TEST_CASE("token: 256 random bits behind a prefix, and only its hash is kept") {
  SystemRandom random;
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    auto const token = new_token(random);
    auto const text = token.reveal();
    REQUIRE(text.starts_with("reeve_"));
    CHECK(from_base64url(text.substr(6)).value().size() == 32);
    auto const hash = token_hash(text);
    CHECK(hash.size() == 64);
    CHECK_FALSE(hash.contains(text));
    seen.insert(hash);
  }
  CHECK(seen.size() == 100);
}

TEST_CASE("token: the hash is SHA-256, so another tool can compute it") {
  CHECK(token_hash("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("random: predictable bytes are the same for a seed, and fresh each time") {
  PredictableRandom a("seed"), b("seed"), other("other");
  auto const first = a.bytes(100);
  CHECK(first == b.bytes(100));
  CHECK(first != a.bytes(100));
  CHECK(first != other.bytes(100));
  SystemRandom system;
  CHECK(system.bytes(16) != system.bytes(16));
  CHECK(system.bytes(0).empty());
}

}  // namespace
}  // namespace reeve::crypto
