#include "crypto/private_key.hpp"

#include <doctest/doctest.h>

#include "crypto/encode.hpp"
#include "crypto/hash.hpp"
#include "crypto/shell_fake.hpp"
#include "crypto/ssh_key.hpp"

namespace reeve::crypto {
namespace {

PrivateKey only_key(std::string const& text) {
  auto const file = read_pem(text);
  REQUIRE(file.malformed.empty());
  for (auto const& block : file.blocks) {
    if (!is_private_key_label(block.label)) continue;  // "EC PARAMETERS" comes first
    auto key = parse_private_key(block);
    REQUIRE_MESSAGE(key.has_value(), (key ? "" : key.error().to_string()));
    return *key;
  }
  FAIL("no private key");
  return {};
}

/// The id as anybody can compute it with openssl.
std::string openssl_id(Workshop const& shop, std::string const& file,
                       std::string const& more = "") {
  shop.run("openssl pkey -in " + file + " " + more + " -pubout -outform der -out spki.der");
  return "spki-sha256:" + to_hex(bytes_of(sha256(shop.read("spki.der"))));
}

bool tools() {
  if (has_program("openssl") && has_program("ssh-keygen")) return true;
  MESSAGE("SKIP: openssl or ssh-keygen is not installed");
  return false;
}

TEST_CASE("private key: each kind in each format tells its public half and nothing else") {
  if (!tools()) return;
  Workshop const shop;
  struct Case {
    std::string algorithm, make, traditional;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"rsa-1024", "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024", "pkcs1"},
           {"rsa-2048", "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048", "pkcs1"},
           {"ec-p256", "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256", "sec1"},
           {"ec-p521", "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521", "sec1"},
           {"ec-secp256k1", "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1", "sec1"},
           {"ec-brainpoolp384r1",
            "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:brainpoolP384r1", "sec1"},
           {"ed25519", "genpkey -algorithm ED25519", ""},
           {"ed448", "genpkey -algorithm ED448", ""},
           {"x25519", "genpkey -algorithm X25519", ""},
           {"x448", "genpkey -algorithm X448", ""},
           {"dsa-1024", "dsaparam -noout -genkey 1024 | openssl pkcs8 -topk8 -nocrypt", "dsa"},
       }) {
    CAPTURE(c.algorithm);
    shop.run("openssl " + c.make + " > pkcs8.pem");
    auto const id = openssl_id(shop, "pkcs8.pem");
    auto const key = only_key(shop.read("pkcs8.pem"));
    CHECK(key.format == "pkcs8");
    CHECK(key.algorithm == c.algorithm);
    CHECK_FALSE(key.encrypted);
    CHECK(key.key.value().id == id);
    shop.run("openssl pkcs8 -topk8 -nocrypt -in pkcs8.pem -outform der -out key.der");
    auto const der = parse_private_key_der(shop.read("key.der"));
    CHECK(der.value() == key);

    shop.run("openssl pkcs8 -topk8 -in pkcs8.pem -passout pass:hunter2 -out secret.pem");
    auto const sealed = only_key(shop.read("secret.pem"));
    CHECK(sealed.encrypted);
    CHECK_FALSE(sealed.key.has_value());
    CHECK(sealed.algorithm.empty());

    if (c.traditional.empty()) continue;
    shop.run("openssl pkey -traditional -in pkcs8.pem -out old.pem");
    auto const old = only_key(shop.read("old.pem"));
    CHECK(old.format == c.traditional);
    CHECK(old.key.value().id == id);
    shop.run("openssl pkey -traditional -in pkcs8.pem -outform der -out old.der");
    CHECK(parse_private_key_der(shop.read("old.der")).value() == old);
    shop.run("openssl pkey -traditional -aes128 -passout pass:x -in pkcs8.pem -out oldsecret.pem");
    auto const old_sealed = only_key(shop.read("oldsecret.pem"));
    CHECK(old_sealed.encrypted);
    CHECK(old_sealed.cipher == "AES-128-CBC");
    CHECK(c.algorithm.starts_with(old_sealed.algorithm));
    CHECK_FALSE(old_sealed.key.has_value());
  }
}

TEST_CASE("private key: one key as SSH file, its .pub, PKCS#8 and PEM has one id") {
  if (!tools()) return;
  Workshop const shop;
  for (std::string const kind : {"rsa", "ecdsa", "dsa", "ed25519"}) {
    CAPTURE(kind);
    shop.run("ssh-keygen -q -N '' -C 'ci@build' -t " + kind + " -f " + kind);
    auto const text = shop.read(kind);
    auto const key = only_key(text);
    auto const line = parse_ssh_line(shop.read(kind + ".pub")).value();
    CHECK(key.format == "openssh");
    CHECK_FALSE(key.encrypted);
    CHECK(key.comment == "ci@build");
    CHECK(key.key.value() == line.key.key);
    if (kind != "ed25519") {
      shop.run("cp " + kind + " pem && ssh-keygen -q -p -N '' -m PEM -f pem");
      CHECK(only_key(shop.read("pem")).key.value() == line.key.key);
      CHECK(line.key.key.id == openssl_id(shop, "pem"));
    }
    shop.run("ssh-keygen -q -p -N hunter2 -f " + kind);
    auto const sealed = only_key(shop.read(kind));
    CHECK(sealed.encrypted);
    CHECK(sealed.cipher == "aes256-ctr");
    CHECK(sealed.comment.empty());  // it is under the passphrase too
    CHECK(sealed.key.value() == line.key.key);
  }
}

TEST_CASE("private key: a curve key without its point has the point computed") {
  if (!tools()) return;
  Workshop const shop;
  shop.run("openssl ecparam -name prime256v1 -genkey -noout -out full.pem");
  shop.run("openssl ec -in full.pem -no_public -outform der -out bare.der");
  auto const bare = parse_private_key_der(shop.read("bare.der"));
  CHECK(bare.value().key.value().id == openssl_id(shop, "full.pem"));
  shop.run("openssl ec -in full.pem -conv_form compressed -outform der -out small.der");
  CHECK(parse_private_key_der(shop.read("small.der")).value().key.value() == *bare->key);
}

TEST_CASE("private key: what is none is an error") {
  struct Case {
    std::string name, hex;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"empty", ""},
           {"no DER", "ffff"},
           {"empty sequence", "3000"},
           {"PKCS#8 without key", "300a020100300506032b6570"},
           {"Ed25519 of 4 bytes", "3010020100300506032b657004060404deadbeef"},
           {"a scalar of zero",
            "3025020100301306072a8648ce3d020106082a8648ce3d030107040b3009020101040400000000"},
           {"PKCS#1 without primes", "3009020100020103020103"},
       }) {
    CAPTURE(c.name);
    auto const key = parse_private_key_der(from_hex(c.hex).value());
    REQUIRE_FALSE(key.has_value());
    CHECK(key.error().code() == Errc::corrupt);
  }
  CHECK_FALSE(parse_private_key_der(std::string(100'000, '0')).has_value());
  CHECK_FALSE(parse_private_key({.label = "QUANTUM PRIVATE KEY"}).has_value());
}

TEST_CASE("pem: blocks among other text are found, broken ones are told and skipped") {
  auto const body = to_base64("0123456789");
  auto const good = "-----BEGIN A B-----\n" + body + "\n-----END A B-----\n";
  struct Case {
    std::string name, text;
    std::size_t blocks, malformed;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"nothing", "", 0, 0},
           {"other text", "hello\n-----BEGIN\nBEGIN X-----\n", 0, 0},
           {"one", good, 1, 0},
           {"two, with text around", "subject=x\n" + good + "\nissuer: y\n" + good + "tail", 2, 0},
           {"no line end at the end", good.substr(0, good.size() - 1), 1, 0},
           {"Windows line ends", "-----BEGIN A B-----\r\n" + body + "\r\n-----END A B-----\r\n", 1,
            0},
           {"blanks and an empty line",
            "-----BEGIN A B----- \n\n" + body + " \n-----END A B-----\n", 1, 0},
           {"headers",
            "-----BEGIN A B-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: X,1\n\n" + body +
                "\n-----END A B-----\n",
            1, 0},
           {"no end", "-----BEGIN A B-----\n" + body + "\n", 0, 1},
           {"another end", "-----BEGIN A B-----\n" + body + "\n-----END B-----\n" + good, 1, 1},
           {"begins within", "-----BEGIN A B-----\n" + body + "\n" + good, 1, 1},
           {"no base64", "-----BEGIN A B-----\n@@@@\n-----END A B-----\n" + good, 1, 1},
           {"escape in the label", "-----BEGIN \x1b[31m-----\n" + body + "\n", 0, 1},
           {"2 MiB",
            "-----BEGIN A B-----\n" + std::string(2 << 20, 'A') + "\n-----END A B-----\n" + good, 1,
            1},
       }) {
    CAPTURE(c.name);
    auto const file = read_pem(c.text);
    CHECK(file.blocks.size() == c.blocks);
    CHECK(file.malformed.size() == c.malformed);
    for (auto const& block : file.blocks) CHECK(block.der.reveal() == "0123456789");
    for (auto const& bad : file.malformed) CHECK_FALSE((bad.why + bad.place).contains('\x1b'));
  }
}

TEST_CASE("pem: a million BEGIN lines end in an error, soon") {
  std::string text;
  for (int i = 0; i < 1'000'000; ++i) text += "-----BEGIN X-----\n";
  auto const file = read_pem(text);
  CHECK(file.blocks.empty());
  CHECK(file.malformed.size() == 5001);
}

}  // namespace
}  // namespace reeve::crypto
