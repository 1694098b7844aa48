#include "net/listener.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "base/descriptor.hpp"
#include "base/file.hpp"

namespace reeve::net {
namespace {

constexpr int backlog = 1024;

std::string numeric(int family, void const* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  return inet_ntop(family, address, text.data(), text.size()) ? text.data() : "";
}

// A whole /64 is one host's, so it counts as one. An IPv4 client of an IPv6 socket is an IPv4 one.
void describe_inet(sockaddr_storage const& from, Admitted& admitted) {
  if (from.ss_family == AF_INET) {
    admitted.peer.address = numeric(AF_INET, &reinterpret_cast<sockaddr_in const&>(from).sin_addr);
    admitted.quota = admitted.peer.address;
    return;
  }
  auto const& address = reinterpret_cast<sockaddr_in6 const&>(from).sin6_addr;
  auto const* const bytes = reinterpret_cast<char const*>(address.s6_addr);
  bool const mapped = IN6_IS_ADDR_V4MAPPED(&address);
  admitted.peer.address = mapped ? numeric(AF_INET, bytes + 12) : numeric(AF_INET6, bytes);
  admitted.quota = mapped ? admitted.peer.address : std::string(bytes, 8);
}

void describe_unix(Admitted& admitted) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  admitted.peer.address = "unix";
  if (getsockopt(admitted.descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0)
    admitted.peer.uid = credentials.uid;
}

Result<sockaddr_un> unix_address(std::string const& path) {
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  if (path.empty() || path.size() >= sizeof address.sun_path || path.contains('\0'))
    return fail(Errc::invalid, "a unix socket's path has 1 to 107 bytes: " + path);
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

/// Held until destroyed. Errors: unavailable.
Result<Descriptor> lock_directory_of(std::string const& path) {
  auto const slash = path.rfind('/');
  auto const directory = slash == path.npos ? "." : path.substr(0, slash + 1);
  Descriptor lock(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!lock) return system_error(errno, "open directory " + directory);
  if (flock(lock.get(), LOCK_EX | LOCK_NB) != 0)
    return system_error(errno, "another program holds directory " + directory);
  return lock;
}

/// Removes a socket that nobody listens at.
Result<> clear(std::string const& path, sockaddr_un const& address) {
  struct stat found{};
  if (lstat(path.c_str(), &found) != 0)
    return errno == ENOENT ? Result<>() : system_error(errno, "look at " + path);
  if (!S_ISSOCK(found.st_mode))
    return fail(Errc::conflict, path + " is there and is no socket; it was left alone");
  Descriptor const probe(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  auto const* const generic = reinterpret_cast<sockaddr const*>(&address);
  if (connect(probe.get(), generic, sizeof address) == 0 || errno == EAGAIN)
    return fail(Errc::unavailable, "somebody listens at " + path + " already");
  if (errno != ECONNREFUSED) return system_error(errno, "ask who listens at " + path);
  if (unlink(path.c_str()) != 0) return system_error(errno, "remove the dead socket " + path);
  return {};
}

std::uint16_t port_of(int descriptor) {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&bound), &size) != 0) return 0;
  return ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6 const&>(bound).sin6_port
                                           : reinterpret_cast<sockaddr_in const&>(bound).sin_port);
}

}  // namespace

Listener::Listener(Listener&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      port_(other.port_),
      path_(std::exchange(other.path_, {})),
      device_(other.device_),
      inode_(other.inode_) {}

Listener::~Listener() {
  close();
}

Result<Listener> Listener::tcp(std::string const& address, std::uint16_t port) {
  addrinfo const hints{.ai_flags = AI_NUMERICHOST | AI_PASSIVE, .ai_socktype = SOCK_STREAM};
  addrinfo* list = nullptr;
  auto const service = std::to_string(port);
  if (getaddrinfo(address.c_str(), service.c_str(), &hints, &list) != 0)
    return fail(Errc::invalid, "not an address to listen on: " + address);
  std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> const found(list, freeaddrinfo);
  int const on = 1;
  Descriptor made(socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!made || setsockopt(made.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      bind(made.get(), found->ai_addr, found->ai_addrlen) != 0 || listen(made.get(), backlog) != 0)
    return system_error(errno, "listen on " + address + " port " + service);
  Listener listener(made.release());
  listener.port_ = port_of(listener.descriptor_);
  return listener;
}

Result<Listener> Listener::unix_socket(std::string path) {
  auto const address = TRY(unix_address(path));
  auto const lock = TRY(lock_directory_of(path));
  TRY(clear(path, address));
  auto const* const generic = reinterpret_cast<sockaddr const*>(&address);
  struct stat made_file{};
  Descriptor made(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!made || fchmod(made.get(), S_IRUSR | S_IWUSR) != 0 ||
      bind(made.get(), generic, sizeof address) != 0 || lstat(path.c_str(), &made_file) != 0 ||
      listen(made.get(), backlog) != 0)
    return system_error(errno, "listen at " + path);
  Listener listener(made.release());
  listener.path_ = std::move(path);
  listener.device_ = made_file.st_dev;
  listener.inode_ = made_file.st_ino;
  return listener;
}

std::optional<Admitted> Listener::accept() const {
  sockaddr_storage from{};
  socklen_t size = sizeof from;
  Admitted admitted{.descriptor = accept4(descriptor_, reinterpret_cast<sockaddr*>(&from), &size,
                                          SOCK_NONBLOCK | SOCK_CLOEXEC)};
  if (admitted.descriptor < 0) return std::nullopt;
  if (is_unix()) {
    describe_unix(admitted);
    return admitted;
  }
  int const on = 1;
  setsockopt(admitted.descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  describe_inet(from, admitted);
  return admitted;
}

void Listener::close() {
  struct stat there{};
  if (!path_.empty() && lstat(path_.c_str(), &there) == 0 && there.st_dev == device_ &&
      there.st_ino == inode_)
    unlink(path_.c_str());
  path_.clear();
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

}  // namespace reeve::net
