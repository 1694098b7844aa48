// What the server does around its calls: unix sockets, caps, ids, hooks, reload.
#include <doctest/doctest.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <condition_variable>
#include <cstring>
#include <fstream>
#include <future>
#include <mutex>
#include <vector>

#include "base/file.hpp"
#include "net/http.hpp"
#include "net/test_peer.hpp"

namespace reeve::net {
namespace {

using namespace std::chrono_literals;

Response hello(Call&) {
  return text("hello\n");
}

std::string start_error(ServerOptions options) {
  auto const server = start_server(std::move(options), hello);
  return server ? "started" : server.error().to_string();
}

/// Finished calls, copied, for a test to wait for.
class Record {
 public:
  struct Entry {
    std::string id, method, path, route, address;
    int status;
    bool whole;
    std::uint64_t received, sent;
    std::chrono::nanoseconds duration;
  };

  Hooks hooks() {
    return {.call =
                [this](Finished const& call) {
                  std::lock_guard const lock(mutex_);
                  entries_.push_back({std::string(call.request_id), std::string(call.method),
                                      std::string(call.path), std::string(call.route),
                                      call.peer.address, call.status, call.whole,
                                      call.bytes_received, call.bytes_sent, call.duration});
                  more_.notify_all();
                },
            .connection =
                [this](ConnectionEvent event) {
                  std::lock_guard const lock(mutex_);
                  events_.push_back(event);
                  more_.notify_all();
                }};
  }

  /// Waits until there are `count`, ten seconds at most.
  std::vector<Entry> calls(std::size_t count) { return get(entries_, count); }
  std::vector<ConnectionEvent> events(std::size_t count) { return get(events_, count); }

 private:
  template <class Item>
  std::vector<Item> get(std::vector<Item> const& items, std::size_t count) {
    std::unique_lock lock(mutex_);
    CHECK(more_.wait_for(lock, 10s, [&] { return items.size() >= count; }));
    return items;
  }

  std::mutex mutex_;
  std::condition_variable more_;
  std::vector<Entry> entries_;
  std::vector<ConnectionEvent> events_;
};

TEST_CASE("server: a unix socket is for its user alone, tells who called, and goes away") {
  TemporaryFolder const folder;
  auto const path = folder / "reeve.sock";
  auto const mask = umask(0);  // The most a careless caller may have.
  auto const server = serve(
      [](Call& call) {
        return text(call.peer().address + " " + std::to_string(call.peer().uid.value_or(12345)) +
                    "\n");
      },
      {.address = "", .unix_path = path});
  umask(mask);
  struct stat found{};
  REQUIRE(stat(path.c_str(), &found) == 0);
  CHECK((found.st_mode & 07777) == 0600);
  CHECK(server->port() == 0);
  CHECK(RawClient(path).get("/").until("\n\n").find("HTTP/1.1 200") == 0);
  auto const want = "unix " + std::to_string(getuid()) + "\n";
  CHECK(RawClient(path).get("/").until(want).ends_with("\r\n\r\n" + want));
  server->stop(0ms);
  CHECK(stat(path.c_str(), &found) != 0);
}

TEST_CASE("server: one server, on a port with TLS and on a path without") {
  TemporaryFolder const folder;
  Authority const authority;
  auto const server =
      serve(hello, {.unix_path = folder / "s", .tls = authority.issue({.name = "localhost"})});
  CHECK(server->port() != 0);
  CHECK(RawClient(folder / "s").get("/").until("hello\n").starts_with("HTTP/1.1 200"));
  CHECK_FALSE(RawClient(*server).get("/").rest().starts_with("HTTP"));
}

TEST_CASE("server: the socket of a dead server is replaced, of a living one not") {
  TemporaryFolder const folder;
  auto const path = folder / "s";
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  std::memcpy(address.sun_path, path.data(), path.size());
  int const dead = socket(AF_UNIX, SOCK_STREAM, 0);
  REQUIRE(bind(dead, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(listen(dead, 1) == 0);
  CHECK(start_error({.address = "", .unix_path = path}) ==
        "somebody listens at " + path + " already [unavailable]");
  close(dead);  // As kill -9 leaves it: the file stays.
  auto const server = serve(hello, {.address = "", .unix_path = path});
  CHECK(start_error({.address = "", .unix_path = path}).ends_with("already [unavailable]"));
  CHECK(RawClient(path).get("/").until("hello\n").starts_with("HTTP/1.1 200"));
}

TEST_CASE("server: a server that stops leaves its successor's socket alone") {
  TemporaryFolder const folder;
  auto const path = folder / "s";
  auto const first = serve(hello, {.address = "", .unix_path = path});
  REQUIRE(unlink(path.c_str()) == 0);
  auto const second = serve(hello, {.address = "", .unix_path = path});
  first->stop(0ms);
  CHECK(RawClient(path).get("/").until("hello\n").starts_with("HTTP/1.1 200"));
}

TEST_CASE("server: paths that are no place for a socket") {
  TemporaryFolder const folder;
  std::ofstream(folder / "file") << "precious";
  CHECK(start_error({.address = "", .unix_path = folder / "file"}) ==
        folder / "file is there and is no socket; it was left alone [conflict]");
  CHECK(read_file(folder / "file", 100).value() == "precious");
  CHECK(start_error({.address = "", .unix_path = folder / "none/s"}).find("[not_found]") !=
        std::string::npos);
  CHECK(start_error({.address = "", .unix_path = folder / std::string(108, 'x')})
            .ends_with("[invalid]"));
  CHECK(start_error({.address = ""}).ends_with("[invalid]"));
}

TEST_CASE("server: one address may not take all connections, a unix socket is not counted") {
  TemporaryFolder const folder;
  Record record;
  ServerOptions options{.unix_path = folder / "s", .hooks = record.hooks()};
  options.limits.connections_per_address_max = 2;
  auto const server = serve(hello, std::move(options));
  {
    RawClient first(*server), second(*server);
    first.get("/").until("hello\n");
    second.get("/").until("hello\n");
    CHECK(RawClient(*server).rest().empty());
    RawClient local(folder / "s");
    CHECK(local.get("/").until("hello\n").starts_with("HTTP/1.1 200"));
  }
  using enum ConnectionEvent;
  auto const events = record.events(7);
  CHECK(events == std::vector{opened, opened, over_address_limit, opened, closed, closed, closed});
  CHECK(RawClient(*server).get("/").until("hello\n").starts_with("HTTP/1.1 200"));
}

TEST_CASE("server: each finished call is told once, with what a log wants") {
  Record record;
  auto const server = serve(
      [](Call& call) -> Response {
        if (call.head().path == "/stream")
          return {.body = [](Writer& out) -> Result<> {
                    TRY(out.write("abc"));
                    TRY(out.write("de"));
                    return fail(Errc::unavailable, "broke");
                  },
                  .route = "/stream"};
        (void)call.body(100);
        return text("hello\n");
      },
      {.hooks = record.hooks()});
  RawClient client(*server);
  client.send("POST /a?secret=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nxyz")
      .until("hello\n");
  client.send("HEAD /b HTTP/1.1\r\nHost: a\r\n\r\n").until("\r\n\r\n");
  client.get("/stream").rest();
  RawClient(*server).send("GET nowhere HTTP/1.1\r\n\r\n").rest();
  auto const calls = record.calls(4);
  REQUIRE(calls.size() == 4);
  struct Want {
    std::string method, path, route;
    int status;
    bool whole;
    std::uint64_t received, sent;
  };
  std::size_t index = 0;
  for (auto const& want : std::initializer_list<Want>{
           {"POST", "/a", "", 200, true, 3, 6},
           {"HEAD", "/b", "", 200, true, 0, 0},
           {"GET", "/stream", "/stream", 200, false, 0, 5},
           {"", "", "", 400, true, 0, 33},
       }) {
    CAPTURE(index);
    auto const& got = calls[index++];
    CHECK(got.method == want.method);
    CHECK(got.path == want.path);
    CHECK(got.route == want.route);
    CHECK(got.status == want.status);
    CHECK(got.whole == want.whole);
    CHECK(got.received == want.received);
    CHECK(got.sent == want.sent);
    CHECK(got.address == "127.0.0.1");
    CHECK(got.duration > 0ns);
    CHECK(got.duration < 10s);
  }
}

TEST_CASE("server: a request id is the client's if it is harmless, else a new one") {
  auto const server =
      serve([](Call& call) { return text("<" + std::string(call.request_id()) + ">\n"); });
  RawClient client(*server);
  auto const id_for = [&client](std::string const& sent) {
    auto const field = sent.empty() ? "" : "X-Request-Id: " + sent + "\r\n";
    client.send("GET / HTTP/1.1\r\nHost: a\r\n" + field + "\r\n");
    auto const answer = client.until(">\n");
    auto const told = answer.substr(answer.find('<') + 1, answer.find('>') - answer.find('<') - 1);
    CHECK(answer.find("\r\nX-Request-Id: " + told + "\r\n") != answer.npos);
    return told;
  };
  CHECK(id_for("abc-1_2.Z") == "abc-1_2.Z");
  CHECK(id_for(std::string(128, 'x')) == std::string(128, 'x'));
  for (std::string const bad : {"", "a b", "\xc3\xa4", "\"", "<b>", "a=b"}) {
    CAPTURE(bad);
    CHECK(id_for(bad).size() > 16);
    CHECK(id_for(bad) != id_for(bad));
  }
  CHECK(id_for(std::string(129, 'x')) != std::string(129, 'x'));
}

TEST_CASE("server: a new certificate is for new connections and drops none that stands") {
  TemporaryFolder const folder;
  Authority const authority;
  auto const write = [&](Tls const& tls) {
    REQUIRE(write_file_atomically(folder / "cert.pem", tls.certificate_pem, 0600));
    REQUIRE(write_file_atomically(folder / "key.pem", tls.key_pem.reveal(), 0600));
  };
  TlsFiles const files{.certificate = folder / "cert.pem", .key = folder / "key.pem"};
  write(authority.issue({.name = "first"}));
  auto const server = serve(hello, {.tls = read_tls(files).value()});
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> const context(SSL_CTX_new(TLS_client_method()),
                                                                  SSL_CTX_free);
  RawClient old(*server);
  old.start_tls(context.get());
  old.get("/").until("hello\n");

  write(authority.issue({.name = "second"}));
  CHECK(server->reload(read_tls(files).value()).has_value());
  CHECK(old.get("/").until("hello\n").starts_with("HTTP/1.1 200"));
  CHECK(old.server_name() == "first");
  RawClient fresh(*server);
  fresh.start_tls(context.get());
  CHECK(fresh.server_name() == "second");

  // A key that is not the certificate's changes nothing.
  REQUIRE(write_file_atomically(folder / "key.pem",
                                authority.issue({.name = "third"}).key_pem.reveal(), 0600));
  CHECK(server->reload(read_tls(files).value()).error().code() == Errc::invalid);
  RawClient again(*server);
  again.start_tls(context.get());
  CHECK(again.server_name() == "second");
  REQUIRE(unlink((folder / "key.pem").c_str()) == 0);
  CHECK(read_tls(files).error().code() == Errc::not_found);
}

TEST_CASE("server: reload without TLS is refused") {
  Authority const authority;
  CHECK(serve(hello)->reload(authority.issue({.name = "x"})).error().code() == Errc::invalid);
}

TEST_CASE("server: a failed handshake is counted and closes the connection") {
  Authority const authority;
  Record record;
  auto const server =
      serve(hello, {.tls = authority.issue({.name = "x"}), .hooks = record.hooks()});
  RawClient(*server).send("this is no TLS at all, however long\r\n\r\n").rest();
  using enum ConnectionEvent;
  CHECK(record.events(3) == std::vector{opened, handshake_failed, closed});
}

}  // namespace
}  // namespace reeve::net
