// Reads what a server presents. This is a look, not a connection to be trusted: any certificate is
// taken, old protocols and weak keys too (they are what we look for), nothing is sent over the
// finished connection, and it is dropped without a goodbye. A server that wants a certificate of
// ours has shown its own before.
//
// The socket does not block and one deadline covers everything, so a server that hangs, or sends a
// byte a second, costs its time-out and no more. Only the look-up of a name is the system's.

#include <fcntl.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <thread>

#include "base/file.hpp"
#include "base/text.hpp"
#include "connectors/x509/client.hpp"
#include "connectors/x509/starttls.hpp"
#include "crypto/owned.hpp"

namespace reeve::x509 {
namespace {

using Clock = std::chrono::steady_clock;
using Context = crypto::Owned<SSL_CTX, SSL_CTX_free>;
using Ssl = crypto::Owned<SSL, SSL_free>;
using X509Ptr = crypto::Owned<X509, X509_free>;
using Addresses = crypto::Owned<addrinfo, ::freeaddrinfo>;

constexpr int at_once = 16;           ///< Handshakes at a time.
constexpr int certificates_max = 20;  ///< Of a chain.

/// A TCP connection under a deadline.
class Socket final : public Wire {
 public:
  Socket(int fd, Clock::time_point deadline) : fd_(fd), deadline_(deadline) {}
  ~Socket() override { ::close(fd_); }
  int get() const { return fd_; }

  Result<> await(short events) const {
    for (;;) {
      auto const left =
          std::chrono::ceil<std::chrono::milliseconds>(deadline_ - Clock::now()).count();
      if (left <= 0) return fail(Errc::timeout, "no answer in time");
      pollfd wanted{.fd = fd_, .events = events, .revents = 0};
      int const ready = ::poll(&wanted, 1, int(std::min<std::int64_t>(left, 60'000)));
      if (ready > 0) return {};
      if (ready < 0 && errno != EINTR) return system_error(errno, "poll");
    }
  }

  Result<> send(std::string_view bytes) override {
    while (!bytes.empty()) {
      auto const sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent > 0) {
        bytes.remove_prefix(std::size_t(sent));
        continue;
      }
      if (errno != EAGAIN && errno != EINTR) return system_error(errno, "send");
      TRY(await(POLLOUT));
    }
    return {};
  }

  Result<std::string> receive(std::size_t size) override {
    std::string out(size, '\0');
    for (;;) {
      auto const got = ::recv(fd_, out.data(), out.size(), 0);
      if (got == 0) return fail(Errc::unavailable, "closes the connection");
      if (got > 0) {
        out.resize(std::size_t(got));
        return out;
      }
      if (errno != EAGAIN && errno != EINTR) return system_error(errno, "receive");
      TRY(await(POLLIN));
    }
  }

 private:
  int fd_;
  Clock::time_point deadline_;
};

Result<std::unique_ptr<Socket>> connect_to(addrinfo const& address, Clock::time_point deadline) {
  int const fd = ::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return system_error(errno, "socket");
  auto socket = std::make_unique<Socket>(fd, deadline);
  if (::connect(fd, address.ai_addr, address.ai_addrlen) == 0) return socket;
  if (errno != EINPROGRESS) return system_error(errno, "connect");
  TRY(socket->await(POLLOUT));
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0)
    return system_error(error != 0 ? error : errno, "connect");
  return socket;
}

/// The first address that answers.
Result<std::unique_ptr<Socket>> connect_to(Endpoint const& endpoint, Clock::time_point deadline) {
  addrinfo const hints{.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
  addrinfo* raw = nullptr;
  int const looked = ::getaddrinfo(endpoint.host.c_str(), endpoint.port.c_str(), &hints, &raw);
  Addresses const addresses(raw);
  if (looked != 0)
    return fail(Errc::unavailable, "look up " + endpoint.host + ": " + ::gai_strerror(looked));
  auto last = Error(Errc::unavailable, "no address");
  for (auto const* at = addresses.get(); at != nullptr; at = at->ai_next) {
    auto socket = connect_to(*at, deadline);
    if (socket) return socket;
    last = std::move(socket).error();
  }
  return std::unexpected(std::move(last));
}

Context make_context() {
  Context context(SSL_CTX_new(TLS_client_method()));
  if (!context) return context;
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_security_level(context.get(), 0);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
  SSL_CTX_set_cipher_list(context.get(), "ALL:@SECLEVEL=0");
  SSL_CTX_set_options(context.get(), SSL_OP_LEGACY_SERVER_CONNECT);
  return context;
}

bool is_address(std::string const& name) {
  return name.contains(':') || name.find_first_not_of("0123456789.") == std::string::npos;
}

std::string why_not() {
  auto const code = ERR_get_error();
  char const* const reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
  return reason ? reason : "the server closes the connection";
}

Result<> shake_hands(SSL* ssl, Socket const& socket) {
  for (;;) {
    ERR_clear_error();
    int const done = SSL_connect(ssl);
    if (done == 1) return {};
    int const wants = SSL_get_error(ssl, done);
    if (wants == SSL_ERROR_WANT_READ || wants == SSL_ERROR_WANT_WRITE) {
      TRY(socket.await(wants == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT));
      continue;
    }
    // A server may refuse us for lack of a certificate after it has shown its own.
    X509Ptr const shown(SSL_get1_peer_certificate(ssl));
    if (shown) return {};
    return fail(Errc::unsupported, "no TLS handshake: " + why_not());
  }
}

std::string der_of(X509 const* certificate) {
  unsigned char* raw = nullptr;
  int const size = i2d_X509(certificate, &raw);
  std::string out;
  if (size > 0) out.assign(reinterpret_cast<char const*>(raw), std::size_t(size));
  OPENSSL_free(raw);
  return out;
}

Result<Chain> presented(SSL const* ssl) {
  Chain out{.protocol = SSL_get_version(ssl)};
  auto const* const chain = SSL_get_peer_cert_chain(ssl);
  for (int i = 0; chain && i < std::min(sk_X509_num(chain), certificates_max); ++i)
    out.certificates.push_back(der_of(sk_X509_value(chain, i)));
  if (out.certificates.empty()) return fail(Errc::unsupported, "presents no certificate");
  return out;
}

Result<Chain> handshake(Endpoint const& endpoint, Duration timeout) {
  auto const during = endpoint.text();
  auto const socket = TRY_DURING(connect_to(endpoint, Clock::now() + timeout), during);
  TRY_DURING(request_tls(endpoint.start, *socket), during);
  auto const context = make_context();
  Ssl const ssl(context ? SSL_new(context.get()) : nullptr);
  if (!ssl || SSL_set_fd(ssl.get(), socket->get()) != 1)
    return fail(Errc::internal, "OpenSSL gives no connection");
  if (!is_address(endpoint.name)) SSL_set_tlsext_host_name(ssl.get(), endpoint.name.c_str());
  auto const shaken = shake_hands(ssl.get(), *socket);
  ERR_clear_error();
  if (!shaken) return std::unexpected(Error(shaken.error()).during(during));
  return TRY_DURING(presented(ssl.get()), during);
}

/// OpenSSL writes with write(2), and a server that went away would end the process. The threads of
/// this file never let that signal through; it goes with them.
void keep_broken_pipes_quiet() {
  sigset_t broken_pipe;
  ::sigemptyset(&broken_pipe);
  ::sigaddset(&broken_pipe, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
}

class RealClient final : public Client {
 public:
  explicit RealClient(Duration timeout) : timeout_(timeout) {}

  Result<FileList> list(std::string const& root) override { return list_files(root); }
  Result<std::string> read(std::string const& root, std::string const& path,
                           std::size_t bytes_max) override {
    return read_file_below(root, path, bytes_max);
  }

  std::vector<Result<Chain>> handshakes(std::span<Endpoint const> endpoints) override {
    std::vector<Result<Chain>> out;
    out.reserve(endpoints.size());
    for (std::size_t i = 0; i < endpoints.size(); ++i)
      out.emplace_back(fail(Errc::internal, "not tried"));
    std::atomic<std::size_t> next = 0;
    auto const work = [&next, &out, endpoints, timeout = timeout_] {
      keep_broken_pipes_quiet();
      for (auto i = next++; i < endpoints.size(); i = next++)
        out[i] = handshake(endpoints[i], timeout);
    };
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < std::min<std::size_t>(at_once, endpoints.size()); ++i)
      threads.emplace_back(work);
    threads.clear();  // joins
    return out;
  }

 private:
  Duration timeout_;
};

}  // namespace

std::unique_ptr<Client> make_client(Duration timeout) {
  return std::make_unique<RealClient>(timeout);
}

}  // namespace reeve::x509
