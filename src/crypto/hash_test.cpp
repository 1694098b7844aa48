#include "crypto/hash.hpp"

#include <doctest/doctest.h>

#include "crypto/encode.hpp"

namespace reeve::crypto {
namespace {

TEST_CASE("hash: SHA-256 gives the answers of FIPS 180-4's examples") {
  struct Case {
    std::string input;
    std::string want;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
           {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
           {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
           {std::string(1'000'000, 'a'),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
       }) {
    CAPTURE(c.want);
    CHECK(to_hex(bytes_of(sha256(c.input))) == c.want);
    Sha256 pieces;
    for (std::size_t at = 0; at < c.input.size(); at += 1000)
      pieces.add(std::string_view(c.input).substr(at, 1000));
    CHECK(pieces.digest() == sha256(c.input));
    CHECK(pieces.digest() == sha256(""));  // a digest starts it again
  }
}

TEST_CASE("hash: HMAC-SHA-256 gives the answers of RFC 4231") {
  struct Case {
    std::string key, data;
    std::string want;
  };
  for (auto const& c : std::initializer_list<Case>{
           {std::string(20, '\x0b'), "Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
           {"Jefe", "what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
           {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
           {"", "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"},
       }) {
    CAPTURE(c.want);
    CHECK(to_hex(bytes_of(hmac_sha256(c.key, c.data))) == c.want);
  }
}

}  // namespace
}  // namespace reeve::crypto
