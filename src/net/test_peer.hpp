// The other end of the server in tests, and certificates for it. A header of tests only.
#pragma once

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "net/http.hpp"

namespace reeve::net {

/// The other end: a blocking socket that gives up after 10 s.
class RawClient {
 public:
  explicit RawClient(Server const& server, int receive_buffer = 0)
      : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    be_patient();
    if (receive_buffer > 0)
      setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in address{.sin_family = AF_INET, .sin_port = htons(server.port())};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }
  explicit RawClient(std::string const& path) : socket_(socket(AF_UNIX, SOCK_STREAM, 0)) {
    be_patient();
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    REQUIRE(path.size() < sizeof address.sun_path);
    std::memcpy(address.sun_path, path.data(), path.size());
    REQUIRE(connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }
  RawClient(RawClient const&) = delete;
  RawClient& operator=(RawClient const&) = delete;
  ~RawClient() {
    SSL_free(tls_);
    close(socket_);
  }

  /// The certificate the server showed; null without TLS.
  std::unique_ptr<X509, decltype(&X509_free)> server_certificate() const {
    return {tls_ ? SSL_get1_peer_certificate(tls_) : nullptr, X509_free};
  }

  void start_tls(SSL_CTX* context) {
    tls_ = SSL_new(context);
    SSL_set_fd(tls_, socket_);
    REQUIRE(SSL_connect(tls_) == 1);
  }

  RawClient& send(std::string_view bytes) {
    auto const size = static_cast<int>(bytes.size());
    if (tls_)
      CHECK(SSL_write(tls_, bytes.data(), size) == size);
    else
      CHECK(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == size);
    return *this;
  }
  RawClient& get(std::string_view path) {
    return send("GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n\r\n");
  }

  /// Up to and including `mark`, or to the end of the connection.
  std::string until(std::string_view mark) {
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
  std::string rest() { return until("no server sends this\n"); }

 private:
  void be_patient() const {
    timeval const patience{.tv_sec = 10, .tv_usec = 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }

  int socket_;
  SSL* tls_ = nullptr;
  std::string pending_;
};

inline std::unique_ptr<Server> serve(Handler handler, ServerOptions options = {}) {
  auto server = start_server(std::move(options), std::move(handler));
  REQUIRE(server.has_value());
  return *std::move(server);
}

inline Response text(std::string body) {
  return {.content_type = "text/plain", .body = std::move(body)};
}

/// A folder that goes away with the test.
struct TemporaryFolder {
  std::string path;

  TemporaryFolder() {
    std::string name = std::filesystem::temp_directory_path() / "reeve-net-XXXXXX";
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  TemporaryFolder(TemporaryFolder const&) = delete;
  TemporaryFolder& operator=(TemporaryFolder const&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
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
  EVP_PKEY* key_;
  X509* certificate_;
};

}  // namespace reeve::net
