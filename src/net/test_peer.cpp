#include "net/test_peer.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

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

RawClient::RawClient(Server const& server, int receive_buffer)
    : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
  be_patient();
  if (receive_buffer > 0)
    setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  sockaddr_in address{.sin_family = AF_INET, .sin_port = htons(server.port())};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
}

RawClient::RawClient(std::string const& path) : socket_(socket(AF_UNIX, SOCK_STREAM, 0)) {
  be_patient();
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  REQUIRE(path.size() < sizeof address.sun_path);
  std::memcpy(address.sun_path, path.data(), path.size());
  REQUIRE(connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
}

RawClient::~RawClient() {
  SSL_free(tls_);
  close(socket_);
}

void RawClient::be_patient() const {
  timeval const patience{.tv_sec = 10, .tv_usec = 0};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

void RawClient::start_tls(ssl_ctx_st* context) {
  tls_ = SSL_new(context);
  SSL_set_fd(tls_, socket_);
  REQUIRE(SSL_connect(tls_) == 1);
}

std::string RawClient::server_name() const {
  std::unique_ptr<X509, decltype(&X509_free)> const shown(SSL_get1_peer_certificate(tls_),
                                                          X509_free);
  std::array<char, 100> name{};
  X509_NAME_get_text_by_NID(X509_get_subject_name(shown.get()), NID_commonName, name.data(),
                            name.size());
  return name.data();
}

RawClient& RawClient::send(std::string_view bytes) {
  auto const size = static_cast<int>(bytes.size());
  if (tls_)
    CHECK(SSL_write(tls_, bytes.data(), size) == size);
  else
    CHECK(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == size);
  return *this;
}

RawClient& RawClient::get(std::string_view path) {
  return send("GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n\r\n");
}

std::string RawClient::until(std::string_view mark) {
  std::array<char, 4096> bytes;
  for (;;) {
    if (auto const at = pending_.find(mark); at != pending_.npos) {
      auto found = pending_.substr(0, at + mark.size());
      pending_.erase(0, found.size());
      return found;
    }
    auto const count = tls_ ? SSL_read(tls_, bytes.data(), bytes.size())
                            : recv(socket_, bytes.data(), bytes.size(), 0);
    if (count <= 0) return std::exchange(pending_, {});
    pending_.append(bytes.data(), static_cast<std::size_t>(count));
  }
}

std::unique_ptr<Server> serve(Handler handler, ServerOptions options) {
  auto server = start_server(std::move(options), std::move(handler));
  REQUIRE(server.has_value());
  return *std::move(server);
}

Response text(std::string body) {
  return {.content_type = "text/plain", .body = std::move(body)};
}

TemporaryFolder::TemporaryFolder() {
  std::string name = std::filesystem::temp_directory_path() / "reeve-net-XXXXXX";
  REQUIRE(mkdtemp(name.data()) != nullptr);
  path = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path, ignored);
}

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
