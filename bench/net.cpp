// The event loop against the obvious alternative, a thread for each connection, with the same
// parser, client and answer on one machine: what a call costs, and what a waiting stream keeps.
// Figures are of the whole process, client included, which is the same on both sides.

#include <arpa/inet.h>
#include <benchmark/benchmark.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "net/http.hpp"
#include "net/mailbox.hpp"
#include "net/request_parser.hpp"

namespace {

using namespace reeve;
using namespace std::chrono_literals;

constexpr std::string_view request = "GET /v1/x HTTP/1.1\r\nHost: localhost\r\n\r\n";
constexpr std::size_t at_once = 64;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

class Connection {
 public:
  explicit Connection(std::uint16_t port) {
    auto const address = loopback(port);
    int const on = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(socket_, reinterpret_cast<sockaddr const*>(&address), sizeof address) != 0)
      std::abort();
  }
  Connection(Connection const&) = delete;
  Connection& operator=(Connection const&) = delete;
  ~Connection() { close(socket_); }

  void send(std::string_view bytes = request) {
    if (::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0) std::abort();
  }
  void receive(std::string_view mark) {
    std::string all;
    std::array<char, 2048> bytes;
    while (all.find(mark) == all.npos) {
      auto const count = recv(socket_, bytes.data(), bytes.size(), 0);
      if (count <= 0) std::abort();
      all.append(bytes.data(), static_cast<std::size_t>(count));
    }
  }

 private:
  int socket_ = socket(AF_INET, SOCK_STREAM, 0);
};

/// The alternative: accepts, and gives each connection a thread that reads, parses and answers.
class ThreadServer {
 public:
  ThreadServer() {
    auto address = loopback(0);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(listener_, generic, size) != 0 || listen(listener_, 1024) != 0 ||
        getsockname(listener_, generic, &size) != 0)
      std::abort();
    port_ = ntohs(address.sin_port);
    acceptor_ = std::jthread([this] {
      for (int one; (one = accept(listener_, nullptr, nullptr)) >= 0;)
        threads_.emplace_back([one] { serve(one); });
    });
  }
  ThreadServer(ThreadServer const&) = delete;
  ThreadServer& operator=(ThreadServer const&) = delete;
  ~ThreadServer() {  // The clients are gone, so its threads end.
    shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    threads_.clear();
    close(listener_);
  }
  std::uint16_t port() const { return port_; }

 private:
  static void serve(int one) {
    int const on = 1;
    setsockopt(one, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    std::array<char, 4096> bytes;
    for (;;) {
      auto const count = recv(one, bytes.data(), bytes.size(), 0);
      if (count <= 0) break;
      net::RequestParser parser;
      net::Head head;
      if (parser.parse_head({bytes.data(), static_cast<std::size_t>(count)}, head)) break;
      std::string const answer =
          "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Type: "
          "application/json\r\nContent-Length: 13\r\n\r\n{\"ok\":true}\r\n";
      ::send(one, answer.data(), answer.size(), MSG_NOSIGNAL);
    }
    close(one);
  }

  int listener_ = socket(AF_INET, SOCK_STREAM, 0);
  std::uint16_t port_ = 0;
  std::vector<std::jthread> threads_;
  std::jthread acceptor_;
};

std::unique_ptr<net::Server> start(net::Handler handler) {
  net::ServerOptions options;
  options.limits.connections_per_address_max = options.limits.connections_max;
  auto server = net::start_server(std::move(options), std::move(handler));
  if (!server) std::abort();
  return *std::move(server);
}

net::Response answer(net::Call&) {
  return {.body = std::string("{\"ok\":true}\r\n")};
}

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  auto const seconds = [](timeval at) {
    return static_cast<double>(at.tv_sec) + 1e-6 * static_cast<double>(at.tv_usec);
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

double resident_kib() {
  std::ifstream statm("/proc/self/statm");
  double pages = 0, resident = 0;
  statm >> pages >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1024;
}

/// 64 calls on 64 connections, again and again.
void measure_calls(benchmark::State& state, std::uint16_t port) {
  std::vector<std::unique_ptr<Connection>> clients;
  clients.reserve(at_once);
  for (std::size_t i = 0; i < at_once; ++i) clients.push_back(std::make_unique<Connection>(port));
  auto const before = cpu_seconds();
  for (auto _ : state) {
    for (auto const& client : clients) client->send();
    for (auto const& client : clients) client->receive("true}\r\n");
  }
  auto const calls = static_cast<double>(state.iterations()) * static_cast<double>(at_once);
  state.counters["cpu_us_per_call"] = (cpu_seconds() - before) * 1e6 / calls;
  state.counters["calls_per_second"] = benchmark::Counter(calls, benchmark::Counter::kIsRate);
}

void net_call_fibers(benchmark::State& state) {
  auto const server = start(answer);
  measure_calls(state, server->port());
}

void net_call_blocking(benchmark::State& state) {
  auto const server = start([](net::Call& call) {
    call.blocking([] { return 1; });
    return answer(call);
  });
  measure_calls(state, server->port());
}

void net_call_threads(benchmark::State& state) {
  ThreadServer const server;
  measure_calls(state, server.port());
}

/// Streams that wait, and one event to all of them.
void net_streams_fibers(benchmark::State& state) {
  auto const count = static_cast<std::size_t>(state.range(0));
  std::vector<std::unique_ptr<net::Mailbox>> boxes;
  boxes.reserve(count);
  for (std::size_t i = 0; i < count; ++i) boxes.push_back(std::make_unique<net::Mailbox>(16));
  std::atomic<std::size_t> next = 0;
  auto const server = start([&](net::Call& call) -> net::Response {
    return {.body = [&box = *boxes[next++], &call](net::Writer& out) -> Result<> {
      for (;;) {
        auto const item = TRY(box.next(call, net::in(1h)));
        if (item) TRY(out.write(*item));
      }
    }};
  });
  auto const before = resident_kib();
  std::vector<std::unique_ptr<Connection>> clients;
  clients.reserve(at_once);
  for (std::size_t i = 0; i < count; ++i) {
    clients.push_back(std::make_unique<Connection>(server->port()));
    clients.back()->send();
    clients.back()->receive("\r\n\r\n");
  }
  state.counters["kib_per_stream"] = (resident_kib() - before) / static_cast<double>(count);
  auto const event = std::make_shared<std::string>("event: e\n\n");
  for (auto _ : state) {
    for (auto const& box : boxes) box->put(event);
    for (auto const& client : clients) client->receive("\n\n\r\n");
  }
}

/// What the same number of threads that have answered once keep, each on its default stack.
void net_streams_threads(benchmark::State& state) {
  auto const count = static_cast<std::size_t>(state.range(0));
  ThreadServer const server;
  auto const before = resident_kib();
  std::vector<std::unique_ptr<Connection>> clients;
  clients.reserve(at_once);
  for (std::size_t i = 0; i < count; ++i) {
    clients.push_back(std::make_unique<Connection>(server.port()));
    clients.back()->send();
    clients.back()->receive("true}\r\n");
  }
  state.counters["kib_per_stream"] = (resident_kib() - before) / static_cast<double>(count);
  for (auto _ : state) {
    for (auto const& client : clients) client->send();
    for (auto const& client : clients) client->receive("true}\r\n");
  }
}

void net_parse_head(benchmark::State& state) {
  std::string bytes = "GET /v1/x HTTP/1.1\r\nHost: localhost\r\n";
  if (state.range(0) > 0)
    bytes += "Authorization: DPoP " + std::string(static_cast<std::size_t>(state.range(0)), 'x') +
             "\r\nAccept: */*\r\nUser-Agent: bench\r\n";
  bytes += "\r\n";
  for (auto _ : state) {
    net::RequestParser parser;
    net::Head head;
    auto const refusal = parser.parse_head(bytes, head);
    if (refusal) state.SkipWithError("refused");
    benchmark::DoNotOptimize(head.path.data());
  }
}

}  // namespace

BENCHMARK(net_parse_head)->Arg(0)->Arg(1300);
BENCHMARK(net_call_fibers)->UseRealTime()->Unit(benchmark::kMicrosecond);
BENCHMARK(net_call_blocking)->UseRealTime()->Unit(benchmark::kMicrosecond);
BENCHMARK(net_call_threads)->UseRealTime()->Unit(benchmark::kMicrosecond);
BENCHMARK(net_streams_fibers)->Arg(2000)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(net_streams_threads)->Arg(2000)->UseRealTime()->Unit(benchmark::kMillisecond);
