// What a fix is worth is told by those it is meant for: OpenSSH's own client against its own
// server. A finding in an inventory becomes a plan, the plan a file, and the key no longer logs in.

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "connectors/host/changer_host.hpp"
#include "crypto/ssh_key.hpp"
#include "inventory/inventory.hpp"
#include "remedy/propose.hpp"
#include "remedy/test_must.hpp"
#include "sql/store.hpp"
#include "sql/test_databases.hpp"

namespace reeve::remedy {
namespace {

namespace fs = std::filesystem;
constexpr Instant noon = from_micros(1'772'359'200'000'000);

/// Runs a command in silence; its exit code.
int run(std::vector<std::string> const& words) {
  auto const child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    std::vector<char*> argv;
    for (auto const& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    int const nowhere = ::open("/dev/null", O_RDWR);
    for (int const stream : {0, 1, 2}) ::dup2(nowhere, stream);
    ::execvp(argv[0], argv.data());
    ::_exit(127);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// A port nobody listens on now.
int free_port() {
  int const fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in at{.sin_family = AF_INET};
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0);
  socklen_t size = sizeof at;
  REQUIRE(::getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size) == 0);
  ::close(fd);
  return ntohs(at.sin_port);
}

/// sshd of this test alone, for the user we are.
class Sshd {
 public:
  Sshd() : port_(free_port()), user_(::getpwuid(::getuid())->pw_name) {
    for (auto const* name : {"host", "ours", "other"})
      REQUIRE(run({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path(name)}) == 0);
    REQUIRE(write_file_atomically(path("keys"), read("other.pub") + read("ours.pub"), 0600));
    REQUIRE(write_file_atomically(path("config"),
                                  "Port " + std::to_string(port_) +
                                      "\nListenAddress 127.0.0.1\nHostKey " + path("host") +
                                      "\nAuthorizedKeysFile " + path("keys") +
                                      "\nStrictModes no\nUsePAM no\nPasswordAuthentication no\n"
                                      "PermitRootLogin yes\nPidFile none\n",
                                  0600));
    pid_ = ::fork();
    if (pid_ == 0) {
      ::execl("/usr/sbin/sshd", "/usr/sbin/sshd", "-D", "-f", path("config").c_str(), "-E",
              path("log").c_str(), nullptr);
      ::_exit(127);
    }
  }
  ~Sshd() {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }
  Sshd(Sshd const&) = delete;
  Sshd& operator=(Sshd const&) = delete;

  /// Waits until it answers; a client that waits itself needs no sleep of ours.
  bool answers() const {
    for (int tries = 0; tries < 200; ++tries) {
      if (logs_in("other")) return true;
      if (::waitpid(pid_, nullptr, WNOHANG) != 0) return false;
    }
    return false;
  }
  bool logs_in(std::string const& key) const {
    return run({"ssh",
                "-F",
                "none",
                "-i",
                path(key),
                "-p",
                std::to_string(port_),
                "-o",
                "IdentitiesOnly=yes",
                "-o",
                "BatchMode=yes",
                "-o",
                "StrictHostKeyChecking=no",
                "-o",
                "UserKnownHostsFile=/dev/null",
                "-o",
                "ConnectTimeout=5",
                "-o",
                "IdentityAgent=none",
                user_ + "@127.0.0.1",
                "true"}) == 0;
  }
  std::string path(std::string const& name) const { return folder_.path + "/" + name; }
  std::string read(std::string const& name) const { return must(read_file(path(name), 1 << 16)); }
  std::string const& user() const { return user_; }
  std::string key_id(std::string const& name) const {
    return "ssh_key:" + user_ + ":" + path("keys") + ":" +
           must(crypto::parse_ssh_line(read(name + ".pub"))).key.fingerprint;
  }

 private:
  test::Folder const folder_;
  int port_;
  std::string user_;
  pid_t pid_ = -1;
};

std::string why_not() {
  if (::access("/usr/sbin/sshd", X_OK) != 0) return "openssh-server is not installed";
  if (run({"ssh", "-V"}) != 0) return "openssh-client is not installed";
  if (::getuid() == 0) fs::create_directories("/run/sshd");
  return "";
}

/// An inventory with one finding about our key, and a journal.
class Desk {
 public:
  explicit Desk(Sshd const& sshd)
      : state(must(
            sql::Store::open("sqlite://" + folder_.path + "/state.db", sql::Durability::durable))),
        inventory(must(sql::open("sqlite://" + folder_.path + "/inventory.db",
                                 sql::Durability::rebuildable))) {
    ok(create_plans(*must(state->writer())));
    ok(inventory::create_schema(*inventory));
    auto const id = sshd.key_id("ours");
    ok(inventory->execute(
        "insert into sources values (1, 'box', 'host', 1);"
        "insert into identities (id, source_id, native_id, from_run, evidence, name, kind,"
        "  enabled_is, note_is, created_is, last_used_is, declared_person_is, interactive_is,"
        "  environment_is) values (1, 1, 'account:ci', 1, '', 'ci', 'account', 0,0,0,0,0,0,0);"
        "insert into credentials (id, source_id, native_id, from_run, evidence, identity_id, kind,"
        "  label_is, algorithm_is, signature_is, issuer_is, fingerprint_is, created_is, expires_is,"
        "  last_used_is, last_rotated_is, restrictions_is)"
        "  values (1, 1, '" +
        id +
        "', 1, '', 1, 'ssh_key', 0,0,0,0,0,0,0,0,0,0);"
        "insert into findings values (1, 'N1-04', 'credential', 1, 1, 1, 'unused', 'high', '', '',"
        "  'open', 0, 1, '', 0, null, null)"));
  }
  void used_from(std::string const& network, Sshd const& sshd) const {
    ok(inventory->execute("insert into usages values (1, 1, 'u1', 1, null, '', 1, '" +
                          sshd.key_id("ours") + "', '', 'login', '', 2, '" + network +
                          "', 2, 'ssh', 0, 1000000, 2, 7)"));
  }
  Result<Plan> propose(std::string const& kind,
                       std::map<std::string, std::string> const& with = {}) const {
    return remedy::propose(*inventory, tools(), {{1}, kind, with, "local:anna"});
  }
  Plan apply(std::string const& kind, std::map<std::string, std::string> const& with = {}) const {
    auto plan = must(propose(kind, with));
    ok(state->commit([&](sql::Database& db) { return add(db, plan); }));
    auto done = must(remedy::apply(*state, tools(), plan.id, "local:anna"));
    CHECK_MESSAGE(done.state == PlanState::done, done.note);
    return done;
  }
  void undo(Plan const& plan) const {
    CHECK(must(remedy::undo(*state, tools(), plan.id, "local:anna")).state == PlanState::undone);
  }
  static Tools tools() {
    return {.open = [](Plan const& plan) { return connect::make_host_changer(plan.source, ""); },
            .now = [] { return noon; }};
  }

 private:
  test::Folder const folder_;

 public:
  std::unique_ptr<sql::Store> const state;
  std::unique_ptr<sql::Database> const inventory;
};

/// Null, with a line that says why, when sshd cannot run here.
std::optional<Sshd>& sshd() {
  static std::optional<Sshd> out;
  if (out) return out;
  auto const why = why_not();
  if (why.empty()) out.emplace();
  if (!why.empty()) MESSAGE("SKIP: " << why);
  if (out && !out->answers()) {
    MESSAGE("SKIP: sshd does not start here: " << out->read("log"));
    out.reset();
  }
  return out;
}

TEST_CASE("ssh: a key that a plan took out cannot log in, and can again after undo") {
  auto const& server = sshd();
  if (!server) return;
  Desk const desk(*server);
  REQUIRE(server->logs_in("ours"));
  auto const before = server->read("keys");
  auto const plan = desk.apply("authorized_key");
  CHECK_FALSE(server->logs_in("ours"));
  CHECK(server->logs_in("other"));
  desk.undo(plan);
  CHECK(server->logs_in("ours"));
  CHECK(server->read("keys") == before);
}

TEST_CASE("ssh: a key confined to the networks it was seen from logs in from these alone") {
  auto const& server = sshd();
  if (!server) return;
  for (std::string const network : {"127.0.0.1", "192.0.2.7"}) {
    CAPTURE(network);
    Desk const desk(*server);
    auto const unseen = desk.propose("authorized_key_from");
    REQUIRE_FALSE(unseen.has_value());
    CHECK(unseen.error().message().contains("--with networks="));
    desk.used_from(network, *server);
    auto const plan = desk.apply("authorized_key_from");
    CHECK(to_json(*plan.about.find("would_have_failed")).contains("\"count\":0"));
    CHECK(server->logs_in("ours") == (network == "127.0.0.1"));
    CHECK(server->logs_in("other"));
    desk.undo(plan);
    CHECK(server->logs_in("ours"));
  }
}

TEST_CASE("ssh: the preview tells what would have failed") {
  auto const& server = sshd();
  if (!server) return;
  Desk const desk(*server);
  desk.used_from("192.0.2.7", *server);
  for (auto const* networks : {"10.0.0.0/8", "192.0.2.0/24"}) {
    CAPTURE(networks);
    auto const plan = must(desk.propose("authorized_key_from", {{"networks", networks}}));
    auto const failing = to_json(*plan.about.find("would_have_failed"));
    CHECK(failing.contains("\"count\":7") == (std::string(networks) == "10.0.0.0/8"));
  }
  CHECK(to_json(must(desk.propose("authorized_key")).about).contains("\"count\":7"));
  CHECK(desk.propose("file_mode").error().code() == Errc::unsupported);
  CHECK(desk.propose("assign_owner").error().code() == Errc::unsupported);
  CHECK(desk.propose("postgres_nologin").error().code() == Errc::unsupported);
  CHECK(desk.propose("authorized_key", {{"until", "1d"}}).error().code() == Errc::invalid);
  CHECK(desk.propose("no_such").error().message().contains("one of: file_mode"));
}

}  // namespace
}  // namespace reeve::remedy
