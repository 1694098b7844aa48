#include "audit/log.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <thread>

#include "audit/recover.hpp"
#include "audit/test_folder.hpp"
#include "base/file.hpp"

namespace reeve::audit {
namespace {

using testing::entry, testing::fill, testing::Folder, testing::verifier;
namespace fs = std::filesystem;

void check_good(std::string const& folder, std::uint64_t size) {
  auto const verdict = verify(folder, verifier());
  REQUIRE(verdict);
  if (verdict->fault) FAIL(to_text(*verdict));
  CHECK(verdict->checked == size);
  CHECK(verdict->checkpoint.size == size);
  auto const entries = read_entries(folder, verifier(), {});
  REQUIRE(entries);
  std::uint64_t right = 0;
  while (right < size &&
         (*entries)[right].find("\"object\":\"" + std::to_string(right) + '"') != std::string::npos)
    ++right;
  CHECK(right == size);
}

TEST_CASE("audit: a log is what was appended, and still is after it was closed") {
  Folder const at;
  for (std::uint64_t const count : {0U, 1U, 254U, 1U, 1U, 300U, 211U, 700U}) {
    auto log = testing::open(at.path());
    REQUIRE(log);
    auto const before = (*log)->size();
    REQUIRE(fill(**log, count));
    CHECK((*log)->size() == before + count);
    check_good(at.path(), before + count);
  }
}

TEST_CASE("audit: a sync entry is under a signed checkpoint when append returns") {
  Folder const at;
  auto const log = *testing::open(at.path());
  for (std::uint64_t i = 0; i < 3; ++i) {
    auto const index = log->append(entry(i), Class::sync);
    REQUIRE(index);
    CHECK(*index == i);
    auto const note = read_file(at.path() + "/checkpoint", 10'000);
    CHECK(open_checkpoint(*note, verifier())->size == i + 1);
    CHECK(log->checkpoint() == *note);
  }
}

TEST_CASE("audit: threads that append together get each their own place") {
  Folder const at;
  auto const log = *testing::open(at.path());
  std::vector<std::vector<std::uint64_t>> places(4);
  {
    std::vector<std::jthread> threads;
    for (auto& mine : places)
      threads.emplace_back([&log, &mine] {
        for (int i = 0; i < 20; ++i)
          mine.push_back(log->append(entry(0), Class::sync).value_or(UINT64_MAX));
      });
  }
  std::vector<std::uint64_t> all;
  for (auto const& mine : places) {
    CHECK(std::ranges::is_sorted(mine));
    all.insert(all.end(), mine.begin(), mine.end());
  }
  std::ranges::sort(all);
  for (std::uint64_t i = 0; i < all.size(); ++i) CHECK(all[i] == i);
  CHECK(log->size() == 80);
}

TEST_CASE("audit: a second writer is told to use the first") {
  Folder const at;
  auto const log = testing::open(at.path());
  REQUIRE(log);
  auto const second = testing::open(at.path());
  REQUIRE_FALSE(second);
  CHECK(second.error().code() == Errc::conflict);
  CHECK(second.error().message().find("use the running server") != std::string_view::npos);
}

/// Runs `work` in a child that crash points kill; whether one did.
template <class Work>
bool killed_at(std::string const& point, Work work) {
  auto const child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::setenv("REEVE_CRASH_AT", point.c_str(), 1);
    work();
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  if (WIFEXITED(status)) CHECK(WEXITSTATUS(status) == 0);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

TEST_CASE("audit: killed at any write, a log keeps what was signed and goes on") {
  char const* const points[] = {"audit:intent",    "audit:half:entries", "audit:written:entries",
                                "audit:half:0",    "audit:written:0",    "audit:half:1",
                                "audit:written:1", "audit:tiles",        "audit:checkpoint"};
  int kills = 0;
  for (std::uint64_t const before : {0U, 1U, 255U, 256U, 511U})
    for (std::uint64_t const more : {1U, 2U, 600U})
      for (std::string const point : points) {
        CAPTURE(before);
        CAPTURE(more);
        CAPTURE(point);
        Folder const at;
        REQUIRE(fill(**testing::open(at.path()), before));
        bool const killed = killed_at(point, [&] {
          auto const log = testing::open(at.path());
          if (!log || !fill(**log, more)) ::_exit(1);
        });
        kills += killed;
        // Beside nobody, before any repair: what is signed is provable.
        auto const verdict = verify(at.path(), verifier());
        REQUIRE(verdict);
        if (verdict->fault) FAIL(to_text(*verdict));
        auto log = testing::open(at.path());
        if (!log) FAIL(log.error().to_string());
        auto const size = (*log)->size();
        // All or nothing of the commit that died, unless 600 were cut into several.
        CHECK((size == before || size == before + more || more == 600));
        if (!killed || point == "audit:tiles" || point == "audit:checkpoint") CHECK(size > before);
        if (point == "audit:intent" || point == "audit:half:entries") CHECK(size == before);
        REQUIRE(fill(**log, 300));
        check_good(at.path(), size + 300);
      }
  CHECK(kills > 100);
}

TEST_CASE("audit: killed while it makes its first checkpoint, a log begins again") {
  Folder const at;
  fs::create_directories(at.path());
  REQUIRE(write_file_atomically(at.path() + "/intent", "torn", 0600));
  auto const log = testing::open(at.path());
  REQUIRE(log);
  REQUIRE(fill(**log, 3));
  check_good(at.path(), 3);
}

TEST_CASE("audit: a full disk is an error to each who waits, and the log goes on after it") {
  Folder const at;
  killed_at("", [&] {
    auto const log = *testing::open(at.path());
    if (!fill(*log, 100)) ::_exit(1);
    ::signal(SIGXFSZ, SIG_IGN);
    struct rlimit const small{.rlim_cur = 16'000, .rlim_max = RLIM_INFINITY};
    ::setrlimit(RLIMIT_FSIZE, &small);
    auto const refused = fill(*log, 100);
    if (refused || log->size() != 100 || log->lost() != 100) ::_exit(2);
    struct rlimit const large{.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
    ::setrlimit(RLIMIT_FSIZE, &large);
    if (!fill(*log, 50) || log->size() != 150) ::_exit(3);
  });
  check_good(at.path(), 150);
}

TEST_CASE("audit: a log does not open over what contradicts its checkpoint") {
  struct Case {
    char const* name;
    void (*harm)(std::string const& folder);
  };
  auto const flip = [](std::string const& path, std::size_t at) {
    auto bytes = *read_file(path, 1 << 24);
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    REQUIRE(write_file_atomically(path, bytes, 0600));
  };
  static auto const flip_at = flip;
  Case const cases[] = {
      {"an entry", [](auto const& at) { flip_at(at + "/tile/entries/001.p/44", 50); }},
      {"a hash", [](auto const& at) { flip_at(at + "/tile/0/001.p/44", 50); }},
      {"a hash above", [](auto const& at) { flip_at(at + "/tile/1/000.p/1", 5); }},
      {"the size", [](auto const& at) { flip_at(at + "/checkpoint", 13); }},
      {"entries cut", [](auto const& at) { fs::resize_file(at + "/tile/entries/001.p/44", 99); }},
      {"hashes cut", [](auto const& at) { fs::resize_file(at + "/tile/0/001.p/44", 99); }},
      {"a full bundle gone", [](auto const& at) { fs::remove(at + "/tile/entries/000"); }},
      {"a full tile gone", [](auto const& at) { fs::remove(at + "/tile/0/000"); }},
      {"no checkpoint", [](auto const& at) { fs::remove(at + "/checkpoint"); }}};
  for (auto const& c : cases) {
    CAPTURE(c.name);
    Folder const at;
    REQUIRE(fill(**testing::open(at.path()), 300));
    c.harm(at.path());
    auto const log = testing::open(at.path());
    REQUIRE_FALSE(log);
    CHECK(log.error().code() == Errc::corrupt);
  }
}

TEST_CASE("audit: an old checkpoint put back is noticed, and its newer entries stay") {
  Folder const at;
  REQUIRE(fill(**testing::open(at.path()), 10));
  auto const old = *read_file(at.path() + "/checkpoint", 10'000);
  auto const old_intent = *read_file(at.path() + "/intent", 10'000);
  REQUIRE(fill(**testing::open(at.path()), 10));
  REQUIRE(write_file_atomically(at.path() + "/checkpoint", old, 0600));
  SUBCASE("alone: the intent still says what there was") {
    auto const log = testing::open(at.path());
    REQUIRE(log);
    CHECK((*log)->size() == 20);
  }
  SUBCASE("with its intent") {
    REQUIRE(write_file_atomically(at.path() + "/intent", old_intent, 0600));
    CHECK_FALSE(testing::open(at.path()));
    auto const verdict = verify(at.path(), verifier());
    REQUIRE(verdict);
    REQUIRE(verdict->fault);
    CHECK(verdict->fault->entry == 10);
  }
}

TEST_CASE("audit: another key does not continue a log") {
  Folder const at;
  REQUIRE(fill(**testing::open(at.path()), 1));
  auto const other = Log::open(at.path(), testing::signer("other"), [] { return Instant(); });
  REQUIRE_FALSE(other);
  CHECK(other.error().code() == Errc::corrupt);
}

}  // namespace
}  // namespace reeve::audit
