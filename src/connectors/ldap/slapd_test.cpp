// The connector on a real slapd, started here with a configuration that can be changed while it
// runs, so that each line that coverage offers can be pasted and be seen to help. Seeded and bound
// to by the OpenLDAP tools, not by our own client.

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/text.hpp"
#include "connectors/ldap/ldap.hpp"

namespace reeve::connect {
namespace {

namespace fs = std::filesystem;

constexpr char config[] = R"(dn: cn=config
objectClass: olcGlobal
cn: config
olcTLSCACertificateFile: @DIR@/ca.pem
olcTLSCertificateFile: @DIR@/cert.pem
olcTLSCertificateKeyFile: @DIR@/key.pem

dn: cn=module{0},cn=config
objectClass: olcModuleList
cn: module{0}
olcModulePath: /usr/lib/ldap
olcModuleLoad: back_mdb
olcModuleLoad: ppolicy

dn: cn=schema,cn=config
objectClass: olcSchemaConfig
cn: schema

include: file:///etc/ldap/schema/core.ldif
include: file:///etc/ldap/schema/cosine.ldif
include: file:///etc/ldap/schema/nis.ldif
include: file:///etc/ldap/schema/inetorgperson.ldif

dn: olcDatabase={0}config,cn=config
objectClass: olcDatabaseConfig
olcDatabase: {0}config
olcAccess: {0}to * by dn.exact="gidNumber=@GID@+uidNumber=@UID@,cn=peercred,cn=external,cn=auth" manage

dn: olcDatabase={1}mdb,cn=config
objectClass: olcDatabaseConfig
objectClass: olcMdbConfig
olcDatabase: {1}mdb
olcSuffix: dc=example,dc=com
olcDbDirectory: @DIR@/db
olcDbNoSync: TRUE
olcRootDN: cn=admin,dc=example,dc=com
olcRootPW: admin-pw
olcLastBind: TRUE
olcAccess: {0}to attrs=userPassword by self write by anonymous auth by * none
olcAccess: {1}to attrs=pwdChangedTime,pwdAccountLockedTime,pwdPolicySubentry,pwdLastSuccess,member by self read by * none
olcAccess: {2}to * by users read by * none

dn: olcOverlay={0}ppolicy,olcDatabase={1}mdb,cn=config
objectClass: olcOverlayConfig
objectClass: olcPPolicyConfig
olcOverlay: {0}ppolicy
olcPPolicyHashCleartext: TRUE
)";

constexpr char seed[] = R"(dn: dc=example,dc=com
objectClass: dcObject
objectClass: organization
o: Example
dc: example

dn: ou=services,dc=example,dc=com
objectClass: organizationalUnit
ou: services

dn: ou=people,dc=example,dc=com
objectClass: organizationalUnit
ou: people

dn: ou=groups,dc=example,dc=com
objectClass: organizationalUnit
ou: groups

dn: cn=services,dc=example,dc=com
objectClass: device
objectClass: pwdPolicy
pwdAttribute: userPassword
pwdMaxAge: 7776000
pwdLockout: TRUE

dn: uid=o'scan,ou=services,dc=example,dc=com
objectClass: account
objectClass: simpleSecurityObject
userPassword: canary-scan

dn: uid=alice,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
cn: Alice
sn: A
mail: Alice@example.com
userPassword: canary-alice

dn: uid=bob,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
cn:: Qm9iIBtbMzFt
sn: B
manager: uid=Alice, ou=people,dc=example,dc=com

dn: uid=svc-billing,ou=services,dc=example,dc=com
objectClass: account
objectClass: simpleSecurityObject
description: owner=alice@example.com app=billing
seeAlso: uid=alice,ou=people,dc=example,dc=com
pwdPolicySubentry: cn=services,dc=example,dc=com
userPassword: canary-b1

dn: uid=svc-locked,ou=services,dc=example,dc=com
objectClass: account
objectClass: simpleSecurityObject
userPassword: canary-l1

dn: uid=svc-keyless,ou=services,dc=example,dc=com
objectClass: account

dn: cn=ops,ou=groups,dc=example,dc=com
objectClass: groupOfNames
member: uid=svc-billing,ou=services,dc=example,dc=com

dn: cn=admins,ou=groups,dc=example,dc=com
objectClass: groupOfNames
member: cn=ops,ou=groups,dc=example,dc=com
member: uid=gone,ou=people,dc=example,dc=com
)";

struct Said {
  std::string text;
  bool ok = false;
};

Said shell(std::string const& command) {
  Said said;
  std::FILE* const pipe = ::popen((command + " 2>&1").c_str(), "r");
  REQUIRE(pipe != nullptr);
  char buffer[4096];
  for (std::size_t got = 0; (got = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;)
    said.text.append(buffer, got);
  said.ok = ::pclose(pipe) == 0;
  return said;
}

void must(std::string const& command) {
  auto const said = shell(command);
  REQUIRE_MESSAGE(said.ok, (command + ": " + said.text));
}

std::string replaced(std::string text, std::string_view what, std::string const& with) {
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
  return text;
}

int free_port() {
  int const listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t size = sizeof at;
  bool const ok = ::bind(listener, reinterpret_cast<sockaddr*>(&at), size) == 0 &&
                  ::getsockname(listener, reinterpret_cast<sockaddr*>(&at), &size) == 0;
  ::close(listener);
  return ok ? ntohs(at.sin_port) : 0;
}

/// A slapd of this test alone.
class Slapd {
 public:
  ~Slapd() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
    std::error_code ignored;
    if (!dir_.empty()) fs::remove_all(dir_, ignored);
  }

  /// Empty: it runs.
  std::string start() {
    if (!fs::exists("/usr/sbin/slapd") || !shell("command -v ldapadd openssl").ok)
      return "slapd, ldap-utils or openssl is not installed";
    std::string name = "/tmp/reeve-slapd-XXXXXX";
    if (!::mkdtemp(name.data())) return "no folder";
    dir_ = name;
    fs::create_directories(dir_ + "/db");
    fs::create_directories(dir_ + "/slapd.d");
    certificates();
    auto text = replaced(config, "@DIR@", dir_);
    text = replaced(text, "@UID@", std::to_string(::geteuid()));
    std::ofstream(dir_ + "/config.ldif") << replaced(text, "@GID@", std::to_string(::getegid()));
    auto const made =
        shell("/usr/sbin/slapadd -n 0 -F " + dir_ + "/slapd.d -l " + dir_ + "/config.ldif");
    if (!made.ok) return made.text;
    for (int attempt = 0; attempt < 5; ++attempt)  // the port may be taken in between
      if (run()) {
        std::ofstream(dir_ + "/seed.ldif") << seed;
        must("ldapadd -x -H " + uri() + " -D cn=admin,dc=example,dc=com -w admin-pw -f " + dir_ +
             "/seed.ldif");
        return "";
      }
    return "slapd does not start: " + log_;
  }

  std::string uri() const { return "ldapi://" + replaced(dir_ + "/ldapi", "/", "%2F"); }
  std::string tcp() const { return "ldap://127.0.0.1:" + std::to_string(port_); }
  std::string const& dir() const { return dir_; }

  void bind(std::string const& dn, std::string const& password) const {
    static_cast<void>(
        shell("ldapwhoami -x -H " + uri() + " -D " + shell_quote(dn) + " -w " + password));
  }
  void modify(std::string const& ldif) const {
    std::ofstream(dir_ + "/change.ldif") << ldif;
    must("ldapmodify -x -H " + uri() + " -D cn=admin,dc=example,dc=com -w admin-pw -e relax -f " +
         dir_ + "/change.ldif");
  }

 private:
  void certificates() const {
    must("cd " + dir_ +
         " && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key "
         "-out ca.pem"
         " -days 2 -subj /CN=ca && openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
         "-keyout "
         "key.pem -out req.pem -subj /CN=ldap && printf 'subjectAltName=IP:127.0.0.1' >san && "
         "openssl x509 "
         "-req -in req.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile san -out "
         "cert.pem");
  }

  bool run() {
    log_.clear();
    port_ = free_port();
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return false;
    auto const where = uri() + " " + tcp(), folder = dir_ + "/slapd.d";
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(ends[1], STDOUT_FILENO);
      ::dup2(ends[1], STDERR_FILENO);
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::execl("/usr/sbin/slapd", "slapd", "-d", "256", "-F", folder.c_str(), "-h", where.c_str(),
              nullptr);
      ::_exit(127);
    }
    ::close(ends[1]);
    char buffer[4096];
    while (!log_.contains("slapd starting")) {
      auto const got = ::read(ends[0], buffer, sizeof buffer);
      if (got <= 0) {
        ::close(ends[0]);
        ::waitpid(pid_, nullptr, 0);
        pid_ = -1;
        return false;
      }
      log_.append(buffer, std::size_t(got));
    }
    std::thread([from = ends[0]] {  // so that the server never waits for a reader
      char rest[4096];
      while (::read(from, rest, sizeof rest) > 0) {
      }
      ::close(from);
    })
        .detach();
    return listens();
  }

  /// "slapd starting" is written just before it listens.
  bool listens() const {
    sockaddr_un at{.sun_family = AF_UNIX};
    auto const path = dir_ + "/ldapi";
    path.copy(at.sun_path, sizeof at.sun_path - 1);
    for (int look = 0; look < 1000; ++look) {
      int const client = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
      bool const open = ::connect(client, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0;
      ::close(client);
      if (open) return true;
      ::poll(nullptr, 0, 5);
    }
    return false;
  }

  std::string dir_, log_;
  pid_t pid_ = -1;
  int port_ = 0;
};

constexpr char scan[] = "uid=o'scan,ou=services,dc=example,dc=com";

/// Null, with a line that says why, when there can be none.
Slapd* slapd() {
  static Slapd server;
  static bool const runs = [] {
    auto const why = server.start();
    if (!why.empty()) {
      std::printf("SKIP what needs slapd: %s\n", why.c_str());
      return false;
    }
    server.bind("uid=svc-billing,ou=services,dc=example,dc=com", "canary-b1");
    server.modify(
        "dn: uid=svc-locked,ou=services,dc=example,dc=com\nchangetype: modify\nreplace: "
        "pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z\n");
    return true;
  }();
  return runs ? &server : nullptr;
}

std::unique_ptr<Connector> connector(Slapd const& server, std::string const& dn,
                                     std::string const& password, int page_size) {
  auto client = ldap::connect({.url = server.uri(), .bind_dn = dn, .password = Secret(password)});
  REQUIRE_MESSAGE(client.has_value(), (client ? "" : client.error().to_string()));
  return make_ldap("corp", std::move(*client), {.page_size = page_size});
}

struct Found {
  std::vector<Observation> all;
  std::vector<Gap> gaps;

  template <class T>
  std::vector<T> of(std::function<bool(T const&)> const& wanted) const {
    std::vector<T> out;
    for (auto const& seen : all)
      if (auto const* object = std::get_if<T>(&seen.object); object && wanted(*object))
        out.push_back(*object);
    return out;
  }
  Identity identity(std::string const& name) const {
    auto const found = of<Identity>([&](auto const& one) { return one.name == name; });
    REQUIRE_MESSAGE(found.size() == 1, name);
    return found[0];
  }
  std::optional<Credential> password(std::string const& name) const {
    auto const id = identity(name).native_id;
    auto const found = of<Credential>([&](auto const& one) { return one.identity == id; });
    return found.empty() ? std::nullopt : std::optional(found[0]);
  }
};

Found discover(std::function<std::unique_ptr<Connector>()> const& connect, bool restart) {
  Found out;
  auto connector = connect();
  std::string cursor;
  do {
    auto const page = connector->enumerate(cursor);
    REQUIRE_MESSAGE(page.has_value(), (page ? "" : page.error().to_string()));
    out.all.insert(out.all.end(), page->observations.begin(), page->observations.end());
    out.gaps.insert(out.gaps.end(), page->gaps.begin(), page->gaps.end());
    cursor = page->next;
    if (restart) connector = connect();
  } while (!cursor.empty());
  return out;
}

std::function<std::unique_ptr<Connector>()> as_admin(Slapd const& server, int page_size) {
  return [&server, page_size] {
    return connector(server, "cn=admin,dc=example,dc=com", "admin-pw", page_size);
  };
}

TEST_CASE("slapd: what was seeded is found, as it was seeded") {
  auto* server = slapd();
  if (!server) return;
  auto const found = discover(as_admin(*server, 2), /*restart=*/false);
  CHECK(found.gaps.empty());
  CHECK(found.of<Identity>([](auto const&) { return true; }).size() == 8);
  CHECK(found.identity("svc-billing").kind == "service_account");
  CHECK(std::holds_alternative<Instant>(found.identity("svc-billing").last_used));
  CHECK(found.identity("svc-billing").enabled == Known<bool>(true));
  CHECK(found.identity("svc-locked").enabled == Known<bool>(false));
  CHECK(found.identity("alice").kind == "person");
  CHECK(std::holds_alternative<NotReported>(found.identity("svc-locked").last_used));
  auto const password = found.password("svc-billing");
  REQUIRE(password.has_value());
  auto const* changed = std::get_if<Instant>(&password->last_rotated);
  REQUIRE(changed != nullptr);
  CHECK(password->expires == Known<Instant>(*changed + Days(90)));
  CHECK(found.password("alice").has_value());
  CHECK(!found.password("bob").has_value());
  CHECK(!found.password("svc-keyless").has_value());

  auto const people = found.of<Person>([](auto const&) { return true; });
  REQUIRE(people.size() == 2);
  CHECK(people[0].email == Known<std::string>("alice@example.com"));
  CHECK(people[1].manager == Known<std::string>(people[0].native_id));
  CHECK(people[1].name == "Bob \x1b[31m");

  std::vector<std::string> grants;
  for (auto const& g : found.of<Grant>([](auto const&) { return true; }))
    grants.push_back(g.resource + "|" + g.unknown_holder + "|" + g.identity);
  CHECK(grants ==
        std::vector<std::string>{
            "group:cn=ops,ou=groups,dc=example,dc=com||" + found.identity("svc-billing").native_id,
            "group:cn=admins,ou=groups,dc=example,dc=com||" + found.identity("ops").native_id,
            "group:cn=admins,ou=groups,dc=example,dc=com|uid=gone,ou=people,dc=example,dc=com|"});
  for (auto seen : found.all)
    each_text(seen, [](std::string& text) {
      CHECK(!text.contains("canary"));
      CHECK(!text.contains("{SSHA}"));
    });
}

TEST_CASE("slapd: a run goes on in another process at each page, and two runs are identical") {
  auto* server = slapd();
  if (!server) return;
  auto const whole = discover(as_admin(*server, 2), /*restart=*/false);
  CHECK(discover(as_admin(*server, 2), /*restart=*/true).all == whole.all);
  CHECK(discover(as_admin(*server, 2), /*restart=*/false).all == whole.all);
}

TEST_CASE("slapd: each line to paste makes known what was not") {
  auto* server = slapd();
  if (!server) return;
  auto const as_scan = [&] { return connector(*server, scan, "canary-scan", 100); };
  auto const before = discover(as_scan, /*restart=*/false);
  CHECK(std::ranges::any_of(before.gaps,
                            [](Gap const& gap) { return gap.missing == "read access to member"; }));
  CHECK(!before.password("alice").has_value());
  std::vector<std::string> pasted;
  for (int round = 0; round < 4; ++round)
    for (auto const& one : as_scan()->coverage()) {
      if (one.fix.empty()) continue;
      if (std::ranges::find(pasted, one.missing) != pasted.end()) continue;
      pasted.push_back(one.missing);
      must(replaced(one.fix, "ldapi:///", server->uri()));
    }
  std::ranges::sort(pasted);
  CHECK(pasted == std::vector<std::string>{"read access to member", "read access to pwdChangedTime",
                                           "read access to pwdLastSuccess",
                                           "search access to userPassword"});
  for (auto const& one : as_scan()->coverage()) {
    CAPTURE(one.reason);
    CHECK(one.state != CoverageState::partial);
  }
  auto const after = discover(as_scan, /*restart=*/false);
  CHECK(after.gaps.empty());
  CHECK(after.password("alice") == discover(as_admin(*server, 100), false).password("alice"));
  CHECK(!after.password("svc-keyless").has_value());
  auto const check = as_scan()->check(Instant{});
  REQUIRE(check.has_value());
  CHECK(check->account == scan);
  CHECK(check->missing.empty());
}

TEST_CASE("slapd: a size limit of the server is seen") {
  auto* server = slapd();
  if (!server) return;
  auto const limit = [&](std::string const& how) {
    must("printf 'dn: olcDatabase={1}mdb,cn=config\\nchangetype: modify\\n" + how +
         "\\n' | ldapmodify -Q -Y EXTERNAL -H " + server->uri());
  };
  limit("add: olcLimits\\nolcLimits: dn.exact=\"" + replaced(scan, "'", "'\\''") +
        "\" size.prtotal=3 size.pr=2");
  auto const found =
      discover([&] { return connector(*server, scan, "canary-scan", 2); }, /*restart=*/false);
  limit("delete: olcLimits");
  CHECK(std::ranges::any_of(found.gaps, [](Gap const& gap) {
    return gap.object_class == ObjectClass::identity && gap.why.contains("size limit");
  }));
}

TEST_CASE("slapd: a wrong password, an unsigned certificate, no server, and a way in with TLS") {
  auto* server = slapd();
  if (!server) return;
  struct Case {
    char const* name;
    std::string url;
    std::string password;
    bool start_tls;
    std::string ca_file;
    std::optional<Errc> want;
  };
  auto const ca = server->dir() + "/ca.pem";
  for (auto const& c : std::initializer_list<Case>{
           {"in", server->uri(), "canary-scan", false, "", std::nullopt},
           {"STARTTLS", server->tcp(), "canary-scan", true, ca, std::nullopt},
           {"a wrong password", server->uri(), "canary-wrong", false, "", Errc::unauthenticated},
           {"nobody signed it", server->tcp(), "canary-scan", true, "", Errc::unavailable},
           {"for another name", replaced(server->tcp(), "127.0.0.1", "localhost"), "canary-scan",
            true, ca, Errc::unavailable},
           {"nobody there", "ldap://127.0.0.1:1", "canary-scan", false, "", Errc::unavailable},
           {"no CA file", server->tcp(), "canary-scan", true, "/nonexistent", Errc::invalid}}) {
    CAPTURE(c.name);
    auto const client = ldap::connect({.url = c.url,
                                       .bind_dn = scan,
                                       .password = Secret(c.password),
                                       .start_tls = c.start_tls,
                                       .ca_file = c.ca_file,
                                       .timeout = std::chrono::seconds(5)});
    CAPTURE((client ? "" : client.error().to_string()));
    CHECK(client.has_value() == !c.want);
    if (client) continue;
    if (c.want) CHECK(client.error().code() == *c.want);
    CHECK(!client.error().to_string().contains("canary"));
  }
}

TEST_CASE("slapd: a server that says nothing or garbage ends at our deadline") {
  for (std::string const says : {"", "HTTP/1.1 400 Bad Request\r\n\r\n",
                                 "\x30\x84\x7f\xff\xff\xff\x02\x01", "\x30\x82\x7f\xff\x02\x01"}) {
    int const listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof at;
    REQUIRE(::bind(listener, reinterpret_cast<sockaddr*>(&at), size) == 0);
    REQUIRE(::listen(listener, 8) == 0);
    REQUIRE(::getsockname(listener, reinterpret_cast<sockaddr*>(&at), &size) == 0);
    std::jthread const peer([listener, &says] {
      int const client = ::accept(listener, nullptr, nullptr);
      if (client < 0) return;
      char request[512];
      if (::read(client, request, sizeof request) > 0)
        static_cast<void>(!::write(client, says.data(), says.size()));
      while (::read(client, request, sizeof request) > 0) {
      }
      ::close(client);
    });
    auto const client =
        ldap::connect({.url = "ldap://127.0.0.1:" + std::to_string(ntohs(at.sin_port)),
                       .bind_dn = "cn=a",
                       .password = Secret("hunter2"),
                       .timeout = std::chrono::seconds(1)});
    ::shutdown(listener, SHUT_RDWR);
    ::close(listener);
    REQUIRE(!client);
    CHECK(describe(client.error().code()).retry);
    CHECK(!client.error().to_string().contains("hunter2"));
  }
}

}  // namespace
}  // namespace reeve::connect
