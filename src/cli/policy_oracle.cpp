// `reeve policy oracle-diff`: random cases answered by us and by Cedar's own WebAssembly build,
// which a program of tools/cedar-oracle asks line by line. Each difference is made as small as it
// gets.
//
// In the product: the generator and this are 1 % of the program, and a customer who links policies
// of their own to it can hold the engine they run against the reference.

#include <fmt/format.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <future>

#include "base/file.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "cedar/generate.hpp"
#include "cli/policy.hpp"

namespace reeve::cli {
namespace {

using cedar::RandomCase;

/// The other program, behind one socket that is its standard input and output.
class Oracle {
 public:
  static Result<std::unique_ptr<Oracle>> start(std::string node, std::string const& folder) {
    auto script = folder + "/oracle.mjs";
    if (!std::filesystem::exists(script)) return fail(Errc::not_found, "there is no " + script);
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
      return system_error(errno, "make a socket");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    std::string flag = "--harmony-json-parse-with-source";
    std::array<char*, 4> argv = {node.data(), flag.data(), script.data(), nullptr};
    pid_t pid = 0;
    auto const error = posix_spawnp(&pid, node.c_str(), &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (error == 0) return std::unique_ptr<Oracle>(new Oracle(ends[0], pid));
    close(ends[0]);
    return system_error(error, "start " + node);
  }
  ~Oracle() {
    close(socket_);
    waitpid(pid_, nullptr, 0);
  }
  Oracle(Oracle const&) = delete;
  Oracle& operator=(Oracle const&) = delete;

  /// The oracle works on it meanwhile. Answers are short, so those to a block fit in a socket: it
  /// never waits for us to read.
  Result<> ask(RandomCase const& c) {
    auto const question = cedar::oracle_question(c) + "\n";
    for (std::string_view rest = question; !rest.empty();) {
      auto const sent = send(socket_, rest.data(), rest.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno != EINTR) return system_error(errno, "ask the oracle");
      if (sent > 0) rest.remove_prefix(static_cast<std::size_t>(sent));
    }
    return {};
  }
  /// To the oldest case that was asked: one for each request.
  Result<std::vector<std::string>> answers() {
    auto const line = TRY(read_line());
    auto const json = TRY_DURING(parse_json(line), "hear the oracle");
    std::vector<std::string> out;
    if (!json.array()) return fail(Errc::invalid, "the oracle answers something else");
    for (auto const& each : *json.array()) out.push_back(each.text() ? *each.text() : "");
    return out;
  }

 private:
  Oracle(int socket, pid_t pid) : socket_(socket), pid_(pid) {}

  Result<std::string> read_line() {
    for (auto end = unread_.find('\n');; end = unread_.find('\n')) {
      if (end != unread_.npos) {
        auto out = unread_.substr(0, end);
        unread_.erase(0, end + 1);
        return out;
      }
      std::array<char, 65536> buffer;
      auto const size = recv(socket_, buffer.data(), buffer.size(), 0);
      if (size == 0) return fail(Errc::unavailable, "the oracle has ended");
      if (size < 0 && errno != EINTR) return system_error(errno, "hear the oracle");
      if (size > 0) unread_.append(buffer.data(), static_cast<std::size_t>(size));
    }
  }

  int socket_;
  pid_t pid_;
  std::string unread_;
};

/// What the cases were like: a run in which all are invalid proves nothing.
struct Kinds {
  std::size_t allow = 0, deny = 0, with_errors = 0, invalid = 0, traps = 0;

  void add(Kinds const& other) {
    allow += other.allow, deny += other.deny, with_errors += other.with_errors;
    invalid += other.invalid, traps += other.traps;
  }
  void count(std::string const& answer) {
    ++(answer == "trap"              ? traps
       : answer == "invalid"         ? invalid
       : answer.starts_with("allow") ? allow
                                     : deny);
    with_errors += answer.ends_with("\"]") ? 1u : 0u;
  }
};

bool differ(std::vector<std::string> const& ours, std::vector<std::string> const& theirs) {
  if (ours.size() != theirs.size()) return true;
  for (std::size_t i = 0; i < ours.size(); ++i)
    if (theirs[i] != "trap" && theirs[i] != ours[i]) return true;
  return false;
}

/// What one thread found.
struct Found {
  Kinds kinds;
  std::uint64_t differences = 0;
  std::vector<std::string> reports = {};  ///< Of the first few.
};

class Differ {
 public:
  explicit Differ(Oracle& oracle) : oracle_(oracle) {}

  Found found;

  Result<> run(std::vector<std::pair<std::uint64_t, RandomCase>> const& block) {
    for (auto const& [number, c] : block) TRY(oracle_.ask(c));
    std::vector<std::vector<std::string>> ours;
    ours.reserve(block.size());
    for (auto const& [number, c] : block) ours.push_back(cedar::our_answers(c));
    std::vector<std::size_t> different;
    for (std::size_t i = 0; i < block.size(); ++i) {
      auto const theirs = TRY(oracle_.answers());
      for (auto const& each : theirs) found.kinds.count(each);
      if (differ(ours[i], theirs)) different.push_back(i);
    }
    for (auto const i : different)
      if (++found.differences <= reports_max) TRY(report(block[i].first, block[i].second));
    return {};
  }

 private:
  static constexpr std::uint64_t reports_max = 10;

  Result<std::vector<std::string>> ask(RandomCase const& c) {
    TRY(oracle_.ask(c));
    return oracle_.answers();
  }
  /// Takes away, one by one, what the difference does not need.
  template <class List>
  Result<> shrink(RandomCase& c, List RandomCase::* list) {
    for (std::size_t i = (c.*list).size(); i > 0; --i) {
      auto smaller = c;
      (smaller.*list).erase((smaller.*list).begin() + static_cast<std::ptrdiff_t>(i - 1));
      auto const theirs = TRY(ask(smaller));
      if (differ(cedar::our_answers(smaller), theirs)) c = std::move(smaller);
    }
    return {};
  }
  Result<> report(std::uint64_t number, RandomCase c) {
    TRY(shrink(c, &RandomCase::requests));
    TRY(shrink(c, &RandomCase::links));
    TRY(shrink(c, &RandomCase::templates));
    TRY(shrink(c, &RandomCase::policies));
    TRY(shrink(c, &RandomCase::entities));
    auto const theirs = TRY(ask(c));
    found.reports.push_back(fmt::format(
        "case {}\n  {}\n  ours   {}\n  oracle {}\n", number, printable(cedar::oracle_question(c)),
        printable(join(cedar::our_answers(c), " | ")), printable(join(theirs, " | "))));
    return {};
  }

  Oracle& oracle_;
};

/// Every `jobs`-th case from `first` on.
Result<Found> run_share(OracleOptions const& options, std::uint64_t first) {
  constexpr std::size_t block_size = 100;
  auto const oracle = TRY(Oracle::start(options.node, options.folder));
  Differ differ(*oracle);
  std::vector<std::pair<std::uint64_t, RandomCase>> block;
  for (auto i = first; i < options.cases; i += options.jobs) {
    cedar::Random random(options.seed * 1'000'003 + i);
    block.emplace_back(i, cedar::random_case(random));
    if (block.size() < block_size) continue;
    TRY(differ.run(block));
    block.clear();
  }
  TRY(differ.run(block));
  return differ.found;
}

}  // namespace

Result<Exit> policy_oracle_diff(Context const&, OracleOptions const& options) {
  std::vector<std::future<Result<Found>>> shares;
  shares.reserve(options.jobs);
  for (std::uint64_t i = 0; i < options.jobs; ++i)
    shares.push_back(
        std::async(std::launch::async, [&options, i] { return run_share(options, i); }));
  Found all;
  for (auto& share : shares) {
    auto const found = TRY(share.get());
    all.kinds.add(found.kinds);
    all.differences += found.differences;
    for (auto const& each : found.reports) TRY(print(each));
  }
  auto const& kinds = all.kinds;
  TRY(print(fmt::format("requests: {} allow, {} deny, {} with errors, {} invalid, {} traps\n",
                        kinds.allow, kinds.deny, kinds.with_errors, kinds.invalid, kinds.traps)));
  TRY(print(fmt::format("cases {} differences {} seed {}\n", options.cases, all.differences,
                        options.seed)));
  return all.differences == 0 ? Exit::done : Exit::findings;
}

}  // namespace reeve::cli
