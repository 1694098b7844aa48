#include "crypto/fingerprint.hpp"

#include <doctest/doctest.h>

#include "crypto/encode.hpp"
#include "crypto/hash.hpp"

namespace reeve::crypto {
namespace {

TEST_CASE("fingerprint: equal secrets join, in one tenant, of one sort") {
  Fingerprinter const ours(Secret(std::string(32, 'k'))), theirs(Secret(std::string(32, 'l')));
  auto const fp = ours("hunter2");
  CHECK(fp == ours("hunter2"));
  CHECK(fp == ours("hunter2", Material::value));
  CHECK(fp != ours("hunter3"));
  CHECK(fp != theirs("hunter2"));
  CHECK(fp != ours("hunter2", Material::verifier));
  CHECK(fp.starts_with("fp_"));
  CHECK(fp.size() == 3 + 32);
  CHECK_FALSE(fp.contains("hunter2"));
}

TEST_CASE("fingerprint: is the documented HMAC, so a tenant who holds the key can recompute it") {
  using namespace std::string_literals;
  auto const key = std::string(32, 'k');
  auto const mac = hmac_sha256(key, "reeve fingerprint 1\0value\0hunter2"s);
  CHECK(Fingerprinter(Secret(key))("hunter2") == "fp_" + to_hex(bytes_of(mac)).substr(0, 32));
}

TEST_CASE("fingerprint: a value cannot imitate another sort") {
  using namespace std::string_literals;
  Fingerprinter const fp(Secret(std::string(32, 'k')));
  CHECK(fp("\0value\0x"s) != fp("x"));
  CHECK(fp("x"s) != fp("x\0"s));
  CHECK(fp("") != fp("\0"s));
}

}  // namespace
}  // namespace reeve::crypto
