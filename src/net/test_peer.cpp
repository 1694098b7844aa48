#include "net/test_peer.hpp"

#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

namespace reeve::net {
namespace {

template <auto Write, class Object>
std::string as_pem(Object* object) {
  auto* const memory = BIO_new(BIO_s_mem());
  REQUIRE(Write(memory, object) == 1);
  char* bytes = nullptr;
  auto const size = BIO_get_mem_data(memory, &bytes);
  std::string out(bytes, static_cast<std::size_t>(size));
  BIO_free(memory);
  return out;
}

int write_key(BIO* out, EVP_PKEY* key) {
  return PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
}

void extend(X509* certificate, X509* issuer, int kind, char const* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  auto* const extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value);
  REQUIRE(extension != nullptr);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

std::string random_number() {  // Two authorities of one name would be taken for one another.
  std::uint32_t number = 0;
  REQUIRE(RAND_bytes(reinterpret_cast<unsigned char*>(&number), sizeof number) == 1);
  return std::to_string(number);
}

/// Unsigned; `issuer` null: its own.
X509* make_certificate(CertificateOf const& wanted, EVP_PKEY* key, X509* issuer) {
  auto* const made = X509_new();
  X509_set_version(made, X509_VERSION_3);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(made), std::stoul(random_number()));
  X509_gmtime_adj(X509_getm_notBefore(made), wanted.from.count());
  X509_gmtime_adj(X509_getm_notAfter(made), wanted.until.count());
  X509_set_pubkey(made, key);
  auto* const name = X509_get_subject_name(made);
  auto const* const text = reinterpret_cast<unsigned char const*>(wanted.name.c_str());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text, -1, -1, 0);
  X509_set_issuer_name(made, issuer ? X509_get_subject_name(issuer) : name);
  if (!wanted.subject_alt_name.empty())
    extend(made, issuer, NID_subject_alt_name, wanted.subject_alt_name.c_str());
  return made;
}

}  // namespace

Authority::Authority()
    : key_(EVP_EC_gen("P-256")),
      certificate_(make_certificate(
          {.name = "test authority " + random_number(), .subject_alt_name = ""}, key_,
          /*issuer=*/nullptr)) {
  extend(certificate_, certificate_, NID_basic_constraints, "critical,CA:TRUE");
  extend(certificate_, certificate_, NID_key_usage, "critical,keyCertSign,cRLSign");
  REQUIRE(X509_sign(certificate_, key_, EVP_sha256()) > 0);
}

Authority::~Authority() {
  X509_free(certificate_);
  EVP_PKEY_free(key_);
}

std::string Authority::pem() const {
  return as_pem<PEM_write_bio_X509>(certificate_);
}

Tls Authority::issue(CertificateOf const& wanted) const {
  auto* const key = EVP_EC_gen("P-256");
  auto* const made = make_certificate(wanted, key, certificate_);
  REQUIRE(X509_sign(made, key_, EVP_sha256()) > 0);
  auto key_pem = as_pem<write_key>(key);
  Tls tls;
  tls.certificate_pem = as_pem<PEM_write_bio_X509>(made);
  tls.key_pem = Secret::take(key_pem);
  X509_free(made);
  EVP_PKEY_free(key);
  return tls;
}

}  // namespace reeve::net
