#include "net/client.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <fstream>
#include <future>
#include <map>
#include <mutex>
#include <thread>

#include "net/ip.hpp"
#include "net/mailbox.hpp"
#include "net/test_peer.hpp"

namespace reeve::net {
namespace {

using namespace std::chrono_literals;

std::unique_ptr<Client> client_with(ClientOptions options) {
  if (!options.proxy) options.proxy = ProxySettings();  // Whatever this machine has set.
  auto client = make_client(std::move(options));
  REQUIRE(client.has_value());
  return *std::move(client);
}

std::string at(Server const& server, std::string const& path = "/",
               std::string const& host = "localhost") {
  return "https://" + host + ":" + std::to_string(server.port()) + path;
}

/// An HTTPS server with a certificate for localhost and 127.0.0.1.
struct Site {
  Authority authority;
  std::unique_ptr<Server> server;

  explicit Site(Handler handler, CertificateOf certificate = {}) {
    if (certificate.name.empty()) certificate.name = "test";
    if (certificate.subject_alt_name.empty())
      certificate.subject_alt_name = "DNS:localhost,IP:127.0.0.1";
    server = serve(std::move(handler), {.tls = authority.issue(certificate)});
  }
  ClientOptions trusted() const { return {.ca_pem = authority.pem()}; }
};

/// A TCP server that answers each connection with `bytes` and closes; or says nothing.
class Liar {
 public:
  explicit Liar(std::string bytes, bool hang = false) : bytes_(std::move(bytes)), hang_(hang) {
    sockaddr_in address{.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(bind(listener_, generic, size) == 0);
    REQUIRE(listen(listener_, 8) == 0);
    REQUIRE(getsockname(listener_, generic, &size) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this] { work(); });
  }
  Liar(Liar const&) = delete;
  Liar& operator=(Liar const&) = delete;
  ~Liar() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  std::string url(std::string const& scheme = "http") const {
    return scheme + "://127.0.0.1:" + std::to_string(port_) + "/";
  }
  std::string origin() const { return "127.0.0.1:" + std::to_string(port_); }
  std::string heard() {
    std::lock_guard const lock(mutex_);
    return heard_;
  }

 private:
  void work() {
    for (;;) {
      int const one = accept(listener_, nullptr, nullptr);
      if (one < 0) return;
      timeval const patience{.tv_sec = 10, .tv_usec = 0};
      setsockopt(one, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
      std::array<char, 4096> bytes;
      auto const count = recv(one, bytes.data(), bytes.size(), 0);
      {
        std::lock_guard const lock(mutex_);
        if (count > 0) heard_.append(bytes.data(), static_cast<std::size_t>(count));
      }
      if (hang_)
        while (recv(one, bytes.data(), bytes.size(), 0) > 0) {
        }
      ::send(one, bytes_.data(), bytes_.size(), MSG_NOSIGNAL);
      shutdown(one, SHUT_WR);
      while (recv(one, bytes.data(), bytes.size(), 0) > 0) {
      }
      close(one);
    }
  }

  std::string const bytes_;
  bool const hang_;
  int listener_ = socket(AF_INET, SOCK_STREAM, 0);
  std::uint16_t port_ = 0;
  std::mutex mutex_;
  std::string heard_;
  std::jthread thread_;
};

TEST_CASE("client: method, fields, secret and body arrive; status, fields and body come back") {
  Site const site([](Call& call) {
    auto const& head = call.head();
    return Response{.status = 201,
                    .content_type = "text/plain",
                    .fields = {{"X-Twice", " a "}},
                    .body = std::string(head.method) + " " + std::string(head.path) + "?" +
                            std::string(head.query) + " " +
                            std::string(head.find("X-A").value_or("none")) + " " +
                            std::string(head.find("X-Empty").value_or("none")) + " " +
                            std::string(head.find("Authorization").value_or("none")) + " " +
                            std::string(head.find("Content-Type").value_or("none")) + " " +
                            call.body(1000).value_or("broken")};
  });
  auto const client = client_with(site.trusted());
  Request request{.method = "PUT",
                  .url = at(*site.server, "/x?y=1#z"),
                  .fields = {{"X-A", "b"}, {"X-Empty", ""}},
                  .body = "data"};
  request.secret_fields.emplace_back("Authorization", Secret("Bearer s3cret"));
  auto const reply = client->send(request);
  REQUIRE(reply.has_value());
  CHECK(reply->status == 201);
  CHECK(reply->body == "PUT /x?y=1 b  Bearer s3cret none data");
  CHECK(reply->find("x-twice") == "a");
  CHECK(reply->origin == "https://localhost:" + std::to_string(site.server->port()));
  for (auto const* method : {"GET", "DELETE", "POST", "HEAD", "OPTIONS"}) {
    CAPTURE(method);
    auto const other = client->send({.method = method, .url = at(*site.server)});
    REQUIRE(other.has_value());
    CHECK(other->body ==
          (std::string(method) == "HEAD" ? "" : std::string(method) + " /? none none none none "));
  }
}

TEST_CASE("client: many threads, one client") {
  Site const site([](Call& call) { return text(std::string(call.head().path)); });
  auto const client = client_with(site.trusted());
  std::atomic<int> right = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&, i] {
        for (int n = 0; n < 10; ++n) {
          auto const path = "/" + std::to_string(i) + "/" + std::to_string(n);
          auto const reply = client->send({.url = at(*site.server, path)});
          if (reply && reply->body == path) ++right;
        }
      });
  }
  CHECK(right == 40);
}

TEST_CASE("client: a server that does not prove its name gets nothing") {
  std::atomic<int> served = 0;
  auto const count = [&served](Call&) {
    ++served;
    return text("hello");
  };
  Site const good(count), expired(count, {.from = -7200s, .until = -3600s}),
      early(count, {.from = 3600s, .until = 7200s}),
      other(count, {.subject_alt_name = "DNS:other.example"});
  Authority const stranger;
  auto const get = [](Site const& site, std::string const& ca, std::string const& host) {
    auto const client = client_with({.ca_pem = ca});
    auto const reply = client->send({.url = at(*site.server, "/", host)});
    return reply ? "served" : reply.error().to_string();
  };
  CHECK(get(good, good.authority.pem(), "localhost") == "served");
  CHECK(served == 1);
  struct Case {
    std::string name, got, want;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"expired", get(expired, expired.authority.pem(), "localhost"), "expired"},
           {"not yet valid", get(early, early.authority.pem(), "localhost"), "not yet valid"},
           {"wrong name", get(other, other.authority.pem(), "localhost"), "localhost"},
           {"unknown authority", get(good, stranger.pem(), "localhost"), "certificate"},
           {"those of the system", get(good, "", "localhost"), "certificate"},
       }) {
    CAPTURE(c.name);
    CAPTURE(c.got);
    CHECK(c.got.ends_with("[unavailable]"));
    CHECK(c.got.find(c.want) != std::string::npos);
  }
  CHECK(get(good, "no certificate", "localhost").ends_with("[invalid]"));
  CHECK(served == 1);
}

TEST_CASE("client: its certificate is shown to the server") {
  Authority const authority;
  auto tls = authority.issue({.name = "s", .subject_alt_name = "DNS:localhost"});
  tls.client_ca_pem = authority.pem();
  auto const server = serve(
      [](Call& call) { return text(call.peer().certificate.empty() ? "nobody" : "somebody"); },
      {.tls = std::move(tls)});
  auto own = authority.issue({.name = "client", .subject_alt_name = ""});
  auto const known = client_with({.ca_pem = authority.pem(),
                                  .certificate_pem = own.certificate_pem,
                                  .key_pem = std::move(own.key_pem)});
  auto const unknown = client_with({.ca_pem = authority.pem()});
  CHECK(known->send({.url = at(*server)}).value().body == "somebody");
  CHECK(unknown->send({.url = at(*server)}).value().body == "nobody");
  auto const mixed = client_with({.ca_pem = authority.pem(),
                                  .certificate_pem = own.certificate_pem,
                                  .key_pem = Secret("no key")});
  auto const refused = mixed->send({.url = at(*server)});
  CHECK(refused.error().code() == Errc::invalid);
}

TEST_CASE("client: 10 MB come whole, and not where less was wanted") {
  Site const site([](Call& call) -> Response {
    if (call.head().path == "/declared") return text(std::string(10'000'000, 'x'));
    return {.body = [](Writer& out) -> Result<> {
      for (int i = 0; i < 100; ++i) TRY(out.write(std::string(100'000, 'x')));
      return {};
    }};
  });
  auto const client = client_with(site.trusted());
  for (auto const* path : {"/declared", "/chunked"}) {
    CAPTURE(path);
    CHECK(client->send({.url = at(*site.server, path)}).value().body.size() == 10'000'000);
    auto const refused = client->send({.url = at(*site.server, path), .bytes_max = 1'000'000});
    CHECK(refused.error().code() == Errc::corrupt);
    CHECK(refused.error().to_string().starts_with("GET https://localhost:"));
  }
}

TEST_CASE("client: a server that hangs is given up") {
  Liar const silent("", /*hang=*/true);
  auto const client = client_with({.plain_http = true});
  auto const late = client->send({.url = silent.url(), .deadline = in(50ms)});
  CHECK(late.error().code() == Errc::timeout);
  auto const stalled =
      client->send({.url = silent.url(), .deadline = Deadline::max(), .stall = 50ms});
  CHECK(stalled.error().to_string().ends_with("fell silent [timeout]"));
  auto const handshake = client->send({.url = silent.url("https"), .deadline = in(50ms)});
  CHECK(handshake.error().code() == Errc::timeout);
}

TEST_CASE("client: a request is cancelled from another thread at once") {
  Liar silent("", /*hang=*/true);
  auto const client = client_with({.plain_http = true});
  std::stop_source stop;
  auto result = std::async(std::launch::async, [&] {
    return client->send(
        {.url = silent.url(), .deadline = in(1h), .stall = 1h, .cancel = stop.get_token()});
  });
  while (silent.heard().empty()) std::this_thread::yield();
  stop.request_stop();
  CHECK(result.get().error().to_string().ends_with("cancelled [unavailable]"));
}

TEST_CASE("client: answers that are no HTTP, or break off") {
  struct Case {
    std::string name, bytes;
    Errc want;
  };
  std::string const ok = "HTTP/1.1 200 OK\r\n";
  for (auto const& c : std::initializer_list<Case>{
           {"garbage", std::string("\x00\xff\x1b[31mnonsense\n", 16), Errc::corrupt},
           {"HTTP/0.9", "<html>", Errc::corrupt},
           {"nothing", "", Errc::unavailable},
           {"half a head", "HTTP/1.1 200 OK\r\nContent-Le", Errc::unavailable},
           {"half a body", ok + "Content-Length: 10\r\n\r\nabc", Errc::unavailable},
           {"half a chunk", ok + "Transfer-Encoding: chunked\r\n\r\nA\r\nabc", Errc::unavailable},
           {"a chunk that is none", ok + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
            Errc::unavailable},
           {"an endless head", ok + "X: " + std::string(70'000, 'x') + "\r\n\r\n", Errc::corrupt},
           {"endless fields",
            [&] {
              std::string all = ok;
              for (int i = 0; i < 7'000; ++i) all += "X-Field: y\r\n";
              return all + "\r\n";
            }(),
            Errc::corrupt},
       }) {
    CAPTURE(c.name);
    Liar const liar(c.bytes);
    auto const reply = client_with({.plain_http = true})->send({.url = liar.url()});
    REQUIRE_FALSE(reply.has_value());
    CAPTURE(reply.error().to_string());
    CHECK(reply.error().code() == c.want);
    CHECK(reply.error().to_string().find('\x1b') == std::string::npos);
  }
}

TEST_CASE("client: nobody listens, no such host, no TLS on that port") {
  std::string closed;
  {
    closed = Liar("").url();
  }
  auto const client = client_with({.plain_http = true});
  CHECK(client->send({.url = closed}).error().code() == Errc::unavailable);
  CHECK(client->send({.url = "https://host.invalid/"}).error().code() == Errc::unavailable);
  Liar const plain("HTTP/1.1 200 OK\r\n\r\n");
  CHECK(client->send({.url = plain.url("https")}).error().code() == Errc::unavailable);
}

TEST_CASE("client: requests that are refused before anything is sent") {
  auto const client = client_with({});
  struct Case {
    std::string name;
    Request request;
    Errc want = Errc::invalid;
  };
  std::string const url = "https://localhost/";
  for (auto const& c : {
           Case{"http", {.url = "http://localhost/"}, Errc::denied},
           Case{"file", {.url = "file:///etc/passwd"}},
           Case{"ftp", {.url = "ftp://localhost/"}},
           Case{"password", {.url = "https://a:b@localhost/"}},
           Case{"blank", {.url = "https://local host/"}},
           Case{"line break", {.url = "https://localhost/\r\nX: y"}},
           Case{"high byte", {.url = "https://localhost/\xc3\xa4"}},
           Case{"relative", {.url = "/x"}},
           Case{"empty", {.url = ""}},
           Case{"long", {.url = url + std::string(9000, 'x')}},
           Case{"method", {.method = "GET /\r\n", .url = url}},
           Case{"no method", {.method = "", .url = url}},
           Case{"field name", {.url = url, .fields = {{"A b", "c"}}}},
           Case{"field value", {.url = url, .fields = {{"A", "b\r\nC: d"}}}},
           Case{"length", {.url = url, .fields = {{"Content-Length", "5"}}}},
           Case{"framing", {.url = url, .fields = {{"Transfer-Encoding", "chunked"}}}},
       }) {
    CAPTURE(c.name);
    auto const reply = client->send(c.request);
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error().code() == c.want);
  }
  Request secret{.url = url};
  secret.secret_fields.emplace_back("X", Secret("hush\nY: z"));
  auto const error = client->send(secret).error().to_string();
  CHECK(error.find("hush") == error.npos);
  CHECK(make_client({.allowed_origins = {"nonsense"}}).error().code() == Errc::invalid);
}

/// Redirects to whatever the path holds behind "/to/"; else tells what it was sent.
Response redirecting(Call& call) {
  auto const path = call.head().path;
  if (path.starts_with("/to/"))
    return {.status = 302, .fields = {{"Location", std::string(path.substr(4))}}};
  if (path == "/loop") return {.status = 308, .fields = {{"Location", "/loop"}}};
  return text(std::string(call.head().find("Authorization").value_or("none")) + " " +
              std::string(call.head().find("X-Key").value_or("none")) + " " +
              std::string(call.head().find("X-Plain").value_or("none")));
}

TEST_CASE("client: a redirect never leads into a private range unless its origin was allowed") {
  Site const site(redirecting);
  auto const port = std::to_string(site.server->port());
  auto const client = client_with({.ca_pem = site.authority.pem(), .plain_http = true});
  for (std::string const target :
       {"https://169.254.169.254/latest/meta-data/", "https://127.0.0.1:0PORT/",
        "https://127.1:0PORT/", "https://0x7f000001:0PORT/", "https://2130706433:0PORT/",
        "https://10.0.0.1/", "https://172.16.3.4/", "https://192.168.1.1/", "https://100.64.0.1/",
        "https://0.0.0.0:0PORT/", "https://[::1]:0PORT/", "https://[::ffff:127.0.0.1]:0PORT/",
        "https://[::ffff:7f00:1]:0PORT/", "https://[64:ff9b::7f00:1]/", "https://[fe80::1]/",
        "https://[fd00::1]/", "https://224.0.0.1/", "//127.0.0.1:0PORT/",
        "http://127.0.0.1:0PORT/"}) {
    auto filled = target;
    if (auto const at_port = filled.find("0PORT"); at_port != filled.npos)
      filled.replace(at_port, 5, port);
    CAPTURE(filled);
    auto const reply = client->send({.url = at(*site.server, "/to/" + filled), .redirects_max = 3});
    REQUIRE_FALSE(reply.has_value());
    CAPTURE(reply.error().to_string());
    CHECK(reply.error().code() == Errc::denied);
  }
  auto const allowing = client_with(
      {.ca_pem = site.authority.pem(), .allowed_origins = {"https://127.0.0.1:" + port}});
  auto const reply = allowing->send(
      {.url = at(*site.server, "/to/https://127.0.0.1:" + port + "/"), .redirects_max = 1});
  CHECK(reply.value().body == "none none none");
  CHECK(reply.value().origin == "https://127.0.0.1:" + port);
}

TEST_CASE("client: a connection that stands does not lead a redirect round the rule") {
  Site const site(redirecting);
  auto const client = client_with(site.trusted());
  auto const port = std::to_string(site.server->port());
  CHECK(client->send({.url = at(*site.server, "/", "127.0.0.1")}).has_value());
  auto const reply = client->send(
      {.url = at(*site.server, "/to/https://127.0.0.1:" + port + "/"), .redirects_max = 1});
  CHECK(reply.error().code() == Errc::denied);
}

TEST_CASE("client: redirects are off by default, bounded, for GET and HEAD, to no other scheme") {
  Site const site(redirecting);
  auto const client = client_with(site.trusted());
  CHECK(client->send({.url = at(*site.server, "/to//x")}).value().status == 302);
  CHECK(client->send({.url = at(*site.server, "/to//x"), .redirects_max = 1}).value().status ==
        200);
  CHECK(client->send({.method = "POST", .url = at(*site.server, "/to//x"), .redirects_max = 1})
            .value()
            .status == 302);
  auto const loop = client->send({.url = at(*site.server, "/loop"), .redirects_max = 5});
  CHECK(loop.error().to_string().ends_with("more than 5 redirects [corrupt]"));
  for (auto const* target : {"file:///etc/passwd", "ftp://x/", "https://u:p@x/", "gopher://x/"}) {
    CAPTURE(target);
    auto const reply =
        client->send({.url = at(*site.server, std::string("/to/") + target), .redirects_max = 1});
    CHECK(reply.error().code() == Errc::invalid);
  }
}

TEST_CASE("client: secrets do not follow a redirect to another origin") {
  Site const first(redirecting), second(redirecting);
  auto const target = "https://127.0.0.1:" + std::to_string(second.server->port()) + "/";
  auto const client = client_with(
      {.ca_pem = first.authority.pem() + second.authority.pem(), .allowed_origins = {target}});
  Request request{.fields = {{"authorization", "Basic x"}, {"X-Plain", "p"}}, .redirects_max = 2};
  request.secret_fields.emplace_back("X-Key", Secret("k"));
  request.url = at(*first.server, "/to//here");
  CHECK(client->send(request).value().body == "Basic x k p");
  request.url = at(*first.server, "/to/" + target);
  CHECK(client->send(request).value().body == "none none p");
}

TEST_CASE("client: with public_only the first address must be public too") {
  Site const site(redirecting);
  auto const strict = client_with({.ca_pem = site.authority.pem(), .public_only = true});
  CHECK(strict->send({.url = at(*site.server)}).error().code() == Errc::denied);
  auto const origin = "https://localhost:" + std::to_string(site.server->port());
  auto const allowing = client_with(
      {.ca_pem = site.authority.pem(), .public_only = true, .allowed_origins = {origin}});
  CHECK(allowing->send({.url = at(*site.server)}).has_value());
}

TEST_CASE("client: goes through the proxy of its settings, but not to this host") {
  Liar proxy("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
  Liar const here("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nlocal");
  auto const get = [&proxy](std::string url) {  // A client each: the liar serves one at a time.
    return client_with({.plain_http = true,
                        .proxy = ProxySettings{.https = proxy.url(), .http = proxy.url()}})
        ->send({.url = std::move(url)});
  };
  CHECK(get("http://api.example/x").value().body == "hi");
  CHECK(proxy.heard().starts_with("GET http://api.example/x HTTP/1.1\r\n"));
  CHECK_FALSE(get("https://api.example/x").has_value());  // The liar speaks no TLS behind it.
  CHECK(proxy.heard().find("CONNECT api.example:443 HTTP/1.1\r\n") != std::string::npos);
  CHECK(get(here.url()).value().body == "local");
}

TEST_CASE("client: behind a proxy nobody sees where a redirect leads, so it is refused") {
  Liar const proxy(
      "HTTP/1.1 302 Found\r\nLocation: http://b.example/\r\nContent-Length: 0\r\n\r\n");
  auto const client =
      client_with({.plain_http = true, .proxy = ProxySettings{.http = proxy.url()}});
  auto const reply = client->send({.url = "http://a.example/", .redirects_max = 3});
  CHECK(reply.error().code() == Errc::denied);
  CHECK(reply.error().to_string().find("proxy") != std::string::npos);
}

TEST_CASE("client: which proxy leads where") {
  std::map<std::string, std::string> const variables{
      {"HTTPS_PROXY", "http://p:1"},
      {"http_proxy", "http://q:2"},
      {"HTTP_PROXY", "http://evil:3"},
      {"no_proxy", "example.com, .corp.test,10.0.0.0/8,192.168.1.5,fd00::/8,port.test:8443"}};
  auto const settings = proxies_from([&](char const* name) -> char const* {
    auto const found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
  struct Case {
    char const *url, *want;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"https://api.test/", "http://p:1"},
           {"http://api.test/", "http://q:2"},
           {"https://example.com/", ""},
           {"https://EXAMPLE.com:444/", ""},
           {"https://www.example.com/", ""},
           {"https://notexample.com/", "http://p:1"},
           {"https://corp.test/", ""},
           {"https://a.corp.test/", ""},
           {"https://10.2.3.4/", ""},
           {"https://11.2.3.4/", "http://p:1"},
           {"https://192.168.1.5/", ""},
           {"https://192.168.1.6/", "http://p:1"},
           {"https://[fd12::1]/", ""},
           {"https://[fe12::1]/", "http://p:1"},
           {"https://port.test:8443/", ""},
           {"https://port.test/", "http://p:1"},
           {"https://localhost/", ""},
           {"https://127.0.0.1/", ""},
           {"https://[::1]/", ""},
       }) {
    CAPTURE(c.url);
    CHECK(proxy_for(settings, parse_url(c.url).value()) == c.want);
  }
  CHECK(proxy_for({.all = "socks5h://s", .direct = {}}, parse_url("https://x/").value()) ==
        "socks5h://s");
  CHECK(proxy_for({.all = "socks5h://s", .direct = {"*"}}, parse_url("https://x/").value()) == "");
}

TEST_CASE("client: which addresses are public") {
  struct Case {
    char const* address;
    bool want;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"8.8.8.8", true},
           {"172.15.255.255", true},
           {"172.32.0.0", true},
           {"100.63.255.255", true},
           {"100.128.0.0", true},
           {"223.255.255.255", true},
           {"0.1.2.3", false},
           {"10.255.255.255", false},
           {"127.255.255.255", false},
           {"169.254.0.1", false},
           {"172.31.255.255", false},
           {"192.168.0.0", false},
           {"198.19.255.255", false},
           {"240.0.0.1", false},
           {"255.255.255.255", false},
           {"2606:4700::1111", true},
           {"::", false},
           {"::1", false},
           {"::ffff:8.8.8.8", true},
           {"::ffff:10.0.0.1", false},
           {"64:ff9b::8.8.8.8", true},
           {"64:ff9b::10.0.0.1", false},
           {"2002:0808:0808::", true},
           {"2002:7f00:0001::", false},
           {"2001:db8::1", false},
           {"2001::1", false},
           {"fe80::1", false},
           {"fc00::1", false},
           {"ff02::1", false},
           {"fec0::1", false},
       }) {
    CAPTURE(c.address);
    CHECK(is_public(parse_ip(c.address).value()) == c.want);
  }
  for (auto const* text : {"", "1.2.3", "1.2.3.4.5", "01.2.3.4", "x", "[", "1::2::3"})
    CHECK_FALSE(parse_ip(text).has_value());
  for (auto const* network : {"10.0.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "/8", "x/8"})
    CHECK_FALSE(is_within(parse_ip("10.0.0.0").value(), network));
}

TEST_CASE("client: over a unix socket, a stream arrives piece by piece and ends with its sink") {
  TemporaryFolder const folder;
  auto const path = folder / "reeve.sock";
  Mailbox box(10);
  auto const server = serve(
      [&box](Call& call) -> Response {
        if (call.head().path != "/events") return {.status = 404, .body = "{\"none\":1}"};
        return {.content_type = "text/event-stream", .body = [&](Writer& out) -> Result<> {
                  for (;;) {
                    auto const item = TRY(box.next(call, in(1h)));
                    TRY(out.write(*item));
                  }
                }};
      },
      {.address = "", .unix_path = path});
  auto const client = client_with({.unix_path = path});
  std::string got;
  box.put(std::make_shared<std::string>("one"));
  auto const end = client->stream(
      {.url = "http://localhost/events", .deadline = Deadline::max()}, [&](std::string_view piece) {
        got += piece;
        if (got == "one") box.put(std::make_shared<std::string>("two"));
        return got == "onetwo" ? Result<>(fail(Errc::conflict, "enough")) : Result<>();
      });
  CHECK(end.error().to_string().ends_with("enough [conflict]"));
  CHECK(got == "onetwo");
  auto const none = client->stream({.url = "http://localhost/x"}, [](std::string_view) {
    return Result<>(fail(Errc::internal, "an error's body is not the stream"));
  });
  CHECK(none.value().body == "{\"none\":1}");
  CHECK(accepted(none.value()).error().code() == Errc::not_found);
  server->stop(0ms);
  CHECK(client->send({.url = "http://localhost/"}).error().code() == Errc::unavailable);
}

TEST_CASE("client: a stream ends when its server stops") {
  TemporaryFolder const folder;
  Mailbox box(1);
  auto const server = serve(
      [&box](Call& call) -> Response {
        return {.body = [&](Writer& out) -> Result<> {
          TRY(out.write("first"));
          TRY(box.next(call, in(1h)));
          return {};
        }};
      },
      {.address = "", .unix_path = folder / "s"});
  std::jthread stopper;
  auto const end = client_with({.unix_path = folder / "s"})
                       ->stream({.url = "http://localhost/", .deadline = Deadline::max()},
                                [&](std::string_view) {
                                  stopper = std::jthread([&server] { server->stop(1h); });
                                  return Result<>();
                                });
  CHECK(end.error().code() == Errc::unavailable);
}

TEST_CASE("client: what a status means") {
  struct Case {
    int status;
    Errc want;
  };
  for (auto const& c : std::initializer_list<Case>{{302, Errc::unsupported},
                                                   {400, Errc::invalid},
                                                   {401, Errc::unauthenticated},
                                                   {403, Errc::denied},
                                                   {404, Errc::not_found},
                                                   {409, Errc::conflict},
                                                   {418, Errc::invalid},
                                                   {429, Errc::rate_limited},
                                                   {500, Errc::unavailable},
                                                   {504, Errc::timeout}}) {
    CAPTURE(c.status);
    CHECK(accepted({.status = c.status}).error().code() == c.want);
  }
  CHECK(accepted({.status = 204}).has_value());
  Reply const busy{.status = 429, .fields = {{"Retry-After", "120"}}};
  CHECK(busy.retry_after() == 120s);
  CHECK_FALSE(Reply{.fields = {{"retry-after", "soon"}}}.retry_after().has_value());
}

}  // namespace
}  // namespace reeve::net
