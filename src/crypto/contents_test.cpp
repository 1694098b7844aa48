#include "crypto/contents.hpp"

#include <doctest/doctest.h>

#include "crypto/shell_fake.hpp"

namespace reeve::crypto {
namespace {

using namespace std::string_literals;

Contents look(std::string const& bytes) {
  return look_inside(bytes, [](std::string_view) { return std::string("fp"); });
}

TEST_CASE("contents: key material is known by its bytes, whatever the file is called") {
  if (!has_program("openssl") || !has_program("ssh-keygen")) {
    MESSAGE("SKIP: openssl or ssh-keygen is not installed");
    return;
  }
  Workshop const shop;
  shop.run(
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 -subj /CN=a "
      "-keyout k.pem -out c.pem");
  shop.run(
      "cat c.pem k.pem c.pem > both.pem; openssl x509 -in c.pem -outform der -out c.der; "
      "openssl pkey -in k.pem -outform der -out k.der; "
      "openssl x509 -in c.pem -trustout -addtrust serverAuth -out trusted.pem; "
      "openssl crl2pkcs7 -nocrl -certfile c.pem -out p7.pem; "
      "openssl crl2pkcs7 -nocrl -certfile c.pem -outform der -out p7.der; "
      "openssl pkcs12 -export -inkey k.pem -in c.pem -passout pass: -out e.p12; "
      "openssl pkcs12 -export -inkey k.pem -in c.pem -passout pass:x -out s.p12; "
      "openssl req -new -key k.pem -subj /CN=a -outform der -out csr.der; "
      "ssh-keygen -q -N '' -t ed25519 -f id");
  struct Case {
    std::string file, format;
    std::size_t certificates, keys, ssh;
    bool sealed;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"c.pem", "pem", 1, 0, 0, false},
           {"both.pem", "pem", 2, 1, 0, false},
           {"trusted.pem", "pem", 1, 0, 0, false},
           {"p7.pem", "pem", 1, 0, 0, false},
           {"id", "pem", 0, 1, 0, false},
           {"c.der", "der", 1, 0, 0, false},
           {"k.der", "der", 0, 1, 0, false},
           {"p7.der", "pkcs7", 1, 0, 0, false},
           {"e.p12", "pkcs12", 1, 1, 0, false},
           {"s.p12", "pkcs12", 0, 1, 0, true},
           {"csr.der", "", 0, 0, 0, false},
           {"id.pub", "ssh-public-key", 0, 0, 1, false},
       }) {
    CAPTURE(c.file);
    auto const got = look(shop.read(c.file));
    CHECK(got.format == c.format);
    CHECK(got.certificates.size() == c.certificates);
    CHECK(got.private_keys.size() == c.keys);
    CHECK(got.ssh_keys.size() == c.ssh);
    CHECK(got.sealed == c.sealed);
    CHECK(got.malformed.empty());
  }
  auto const both = look(shop.read("both.pem"));
  CHECK(both.certificates[0].place == "line 1");
  CHECK(both.private_keys[0].what.key.value() == both.certificates[0].what.key);
  CHECK(look(shop.read("e.p12")).open_to_all);
}

TEST_CASE("contents: what is broken is told with its place, what is nothing stays silent") {
  auto const broken =
      look("# notes\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  REQUIRE(broken.malformed.size() == 1);
  CHECK(broken.malformed[0].line == 2);
  CHECK(broken.malformed[0].place == "CERTIFICATE");
  CHECK(look("\xFE\xED\xFE\xED").malformed.size() == 1);
  for (auto const& nothing :
       {""s, "hello"s, "\x30"s, std::string(100'000, '\0'), "ssh-rsa nonsense"s}) {
    auto const got = look(nothing);
    CHECK(got.format.empty());
    CHECK(got.malformed.empty());
  }
}

}  // namespace
}  // namespace reeve::crypto
