// cedar_oracle_diff --seed S --cases N --oracle FOLDER: random cases answered by us and by Cedar's
// own WebAssembly build (tools/cedar-oracle, after `npm install` there). Prints each difference as
// the smallest case found, then "cases N differences D seed S"; exit 1 on any.

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "cedar/generate.hpp"

namespace reeve::cedar {
namespace {

class Oracle {
 public:
  explicit Oracle(std::string const& folder) {
    int in[2], out[2];
    if (pipe(in) != 0 || pipe(out) != 0) std::abort();
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    for (int const fd : {in[0], in[1], out[0], out[1]})
      posix_spawn_file_actions_addclose(&actions, fd);
    std::string script = folder + "/oracle.mjs", program = "node",
                flag = "--harmony-json-parse-with-source";
    char* argv[] = {program.data(), flag.data(), script.data(), nullptr};
    ok_ = posix_spawnp(&pid_, "node", &actions, nullptr, argv, environ) == 0;
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]), close(out[1]);
    to_ = fdopen(in[1], "w");
    from_ = fdopen(out[0], "r");
  }
  ~Oracle() {
    std::fclose(to_), std::fclose(from_);
    if (ok_) waitpid(pid_, nullptr, 0);
  }
  Oracle(Oracle const&) = delete;
  Oracle& operator=(Oracle const&) = delete;

  /// Empty: the oracle is gone.
  std::string ask(std::string const& question) {
    std::fprintf(to_, "%s\n", question.c_str());
    std::fflush(to_);
    std::string out;
    for (int c = std::fgetc(from_); c != '\n' && c != EOF; c = std::fgetc(from_))
      out += static_cast<char>(c);
    return out;
  }

 private:
  pid_t pid_ = 0;
  bool ok_ = false;
  std::FILE* to_ = nullptr;
  std::FILE* from_ = nullptr;
};

/// What the cases were like: a run in which all are invalid proves nothing.
struct Kinds {
  std::size_t allow = 0, deny = 0, with_errors = 0, invalid = 0, traps = 0;

  void count(std::string const& answer) {
    ++(answer == "trap"              ? traps
       : answer == "invalid"         ? invalid
       : answer.starts_with("allow") ? allow
                                     : deny);
    with_errors += answer.ends_with("\"]") ? 1u : 0u;
  }
};

bool differs(RandomCase const& c, Oracle& oracle, Kinds* kinds = nullptr) {
  auto const ours = our_answers(c);
  for (std::size_t i = 0; i < c.requests.size(); ++i) {
    auto const theirs = oracle.ask(oracle_question(c, i));
    if (kinds) kinds->count(theirs);
    if (theirs != "trap" && theirs != ours[i]) return true;
  }
  return false;
}

/// Takes away, one by one, what the difference does not need.
template <class List>
void shrink(RandomCase& c, List RandomCase::* list, Oracle& oracle) {
  for (std::size_t i = (c.*list).size(); i > 0; --i) {
    auto smaller = c;
    (smaller.*list).erase((smaller.*list).begin() + static_cast<std::ptrdiff_t>(i - 1));
    if (differs(smaller, oracle)) c = std::move(smaller);
  }
}

void report(RandomCase c, Oracle& oracle, std::uint64_t number) {
  shrink(c, &RandomCase::requests, oracle);
  shrink(c, &RandomCase::links, oracle);
  shrink(c, &RandomCase::templates, oracle);
  shrink(c, &RandomCase::policies, oracle);
  shrink(c, &RandomCase::entities, oracle);
  auto const question = oracle_question(c, 0);
  std::printf("case %llu\n  %s\n  ours   %s\n  oracle %s\n",
              static_cast<unsigned long long>(number), question.c_str(), our_answers(c)[0].c_str(),
              oracle.ask(question).c_str());
}

int run(std::uint64_t seed, std::uint64_t cases, std::string const& folder) {
  Oracle oracle(folder);
  if (oracle.ask("{}").empty()) return std::fprintf(stderr, "the oracle does not answer\n"), 2;
  std::uint64_t differences = 0;
  Kinds kinds;
  for (std::uint64_t i = 0; i < cases; ++i) {
    Random random(seed * 1'000'003 + i);
    auto c = random_case(random);
    if (!differs(c, oracle, &kinds)) continue;
    if (++differences <= 10) report(std::move(c), oracle, i);
  }
  std::printf("requests: %zu allow, %zu deny, %zu with errors, %zu invalid, %zu traps\n",
              kinds.allow, kinds.deny, kinds.with_errors, kinds.invalid, kinds.traps);
  std::printf("cases %llu differences %llu seed %llu\n", static_cast<unsigned long long>(cases),
              static_cast<unsigned long long>(differences), static_cast<unsigned long long>(seed));
  return differences == 0 ? 0 : 1;
}

}  // namespace
}  // namespace reeve::cedar

int main(int argc, char** argv) {
  std::uint64_t seed = 1, cases = 1000;
  std::string folder = "tools/cedar-oracle";
  for (int i = 1; i + 1 < argc; i += 2) {
    std::string const flag = argv[i];
    if (flag == "--seed") seed = std::strtoull(argv[i + 1], nullptr, 10);
    if (flag == "--cases") cases = std::strtoull(argv[i + 1], nullptr, 10);
    if (flag == "--oracle") folder = argv[i + 1];
  }
  return reeve::cedar::run(seed, cases, folder);
}
