// Any bytes as a certificate, PKCS#7, a PEM file and a private key in DER. What is accepted has an
// id to join on, and texts that a database can hold.

#include "crypto/x509.hpp"

#include "base/text.hpp"
#include "check.hpp"
#include "crypto/pem.hpp"
#include "crypto/private_key.hpp"

namespace {

using namespace reeve;

void check(crypto::Certificate const& certificate) {
  fuzz::must(certificate.key.id.starts_with("spki-sha256:"));
  fuzz::must(certificate.sha256.size() == 64);
  for (auto const& text : {certificate.subject, certificate.issuer, certificate.common_name})
    fuzz::must(text == clean_utf8(text));
  for (auto const& name : certificate.names) fuzz::must(name == clean_utf8(name));
}

void check(crypto::PrivateKey const& key) {
  fuzz::must(!key.format.empty());
  fuzz::must(!key.key || key.key->algorithm == key.algorithm);
}

void check(crypto::PemBlock const& block) {
  if (auto const certificate = crypto::parse_certificate(block.der.reveal())) check(*certificate);
  if (auto const key = crypto::parse_private_key(block)) check(*key);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  auto const bytes = fuzz::text(data, size);
  if (auto const certificate = crypto::parse_certificate(bytes)) check(*certificate);
  if (auto const many = crypto::parse_pkcs7(bytes))
    for (auto const& certificate : *many) check(certificate);
  if (auto const key = crypto::parse_private_key_der(bytes)) check(*key);
  for (auto const& block : crypto::read_pem(bytes).blocks) check(block);
  return 0;
}
