#include "crypto/x509.hpp"

#include <doctest/doctest.h>

#include "base/text.hpp"
#include "crypto/encode.hpp"
#include "crypto/hash.hpp"
#include "crypto/pem.hpp"
#include "crypto/private_key.hpp"
#include "crypto/shell_fake.hpp"

namespace reeve::crypto {
namespace {

bool tools() {
  if (has_program("openssl")) return true;
  MESSAGE("SKIP: openssl is not installed");
  return false;
}

Certificate only_certificate(std::string const& pem) {
  auto const file = read_pem(pem);
  REQUIRE(file.blocks.size() == 1);
  auto certificate = parse_certificate(file.blocks[0].der.reveal());
  REQUIRE_MESSAGE(certificate.has_value(), (certificate ? "" : certificate.error().to_string()));
  return *certificate;
}

std::string value(std::string const& text) {
  return std::string(trim(std::string_view(text).substr(text.find('=') + 1)));
}

TEST_CASE("x509: says what openssl says of certificates of each kind") {
  if (!tools()) return;
  Workshop const shop;
  struct Case {
    std::string newkey, algorithm, signature, hash;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"rsa:1024 -sha1", "rsa-1024", "sha1WithRSAEncryption", "sha1"},
           {"rsa:2048 -sha512", "rsa-2048", "sha512WithRSAEncryption", "sha512"},
           {"ec -pkeyopt ec_paramgen_curve:P-256", "ec-p256", "ecdsa-with-SHA256", "sha256"},
           {"ec -pkeyopt ec_paramgen_curve:P-384 -sha384", "ec-p384", "ecdsa-with-SHA384",
            "sha384"},
           {"ed25519", "ed25519", "ED25519", ""},
           {"rsa-pss -pkeyopt rsa_keygen_bits:2048", "rsa-2048", "rsassaPss", "sha256"},
       }) {
    CAPTURE(c.newkey);
    shop.run(
        "openssl req -x509 -nodes -days 30 -subj '/O=Bl\xc3\xbcte, Inc./CN=a.example' -utf8 "
        "-addext subjectAltName=DNS:a.example,DNS:*.b.example,IP:10.0.0.1,IP:2001:db8::1,"
        "email:x@a.example,URI:spiffe://a.example/db -addext extendedKeyUsage=serverAuth,clientAuth"
        " -keyout key.pem -out cert.pem -newkey " +
        c.newkey);
    auto const got = only_certificate(shop.read("cert.pem"));
    auto const ask = [&](std::string const& what) {
      return value(shop.run("openssl x509 -in cert.pem -noout -" + what));
    };
    CHECK(got.subject == "CN=a.example,O=Bl\xc3\xbcte\\, Inc.");
    CHECK(got.common_name == "a.example");
    CHECK(got.issuer == got.subject);
    CHECK(got.names == std::vector<std::string>{"dns:a.example", "dns:*.b.example", "ip:10.0.0.1",
                                                "ip:2001:db8:0:0:0:0:0:1", "email:x@a.example",
                                                "uri:spiffe://a.example/db"});
    CHECK(got.serial == ask("serial"));
    CHECK(got.key.algorithm == c.algorithm);
    CHECK(got.signature == c.signature);
    CHECK(got.signature_hash == c.hash);
    CHECK(got.not_after - got.not_before == Days(30));
    CHECK(got.self_signed);
    CHECK(got.is_ca);
    CHECK(got.usages == std::vector<std::string>{"serverAuth", "clientAuth"});
    CHECK(got.problems.empty());
    std::string fingerprint = lower(ask("fingerprint -sha256"));
    std::erase(fingerprint, ':');
    CHECK(got.sha256 == fingerprint);
    // The same key, found as a private key.
    auto const key = read_pem(shop.read("key.pem"));
    CHECK(parse_private_key(key.blocks.at(0)).value().key.value() == got.key);
    if (c.signature == "rsassaPss") continue;  // its SPKI says "PSS only"; ours joins all the same
    shop.run(
        "openssl x509 -in cert.pem -noout -pubkey | openssl pkey -pubin -outform der -out "
        "spki.der");
    CHECK(got.key.id == "spki-sha256:" + to_hex(bytes_of(sha256(shop.read("spki.der")))));
  }
}

TEST_CASE("x509: leaf, authority, expired and everlasting are told apart") {
  if (!tools()) return;
  Workshop const shop;
  shop.run(
      "openssl req -x509 -newkey ed25519 -nodes -subj /CN=root -days 10 -keyout ca.key -out "
      "ca.pem");
  shop.run("openssl req -newkey ed25519 -nodes -subj /CN=leaf -keyout leaf.key -out leaf.csr");
  shop.run(
      "openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -set_serial 0xABCDEF0123 -days 1 "
      "-out leaf.pem");
  auto const leaf = only_certificate(shop.read("leaf.pem"));
  CHECK(leaf.issuer == "CN=root");
  CHECK_FALSE(leaf.self_signed);
  CHECK_FALSE(leaf.is_ca);
  CHECK(leaf.serial == "ABCDEF0123");
  CHECK(leaf.usages.empty());
  // The same name as its issuer is no self-signature: here another key signed it.
  shop.run("openssl req -newkey ed25519 -nodes -subj /CN=root -keyout b.key -out b.csr");
  shop.run("openssl x509 -req -in b.csr -CA ca.pem -CAkey ca.key -set_serial 1 -days 1 -out b.pem");
  CHECK_FALSE(only_certificate(shop.read("b.pem")).self_signed);

  shop.write("c.cnf",
             "[ca]\ndefault_ca=d\n[d]\ndatabase=idx\nserial=ser\nnew_certs_dir=.\n"
             "default_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n");
  shop.run(": >idx; echo 01 >ser");
  shop.run(
      "openssl ca -batch -config c.cnf -cert ca.pem -keyfile ca.key -in leaf.csr -notext "
      "-startdate 19700101000000Z -enddate 99991231235959Z -out ever.pem");
  auto const ever = only_certificate(shop.read("ever.pem"));
  CHECK(rfc3339(ever.not_before) == "1970-01-01T00:00:00Z");
  CHECK(rfc3339(ever.not_after) == "9999-12-31T23:59:59Z");
}

TEST_CASE("x509: hostile names arrive as UTF-8, long lists are cut with a note") {
  if (!tools()) return;
  Workshop const shop;
  std::string names;
  for (int i = 0; i < 1500; ++i) names += (i > 0 ? "," : "") + ("DNS:n" + std::to_string(i));
  shop.write("x.cnf",
             "[req]\ndistinguished_name=d\nx509_extensions=x\nprompt=no\n[d]\nCN=\x1b[31m<script>\n"
             "[x]\nsubjectAltName=" +
                 names + "\n");
  shop.run(
      "openssl req -x509 -newkey ed25519 -nodes -days 1 -config x.cnf -utf8 -keyout k -out c.pem");
  auto const got = only_certificate(shop.read("c.pem"));
  CHECK(got.common_name == "\x1b[31m<script>");
  CHECK(got.names.size() == 1000);
  CHECK(got.problems == std::vector<std::string>{"only 1000 of 1500 names were read"});
  // OpenSSL refuses a UTF8String that is none, but a T61String (tag 0x14) may hold any byte.
  std::string der(read_pem(shop.read("c.pem")).blocks.at(0).der.reveal());
  for (auto at = der.find("[31m"); at != std::string::npos; at = der.find("[31m", at + 1))
    der.replace(at, 4, std::string("\0\xff\xfe\0", 4)).at(at - 3) = '\x14';
  auto const bent = parse_certificate(der);
  REQUIRE(bent.has_value());
  for (auto const& text : {bent->subject, bent->common_name, bent->issuer})
    CHECK_MESSAGE(text == clean_utf8(text), text);
  CHECK(bent->common_name.contains("<script>"));
}

TEST_CASE("x509: every cut and every flipped byte is an error or a certificate, never a crash") {
  if (!tools()) return;
  Workshop const shop;
  shop.run(
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=a "
      "-addext subjectAltName=DNS:a,IP:1.2.3.4 -keyout k -out c.der -outform der");
  auto const der = shop.read("c.der");
  REQUIRE(parse_certificate(der).has_value());
  for (std::size_t i = 0; i < der.size(); ++i) {
    CHECK_FALSE(parse_certificate(std::string_view(der).substr(0, i)).has_value());
    auto bent = der;
    bent[i] = char(bent[i] ^ 0xFF);
    if (auto const got = parse_certificate(bent)) CHECK_FALSE(got->key.id.empty());
  }
  CHECK_FALSE(parse_certificate(der + "x").has_value());
  CHECK_FALSE(parse_certificate(std::string(300'000, '0')).has_value());
  CHECK_FALSE(parse_certificate("").has_value());
}

TEST_CASE("x509: a PKCS#7 bundle gives its certificates") {
  if (!tools()) return;
  Workshop const shop;
  for (std::string const name : {"a", "b"})
    shop.run("openssl req -x509 -newkey ed25519 -nodes -days 1 -subj /CN=" + name +
             " -keyout k -out " + name + ".pem");
  shop.run("openssl crl2pkcs7 -nocrl -certfile a.pem -certfile b.pem -outform der -out ab.p7b");
  auto const got = parse_pkcs7(shop.read("ab.p7b"));
  REQUIRE(got.has_value());
  REQUIRE(got->size() == 2);
  CHECK(got->at(0) == only_certificate(shop.read("a.pem")));
  CHECK(got->at(1) == only_certificate(shop.read("b.pem")));
  shop.write("m", "text");
  shop.run(
      "openssl smime -encrypt -binary -aes128 -in m -outform der -out enveloped.p7m a.pem || "
      "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=r -keyout k -out r.pem && "
      "openssl smime -encrypt -binary -aes128 -in m -outform der -out enveloped.p7m r.pem");
  CHECK(parse_pkcs7(shop.read("enveloped.p7m")).error().code() == Errc::unsupported);
  CHECK(parse_pkcs7("garbage").error().code() == Errc::corrupt);
}

}  // namespace
}  // namespace reeve::crypto
