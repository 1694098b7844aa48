// The client on real files and real servers: nginx, slapd and PostgreSQL, started here on free
// ports with certificates made here, and small servers of our own for what no good server does (to
// hang, to talk garbage, to hang up).

#include "connectors/x509/client.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <thread>

#include "connectors/x509/x509.hpp"
#include "crypto/shell_fake.hpp"
#include "sql/test_postgres.hpp"

namespace reeve::x509 {
namespace {

using connect::X509Options;
using crypto::Workshop;

// --- files ---

std::vector<std::string> names(FileList const& list, std::string const& below) {
  std::vector<std::string> out;
  for (auto const& file : list.files) out.push_back(file.path.substr(below.size()));
  return out;
}

TEST_CASE("files: links are followed below their root and counted when they lead out") {
  Workshop const shop;
  shop.run(
      "mkdir -p in/live in/archive out && echo a >in/archive/a1.pem && echo o >out/o.pem && "
      "ln -s ../archive/a1.pem in/live/cert.pem && ln -s ../../out/o.pem in/live/out.pem && "
      "ln -s ../out in/folder && ln -s loop in/loop && ln -s nowhere in/dangling && "
      "ln -s . in/self && mkfifo in/fifo && echo b >in/b.key && chmod 640 in/b.key");
  auto const base = std::filesystem::canonical(shop.path()).string();
  auto const list = list_files(shop / "in");
  REQUIRE(list.has_value());
  CHECK(names(*list, base) == std::vector<std::string>{"/in/archive/a1.pem", "/in/b.key"});
  CHECK(list->files[1].mode == 0640);
  REQUIRE(list->obstacles.size() == 1);
  CHECK(list->obstacles[0].why.message().contains("2 links lead out"));
  CHECK(names(list_files(shop / "in/live/*.pem").value(), base).empty());  // archive lies beside
  CHECK(names(list_files(shop / "in/*.key").value(), base) ==
        std::vector<std::string>{"/in/b.key"});
  CHECK(names(list_files(shop / "in/*/a?.pem").value(), base) ==
        std::vector<std::string>{"/in/archive/a1.pem"});
  CHECK(names(list_files(shop / "in/b.key").value(), base) ==
        std::vector<std::string>{"/in/b.key"});
  CHECK(list_files(shop / "none").error().code() == Errc::not_found);
  CHECK(list_files("relative").error().code() == Errc::invalid);
}

TEST_CASE("files: a link swapped in between looking and reading is not followed") {
  Workshop const shop;
  shop.run("mkdir -p in/d out && echo inside >in/d/a && echo outside >out/a");
  auto const base = std::filesystem::canonical(shop.path()).string();
  auto const path = base + "/in/d/a";
  CHECK(read_file_below(base + "/in", path, 100).value() == "inside\n");
  CHECK(read_file_below(base + "/in", path, 3).error().code() == Errc::invalid);
  shop.run("rm -r in/d && ln -s ../out in/d");
  CHECK_FALSE(read_file_below(base + "/in", path, 100).has_value());
  shop.run("rm in/d && mkdir in/d && ln -s ../../out/a in/d/a");
  CHECK_FALSE(read_file_below(base + "/in", path, 100).has_value());
  CHECK_FALSE(read_file_below(base + "/in", base + "/out/a", 100).has_value());
}

TEST_CASE("files: what we may not read is an obstacle with its path") {
  if (::geteuid() == 0) {
    MESSAGE("SKIP: root may read everything");
    return;
  }
  Workshop const shop;
  shop.run("mkdir -p in/shut && echo a >in/a && echo b >in/b && chmod 000 in/shut in/b");
  auto const list = list_files(shop / "in").value();
  REQUIRE(list.obstacles.size() == 1);
  CHECK(list.obstacles[0].why.code() == Errc::denied);
  CHECK(list.obstacles[0].path.ends_with("/in/shut"));
  shop.run("chmod 700 in/shut");
}

// --- servers of our own ---

/// Listens on a port of the kernel's choice and lets `serve` have one connection.
class Server {
 public:
  explicit Server(std::function<void(int)> serve) : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(::bind(listener_, raw, sizeof address) == 0);
    REQUIRE(::listen(listener_, 8) == 0);
    socklen_t size = sizeof address;
    REQUIRE(::getsockname(listener_, raw, &size) == 0);
    port_ = std::to_string(ntohs(address.sin_port));
    thread_ = std::jthread([this, serve = std::move(serve)] {
      int const peer = ::accept(listener_, nullptr, nullptr);
      if (peer < 0) return;
      serve(peer);
      ::close(peer);
    });
  }
  Server(Server const&) = delete;
  Server& operator=(Server const&) = delete;
  ~Server() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  std::string const& port() const { return port_; }

 private:
  int listener_;
  std::string port_;
  std::jthread thread_;
};

void until_closed(int peer) {
  char buffer[256];
  while (::recv(peer, buffer, sizeof buffer, 0) > 0) {
  }
}

Result<Chain> look(std::string const& endpoint, Duration timeout = std::chrono::seconds(10)) {
  Endpoint const one[] = {parse_endpoint(endpoint).value()};
  return std::move(make_client(timeout)->handshakes(one).at(0));
}

TEST_CASE("servers: one that hangs costs its time-out, one that talks garbage an error") {
  struct Case {
    std::string name, scheme;
    std::function<void(int)> serve;
    Errc want;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"hangs", "tls", until_closed, Errc::timeout},
           {"hangs before STARTTLS", "smtp", until_closed, Errc::timeout},
           {"closes", "tls", [](int) {}, Errc::unsupported},
           {"talks garbage", "tls",
            [](int peer) {
              std::string const garbage(100'000, 'x');
              ::send(peer, garbage.data(), garbage.size(), MSG_NOSIGNAL);
              until_closed(peer);
            },
            Errc::unsupported},
           {"speaks HTTP", "tls",
            [](int peer) {
              ::send(peer, "HTTP/1.1 400 Bad Request\r\n\r\n", 28, MSG_NOSIGNAL);
              until_closed(peer);
            },
            Errc::unsupported},
           {"drips", "smtp",
            [](int peer) {
              char byte = 0;
              // A byte now and then, as slowly as the other side is patient.
              while (::send(peer, "2", 1, MSG_NOSIGNAL) == 1) {
                pollfd wait{peer, POLLIN, 0};
                if (::poll(&wait, 1, 20) > 0 && ::recv(peer, &byte, 1, 0) <= 0) return;
              }
            },
            Errc::timeout},
       }) {
    CAPTURE(c.name);
    Server const server(c.serve);
    auto const begin = std::chrono::steady_clock::now();
    auto const got =
        look(c.scheme + "://127.0.0.1:" + server.port(), std::chrono::milliseconds(300));
    REQUIRE_FALSE(got.has_value());
    CHECK(got.error().code() == c.want);
    CHECK(got.error().to_string().contains("127.0.0.1:" + server.port()));
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
  }
}

TEST_CASE("servers: nobody there is unavailable, and names who") {
  std::string port;
  {
    Server const gone([](int) {});
    port = gone.port();
  }
  auto const refused = look("127.0.0.1:" + port);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code() == Errc::unavailable);
  CHECK(refused.error().to_string().contains("refused"));
  CHECK(look("no-such-host.invalid:443").error().code() == Errc::unavailable);
}

// --- real servers ---

/// A program that ends with the test.
class Process {
 public:
  explicit Process(std::vector<std::string> command) {
    std::vector<char*> words;
    for (auto& word : command) words.push_back(word.data());
    words.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::freopen("/dev/null", "w", stderr);
      ::execvp(words[0], words.data());
      ::_exit(127);
    }
  }
  Process(Process const&) = delete;
  Process& operator=(Process const&) = delete;
  ~Process() {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }
  bool runs() const { return ::waitpid(pid_, nullptr, WNOHANG) == 0; }

 private:
  pid_t pid_ = -1;
};

std::string free_port() {
  return Server([](int) {}).port();
}

/// Waits until the port answers; false when the program ended before.
bool opens(Process const& process, std::string const& port) {
  auto const end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (process.runs() && std::chrono::steady_clock::now() < end) {
    int const fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(std::uint16_t(std::stoi(port)));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bool const open = ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    ::close(fd);
    if (open) return true;
    ::poll(nullptr, 0, 10);
  }
  return false;
}

bool tools(std::initializer_list<char const*> programs) {
  for (auto const* program : programs) {
    if (crypto::has_program(program)) continue;
    MESSAGE("SKIP: " << program << " is not installed");
    return false;
  }
  return true;
}

/// A small authority, and one certificate of each sort: good, five days, expired, 3000 days,
/// RSA-1024, of a server that wants client certificates, made by its own key.
void make_certificates(Workshop const& shop) {
  shop.write("ca.cnf",
             "[ca]\ndefault_ca=d\n[d]\ndatabase=idx\nserial=ser\nnew_certs_dir=db\n"
             "certificate=ca.pem\nprivate_key=ca.key\ndefault_md=sha256\npolicy=p\n"
             "copy_extensions=copy\nunique_subject=no\n[p]\ncommonName=supplied\n");
  shop.run(
      "mkdir -p db tls && : >idx && echo 1000 >ser && openssl req -x509 -newkey ec -pkeyopt "
      "ec_paramgen_curve:P-256 -nodes -days 3650 -subj '/CN=Issuing CA' -keyout ca.key -out "
      "ca.pem");
  auto const issue = [&](std::string const& name, std::string const& key, std::string const& days) {
    shop.run("openssl req -newkey " + key + " -nodes -subj /CN=" + name +
             " -addext subjectAltName=DNS:" + name +
             " -addext extendedKeyUsage=serverAuth -keyout tls/" + name +
             ".key -out csr && "
             "openssl ca -batch -config ca.cnf -in csr -notext -out tls/" +
             name + ".pem " + days);
  };
  std::string const ec = "ec -pkeyopt ec_paramgen_curve:P-256";
  issue("good", ec, "-days 90");
  issue("soon", ec, "-days 5");
  issue("expired", ec, "-startdate 20200101000000Z -enddate 20210101000000Z");
  issue("long", "rsa:2048", "-days 3000");
  issue("weak", "rsa:1024", "-days 365");
  issue("mtls", ec, "-days 90");
  shop.run(
      "openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=self -keyout tls/self.key "
      "-out tls/self.pem");
}

void configure_nginx(Workshop const& shop, std::string const& port) {
  auto text = "pid " + shop.path() + "/nginx.pid; error_log " + shop.path() +
              "/nginx.log; daemon off; worker_processes 1; events { worker_connections 64; }\n"
              "http { access_log off; client_body_temp_path " +
              shop.path() + "/t1; proxy_temp_path " + shop.path() + "/t2; fastcgi_temp_path " +
              shop.path() + "/t3; uwsgi_temp_path " + shop.path() + "/t4; scgi_temp_path " +
              shop.path() + "/t5;\n";
  for (std::string const name : {"good", "soon", "expired", "long", "self", "mtls"}) {
    text += "server { listen 127.0.0.1:" + port + " ssl; server_name " + name +
            "; ssl_certificate " + shop.path() + "/tls/" + name + ".pem; ssl_certificate_key " +
            shop.path() + "/tls/" + name + ".key; ";
    if (name == "mtls")
      text += "ssl_client_certificate " + shop.path() + "/ca.pem; ssl_verify_client on; ";
    text += "location / { return 200 ok; } }\n";
  }
  shop.write("nginx.conf", text + "}\n");
}

TEST_CASE("servers: nginx with good, expiring, expired, long, own and mutual certificates") {
  if (!tools({"nginx", "openssl"})) return;
  Workshop const shop;
  make_certificates(shop);
  auto const port = free_port();
  configure_nginx(shop, port);
  Process const nginx({"nginx", "-p", shop.path(), "-c", shop / "nginx.conf"});
  REQUIRE_MESSAGE(opens(nginx, port), shop.read("nginx.log"));
  X509Options options{.roots = {shop / "tls"}};
  for (std::string const name : {"good", "soon", "expired", "long", "self", "mtls"})
    options.endpoints.push_back(parse_endpoint("127.0.0.1:" + port + "#" + name).value());
  auto const connector = connect::make_x509(
      "tls", make_client(std::chrono::seconds(10)), [](auto) { return std::string("fp"); },
      options);
  auto const page = connector->enumerate("");
  REQUIRE_MESSAGE(page.has_value(), (page ? "" : page.error().to_string()));
  for (auto const& gap : page->gaps) FAIL_CHECK(gap.why);

  std::map<std::string, std::string> name_of;
  std::map<std::string, int> sightings, used;
  std::map<std::string, std::string> seen;
  for (auto const& observation : page->observations) {
    if (auto const* identity = std::get_if<Identity>(&observation.object))
      name_of[identity->native_id] = identity->name;
    if (auto const* c = std::get_if<Credential>(&observation.object)) {
      auto const days =
          (std::get<Instant>(c->expires) - std::get<Instant>(c->created)) / std::chrono::hours(24);
      seen[name_of[c->identity]] = std::get<std::string>(c->algorithm) + " " +
                                   std::to_string(days) +
                                   (std::holds_alternative<None>(c->issuer) ? " own" : "");
    }
    if (auto const* s = std::get_if<Sighting>(&observation.object)) {
      ++sightings[name_of[s->identity]];
      if (s->mode == SightingMode::used) ++used[name_of[s->identity]];
      if (s->kind == "private_key") CHECK(s->exposure == Known<std::string>("owner"));
    }
    if (auto const* consumer = std::get_if<Consumer>(&observation.object))
      CHECK(consumer->name.ends_with("#" + name_of[consumer->identity]));
  }
  CHECK(seen == std::map<std::string, std::string>{{"good", "ec-p256 90"},
                                                   {"soon", "ec-p256 5"},
                                                   {"expired", "ec-p256 366"},
                                                   {"long", "rsa-2048 3000"},
                                                   {"weak", "rsa-1024 365"},
                                                   {"mtls", "ec-p256 90"},
                                                   {"self", "rsa-2048 30 own"}});
  for (auto const& [name, count] : sightings) {
    CAPTURE(name);
    CHECK(count == (name == "weak" ? 2 : 3));  // certificate, key, and the endpoint
    CHECK(used[name] == (name == "weak" ? 0 : 1));
  }
}

TEST_CASE("servers: slapd presents its certificate after StartTLS") {
  if (!tools({"slapd", "openssl"})) return;
  Workshop const shop;
  make_certificates(shop);
  auto const port = free_port();
  auto const url = "ldap://127.0.0.1:" + port;
  shop.run("mkdir -p ldap");
  shop.write("slapd.conf", "modulepath /usr/lib/ldap\nmoduleload back_mdb\npidfile " + shop.path() +
                               "/slapd.pid\nTLSCertificateFile " + shop.path() +
                               "/tls/good.pem\nTLSCertificateKeyFile " + shop.path() +
                               "/tls/good.key\ndatabase mdb\nsuffix cn=x\ndirectory " +
                               shop.path() + "/ldap\n");
  Process const slapd({"slapd", "-d", "0", "-f", shop / "slapd.conf", "-h", url});
  REQUIRE(opens(slapd, port));
  auto const chain = look(url);
  REQUIRE_MESSAGE(chain.has_value(), (chain ? "" : chain.error().to_string()));
  shop.run("openssl x509 -in tls/good.pem -outform der -out good.der");
  CHECK(chain->certificates.at(0) == shop.read("good.der"));
}

TEST_CASE("servers: PostgreSQL presents its certificate after SSLRequest, and may run without") {
  if (!tools({"openssl"})) return;
  Workshop const shop;
  make_certificates(shop);
  // Its key must belong to whom it runs as; a test that is root runs it as postgres.
  shop.run("chmod 755 . tls && chmod 600 tls/good.key");
  if (::geteuid() == 0) shop.run("chown postgres tls/good.key");
  for (bool const with_tls : {true, false}) {
    CAPTURE(with_tls);
    auto const port = free_port();
    std::vector<std::string> settings{"listen_addresses=127.0.0.1", "port=" + port, "fsync=off"};
    if (with_tls)
      for (auto const& more : {std::string("ssl=on"), "ssl_cert_file=" + (shop / "tls/good.pem"),
                               "ssl_key_file=" + (shop / "tls/good.key")})
        settings.push_back(more);
    std::string why;
    auto const server = test::Postgres::start(why, settings);
    if (!server) {
      MESSAGE("SKIP: PostgreSQL does not start here: " << why);
      return;
    }
    auto const chain = look("postgres://127.0.0.1:" + port);
    shop.run("openssl x509 -in tls/good.pem -outform der -out good.der");
    if (with_tls)
      CHECK(chain.value().certificates.at(0) == shop.read("good.der"));
    else
      CHECK(chain.error().code() == Errc::unsupported);
  }
}

}  // namespace
}  // namespace reeve::x509
