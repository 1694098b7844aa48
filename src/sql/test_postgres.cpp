// A real server for tests. The log of the server goes through a pipe to a thread, which tells when
// the server takes connections (so nothing sleeps or polls), and shows the log when it will not.

#include "sql/test_postgres.hpp"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace reeve::test {
namespace {

namespace fs = std::filesystem;

/// The newest of the installed versions; empty: none.
fs::path find_binaries() {
  fs::path best;
  std::error_code ignored;
  for (auto const& entry : fs::directory_iterator("/usr/lib/postgresql", ignored))
    if (fs::exists(entry.path() / "bin/initdb") && entry.path() > best) best = entry.path();
  return best.empty() ? best : best / "bin";
}

/// Whom the server may run as: it refuses root. Null: the one we are.
passwd const* other_user() {
  return ::geteuid() == 0 ? ::getpwnam("postgres") : nullptr;
}

[[noreturn]] void become(std::vector<std::string> const& command, passwd const* user, int output) {
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  if (user &&
      (::setgroups(0, nullptr) != 0 || ::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0))
    ::_exit(126);
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);  // after setuid, which clears it
  if (::chdir("/") != 0) ::_exit(126);
  std::vector<char*> argv;
  for (auto const& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  char path[] = "PATH=/usr/bin:/bin", locale[] = "LC_ALL=C";
  char* environment[] = {path, locale, nullptr};
  ::execve(argv[0], argv.data(), environment);
  ::_exit(127);
}

struct Child {
  pid_t pid = -1;
  int output = -1;  ///< We read what it says.
};

Child spawn(std::vector<std::string> const& command) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
  auto const* const user = other_user();
  pid_t const pid = ::fork();
  if (pid < 0) throw std::runtime_error("fork");
  if (pid == 0) become(command, user, ends[1]);
  ::close(ends[1]);
  return {pid, ends[0]};
}

int wait_for(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

/// Exit status, and what it said.
int run(std::vector<std::string> const& command, std::string& said) {
  auto const child = spawn(command);
  char buffer[4096];
  for (ssize_t got = 0; (got = ::read(child.output, buffer, sizeof buffer)) > 0;)
    said.append(buffer, std::size_t(got));
  ::close(child.output);
  return wait_for(child.pid);
}

}  // namespace

struct Postgres::Process {
  fs::path binaries;
  std::string folder;
  std::vector<std::string> settings;
  Child server;
  std::mutex mutex;
  std::condition_variable changed;
  std::string log;     // under mutex
  bool ended = false;  // under mutex
  std::jthread reader;

  ~Process() {
    stop(SIGQUIT);
    std::error_code ignored;
    if (!folder.empty()) fs::remove_all(folder, ignored);
  }

  /// False: `log` says why.
  bool make() {
    std::string name = "/tmp/reeve-pg-XXXXXX";
    if (!::mkdtemp(name.data())) return false;
    folder = name;
    if (auto const* user = other_user())
      if (::chown(name.c_str(), user->pw_uid, user->pw_gid) != 0) return false;
    return run({binaries / "initdb", "-D", folder + "/data", "-U", "reeve", "-A", "trust", "-E",
                "UTF8", "--locale=C", "--no-sync", "--no-instructions"},
               log) == 0;
  }

  bool start() {
    std::vector<std::string> command{
        binaries / "postgres", "-D", folder + "/data",     "-k", folder, "-c",
        "listen_addresses=",   "-c", "shared_buffers=32MB"};
    for (auto const& setting : settings) command.insert(command.end(), {"-c", setting});
    log.clear();
    ended = false;
    server = spawn(command);
    reader = std::jthread([this] { read_log(); });
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return ended || log.contains("ready to accept connections"); });
    return !ended;
  }

  void read_log() {
    char buffer[4096];
    for (ssize_t got = 0; (got = ::read(server.output, buffer, sizeof buffer)) > 0;) {
      std::scoped_lock const lock(mutex);
      log.append(buffer, std::size_t(got));
      changed.notify_all();
    }
    std::scoped_lock const lock(mutex);
    ended = true;
    changed.notify_all();
  }

  void stop(int signal) {
    if (server.pid < 0) return;
    ::kill(server.pid, signal);
    wait_for(server.pid);
    if (reader.joinable()) reader.join();
    ::close(server.output);
    server = {};
  }
};

Postgres::Postgres(std::unique_ptr<Process> process) : process_(std::move(process)) {}
Postgres::~Postgres() = default;

std::unique_ptr<Postgres> Postgres::start(std::string& why,
                                          std::vector<std::string> const& settings,
                                          std::string const& binaries) {
  auto process = std::make_unique<Process>();
  process->binaries = binaries.empty() ? find_binaries() : fs::path(binaries);
  process->settings = settings;
  if (process->binaries.empty()) {
    why = "no /usr/lib/postgresql/*/bin/initdb: apt-get install postgresql";
    return nullptr;
  }
  if (::geteuid() == 0 && !other_user()) {
    why = "PostgreSQL does not run as root and there is no user postgres";
    return nullptr;
  }
  if (!process->make() || !process->start()) {
    why = "PostgreSQL does not start: " + process->log;
    return nullptr;
  }
  return std::unique_ptr<Postgres>(new Postgres(std::move(process)));
}

std::string Postgres::url(std::string_view schema) const {
  return "postgres:///postgres?host=" + folder() + "&user=reeve&schema=" + std::string(schema);
}
std::string Postgres::fresh_url() {
  return url("s" + std::to_string(++schemas_));
}
std::string const& Postgres::folder() const {
  return process_->folder;
}
void Postgres::stop() {
  process_->stop(SIGINT);
}
void Postgres::start_again() {
  if (!process_->start()) throw std::runtime_error("PostgreSQL does not start: " + process_->log);
}

Postgres* postgres() {
  static auto const shared = [] {
    std::string why;
    auto started = Postgres::start(why, {"fsync=off"});
    if (!started) std::printf("SKIP what needs PostgreSQL: %s\n", why.c_str());
    return started;
  }();
  return shared.get();
}

}  // namespace reeve::test
