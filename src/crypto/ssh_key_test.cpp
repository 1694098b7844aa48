#include "crypto/ssh_key.hpp"

#include <doctest/doctest.h>

#include "base/text.hpp"
#include "crypto/encode.hpp"
#include "crypto/hash.hpp"
#include "crypto/key_parts.hpp"
#include "crypto/shell_fake.hpp"

namespace reeve::crypto {
namespace {

/// The id that openssl gives a public key file of SSH, by way of PKCS#8.
std::string openssl_id(Workshop const& shop, std::string const& name) {
  shop.run("ssh-keygen -e -m PKCS8 -f " + name +
           " | openssl pkey -pubin -outform der -out spki.der");
  return "spki-sha256:" + to_hex(bytes_of(sha256(shop.read("spki.der"))));
}

TEST_CASE("ssh key: says of each kind what ssh-keygen and openssl say") {
  if (!has_program("ssh-keygen") || !has_program("openssl")) {
    MESSAGE("SKIP: ssh-keygen or openssl is not installed");
    return;
  }
  Workshop const shop;
  struct Case {
    std::string kind, bits, algorithm;
    int want_bits;
  };
  for (auto const& c : std::initializer_list<Case>{{"rsa", "1024", "rsa-1024", 1024},
                                                   {"rsa", "3072", "rsa-3072", 3072},
                                                   {"ecdsa", "256", "ec-p256", 256},
                                                   {"ecdsa", "384", "ec-p384", 384},
                                                   {"ecdsa", "521", "ec-p521", 521},
                                                   {"dsa", "1024", "dsa-1024", 1024},
                                                   {"ed25519", "256", "ed25519", 256}}) {
    CAPTURE(c.algorithm);
    auto const name = c.kind + c.bits;
    shop.run("ssh-keygen -q -N '' -C 'deploy key <x>' -t " + c.kind + " -b " + c.bits + " -f " +
             name);
    auto const line = parse_ssh_line(shop.read(name + ".pub"));
    REQUIRE_MESSAGE(line.has_value(), (line ? "" : line.error().to_string()));
    CHECK(line->comment == "deploy key <x>");
    CHECK(line->key.key.algorithm == c.algorithm);
    CHECK(line->key.key.bits == c.want_bits);
    CHECK_FALSE(line->key.certificate.has_value());
    auto const printed = shop.run("ssh-keygen -lf " + name + ".pub");
    auto const said = split(printed, ' ');
    CHECK(line->key.fingerprint == said.at(1));
    CHECK(line->key.key.ssh_fingerprint == said.at(1));
    CHECK(std::to_string(line->key.key.bits) == said.at(0));
    if (c.kind != "ed25519")  // ssh-keygen cannot write that as PKCS#8
      CHECK(line->key.key.id == openssl_id(shop, name + ".pub"));
  }
}

TEST_CASE("ssh key: a certificate has the fingerprint of its key and tells its limits") {
  if (!has_program("ssh-keygen")) {
    MESSAGE("SKIP: ssh-keygen is not installed");
    return;
  }
  Workshop const shop;
  shop.run("ssh-keygen -q -N '' -t ed25519 -f ca");
  for (std::string const kind : {"rsa", "ecdsa", "dsa", "ed25519"}) {
    CAPTURE(kind);
    shop.run("ssh-keygen -q -N '' -t " + kind + " -f " + kind);
    shop.run("ssh-keygen -q -s ca -I 'build <7>' -n deploy,root -z 42 -V 20260101000000Z:" +
             std::string("20270101000000Z -O force-command=/bin/true ") + kind + ".pub");
    auto const plain = parse_ssh_line(shop.read(kind + ".pub")).value().key;
    auto const line = parse_ssh_line(shop.read(kind + "-cert.pub"));
    REQUIRE_MESSAGE(line.has_value(), (line ? "" : line.error().to_string()));
    CHECK(line->key.key == plain.key);
    CHECK(line->key.fingerprint == plain.fingerprint);
    REQUIRE(line->key.certificate.has_value());
    auto const& certificate = *line->key.certificate;
    CHECK(certificate.serial == 42);
    CHECK_FALSE(certificate.host);
    CHECK(certificate.key_id == "build <7>");
    CHECK(certificate.principals == std::vector<std::string>{"deploy", "root"});
    CHECK(certificate.critical == std::vector<std::string>{"force-command"});
    CHECK(rfc3339(certificate.valid_before.value()) == "2027-01-01T00:00:00Z");
    CHECK(certificate.authority == parse_ssh_line(shop.read("ca.pub")).value().key.key);
  }
  shop.run("ssh-keygen -q -s ca -I h -h -n db.example ed25519.pub");
  auto const host = parse_ssh_line(shop.read("ed25519-cert.pub")).value().key.certificate;
  CHECK(host.value().host);
  CHECK_FALSE(host->valid_before.has_value());
  CHECK_FALSE(host->valid_after.has_value());
}

std::string sk_blob() {
  auto const key = std::string(32, 'k');
  return ssh_string("sk-ssh-ed25519@openssh.com") + ssh_string(key) + ssh_string("ssh:");
}

TEST_CASE("ssh key: a key on a FIDO token joins with its key and has its own fingerprint") {
  auto const sk = parse_ssh_blob(sk_blob()).value();
  auto const plain =
      parse_ssh_blob(ssh_string("ssh-ed25519") + ssh_string(std::string(32, 'k'))).value();
  CHECK(sk.hardware);
  CHECK(sk.application == "ssh:");
  CHECK(sk.key.id == plain.key.id);
  CHECK(sk.fingerprint == ssh_fingerprint_of(sk_blob()));
  CHECK(sk.fingerprint != plain.fingerprint);
}

TEST_CASE("ssh key: broken blobs are errors with a reason") {
  auto const ed = ssh_string("ssh-ed25519") + ssh_string(std::string(32, 'k'));
  auto const ec = [](std::string_view type, std::string_view curve, std::string const& point) {
    return ssh_string(type) + ssh_string(curve) + ssh_string(point);
  };
  struct Case {
    std::string name;
    std::string blob;
    Errc want;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"empty", "", Errc::corrupt},
           {"type only", ssh_string("ssh-ed25519"), Errc::corrupt},
           {"cut", ed.substr(0, ed.size() - 1), Errc::corrupt},
           {"too long", ed + "x", Errc::corrupt},
           {"short key", ssh_string("ssh-ed25519") + ssh_string("short"), Errc::corrupt},
           {"unknown type", ssh_string("ssh-\x1b[31m"), Errc::unsupported},
           {"4 GiB string", std::string("\xff\xff\xff\xff", 4), Errc::corrupt},
           {"negative modulus",
            ssh_string("ssh-rsa") + ssh_string("\x03") + ssh_string("\x80" + std::string(127, 'n')),
            Errc::corrupt},
           {"no modulus", ssh_string("ssh-rsa") + ssh_string("\x03") + ssh_string(""),
            Errc::corrupt},
           {"modulus of 32768 bits",
            ssh_string("ssh-rsa") + ssh_string("\x03") + ssh_string(std::string(4096, '\x7f')),
            Errc::corrupt},
           {"another curve", ec("ecdsa-sha2-nistp256", "nistp384", std::string(97, '\x04')),
            Errc::corrupt},
           {"no such curve", ec("ecdsa-sha2-nistp256", "nistp25", std::string(65, '\x04')),
            Errc::corrupt},
           {"point not on the curve",
            ec("ecdsa-sha2-nistp256", "nistp256", std::string(65, '\x04')), Errc::corrupt},
           {"point at infinity", ec("ecdsa-sha2-nistp256", "nistp256", std::string(1, '\0')),
            Errc::corrupt},
           {"100 KB", ssh_string("ssh-ed25519") + std::string(100'000, '\0'), Errc::corrupt},
       }) {
    CAPTURE(c.name);
    auto const key = parse_ssh_blob(c.blob);
    REQUIRE_FALSE(key.has_value());
    CHECK(key.error().code() == c.want);
    CHECK_FALSE(key.error().to_string().contains('\x1b'));
  }
}

TEST_CASE("ssh key: certificates cannot nest and cannot hold lists without end") {
  auto const head = ssh_string("ssh-ed25519-cert-v01@openssh.com") + ssh_string("nonce") +
                    ssh_string(std::string(32, 'k')) + std::string(8, '\0') +
                    std::string("\0\0\0\1", 4) + ssh_string("id");
  auto const tail = std::string(16, '\0') + ssh_string("") + ssh_string("") + ssh_string("");
  auto const plain = ssh_string("ssh-ed25519") + ssh_string(std::string(32, 'c'));
  auto const good = head + ssh_string("") + tail + ssh_string(plain) + ssh_string("sig");
  CHECK(parse_ssh_blob(good).has_value());
  CHECK_FALSE(parse_ssh_blob(head + ssh_string("") + tail + ssh_string(good) + ssh_string("s"))
                  .has_value());
  std::string many;
  for (int i = 0; i < 1000; ++i) many += ssh_string("p");
  CHECK_FALSE(parse_ssh_blob(head + ssh_string(many) + tail + ssh_string(plain) + ssh_string("s"))
                  .has_value());
}

TEST_CASE("ssh key: a line is type, base64, comment, and the type must be true") {
  auto const blob = to_base64(ssh_string("ssh-ed25519") + ssh_string(std::string(32, 'k')));
  CHECK(parse_ssh_line("ssh-ed25519 " + blob + "\r\n").value().comment.empty());
  CHECK(parse_ssh_line("  ssh-ed25519\t" + blob + "  a b  \n").value().comment == "a b");
  for (auto const& line :
       {std::string(), std::string("ssh-ed25519"), "ssh-rsa " + blob, "ssh-ed25519 " + blob + "=",
        "ssh-ed25519 @" + blob, "no-pty ssh-ed25519 " + blob}) {
    CAPTURE(line);
    CHECK_FALSE(parse_ssh_line(line).has_value());
  }
}

}  // namespace
}  // namespace reeve::crypto
