// The other end of the server in tests, and certificates for it. A header of tests only.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "net/http.hpp"

struct evp_pkey_st;
struct ssl_ctx_st;
struct ssl_st;
struct x509_st;

namespace reeve::net {

/// The other end: a blocking socket that gives up after 10 s. What fails fails the test.
class RawClient {
 public:
  explicit RawClient(Server const& server, int receive_buffer = 0);
  explicit RawClient(std::string const& path);
  RawClient(RawClient const&) = delete;
  RawClient& operator=(RawClient const&) = delete;
  ~RawClient();

  void start_tls(ssl_ctx_st* context);
  /// The common name of the server's certificate.
  std::string server_name() const;

  RawClient& send(std::string_view bytes);
  RawClient& get(std::string_view path);
  /// Up to and including `mark`, or to the end of the connection.
  std::string until(std::string_view mark);
  std::string rest() { return until("no server sends this\n"); }

 private:
  void be_patient() const;

  int socket_;
  ssl_st* tls_ = nullptr;
  std::string pending_;
};

std::unique_ptr<Server> serve(Handler handler, ServerOptions options = {});
Response text(std::string body);

/// A folder that goes away with the test.
struct TemporaryFolder {
  std::string path;

  TemporaryFolder();
  TemporaryFolder(TemporaryFolder const&) = delete;
  TemporaryFolder& operator=(TemporaryFolder const&) = delete;
  ~TemporaryFolder();
  std::string operator/(std::string_view name) const { return path + "/" + std::string(name); }
};

/// What a certificate of ours says.
struct CertificateOf {
  std::string name;              ///< Its common name.
  std::string subject_alt_name;  ///< As OpenSSL writes it: "DNS:localhost,IP:127.0.0.1".
  std::chrono::seconds from{-60}, until{3600};  ///< From now.
};

/// A certificate authority that exists for one test.
class Authority {
 public:
  Authority();
  Authority(Authority const&) = delete;
  Authority& operator=(Authority const&) = delete;
  ~Authority();

  std::string pem() const;
  Tls issue(CertificateOf const& wanted) const;

 private:
  evp_pkey_st* key_;
  x509_st* certificate_;
};

}  // namespace reeve::net
