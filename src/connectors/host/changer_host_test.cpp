#include "connectors/host/changer_host.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "base/file.hpp"
#include "connect/conformance.hpp"
#include "connectors/host/changer_line.hpp"

namespace reeve::connect {
namespace {

namespace fs = std::filesystem;

constexpr char key_line[] =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIClXKvB7aDcGxjLBZ4MKSdUM8HKJmMZ7MupiLhTOTkuk ci@build";
constexpr char key_print[] = "SHA256:pxbE2j29VBlsfi2LSCb7r1zuB4hmGKbzzlpUdcfDpkc";
constexpr char keys_path[] = "/home/ci/.ssh/authorized_keys";

/// A host in a folder: an account, its keys, a secret.
class Tree {
 public:
  Tree() {
    std::string name = "/tmp/reeve-changer-XXXXXX";
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    root = name;
    fs::create_directories(root + "/home/ci/.ssh");
    fs::create_directories(root + "/etc");
    reset();
  }
  ~Tree() { fs::remove_all(root); }
  Tree(Tree const&) = delete;
  Tree& operator=(Tree const&) = delete;

  void reset() const {
    auto const uid = std::to_string(::getuid()), gid = std::to_string(::getgid());
    write("/etc/passwd", "ci:x:" + uid + ":" + gid + "::/home/ci:/bin/sh\n");
    write("/etc/group", "ci:x:" + gid + ":\n");
    write(keys_path, "# keys\n" + other() + "\n" + key_line + "\n# end\n", 0600);
    write("/home/ci/id", "secret", 0644);
  }
  void write(std::string const& path, std::string const& text, unsigned mode = 0644) const {
    REQUIRE(write_file_atomically(root + path, text, mode).has_value());
  }
  std::string read(std::string const& path) const { return *read_file(root + path, 1 << 20); }
  unsigned mode(std::string const& path) const {
    struct stat raw{};
    REQUIRE(::stat((root + path).c_str(), &raw) == 0);
    return raw.st_mode & 07777U;
  }
  std::unique_ptr<Changer> changer() const { return std::move(*make_host_changer("box", root)); }
  std::string world() const {
    return read(keys_path) + std::to_string(mode(keys_path)) + std::to_string(mode("/home/ci/id"));
  }
  static std::string other() {
    return "command=\"/bin/backup --token=s3cret\",no-pty ssh-ed25519 "
           "AAAAC3NzaC1lZDI1NTE5AAAAIHGKcsbXcsLvdtLWq4ZsUhAp9ss1XBBBS8T5mn0gmyH6 other";
  }

  std::string root;
};

std::string key_id() {
  return "ssh_key:ci:" + std::string(keys_path) + ":" + key_print;
}
Action remove_key() {
  return {"remove_key", key_id(), {}};
}
Action mode_of_id() {
  return {"file_mode", "/home/ci/id", {}};
}

std::vector<Step> planned(Changer& changer, Action const& action) {
  auto plan = changer.plan(action);
  REQUIRE_MESSAGE(plan.has_value(), (plan ? "" : plan.error().to_string()));
  return plan->steps;
}
std::string refusal(Tree const& tree, Action const& action) {
  auto const plan = tree.changer()->plan(action);
  REQUIRE_FALSE(plan.has_value());
  return plan.error().to_string();
}

TEST_CASE(
    "host changer: keeps the promises of every changer, but for answers that cannot be lost") {
  Tree const tree;
  ActBench bench{.connect = [&] { return tree.changer(); },
                 .connect_deaf = [&] { return tree.changer(); },
                 .reset = [&] { tree.reset(); },
                 .world = [&] { return tree.world(); },
                 .actions = {remove_key(),
                             {"confine_key", key_id(), {{"networks", "10.0.0.7,fd00::/8"}}},
                             mode_of_id()}};
  auto broken = broken_acts(bench);
  std::erase_if(broken, [](auto const& s) { return s.contains("a lost answer is unknown"); });
  CHECK(broken == std::vector<std::string>{});
}

TEST_CASE("host changer: takes out one line and nothing else, and shows no argument of a command") {
  Tree const tree;
  auto const changer = tree.changer();
  auto const steps = planned(*changer, remove_key());
  REQUIRE(steps.size() == 1);
  CHECK(steps[0].preview == std::string(keys_path) + ":3\n- ed25519 " + key_print + " ci@build");
  CHECK(changer->apply(steps[0], "k").outcome == Outcome::done);
  CHECK(tree.read(keys_path) == "# keys\n" + Tree::other() + "\n# end\n");
  CHECK(tree.mode(keys_path) == 0600);
  CHECK_FALSE(fs::exists(tree.root + "/home/ci/.ssh/.authorized_keys.reeve-new"));
}

TEST_CASE("host changer: a line comes back to its place after others wrote to the file") {
  Tree const tree;
  auto const changer = tree.changer();
  auto const steps = planned(*changer, remove_key());
  CHECK(changer->apply(steps[0], "k").outcome == Outcome::done);
  tree.write(keys_path, "# new head\n" + tree.read(keys_path) + "# new end\n", 0600);
  auto const back = changer->undo(steps[0]);
  REQUIRE(back.has_value());
  CHECK(changer->apply(*back, "u").outcome == Outcome::done);
  CHECK(tree.read(keys_path) ==
        "# new head\n# keys\n" + Tree::other() + "\n" + key_line + "\n# end\n# new end\n");
}

TEST_CASE("host changer: a file that was changed since the preview is a conflict") {
  Tree const tree;
  auto const changer = tree.changer();
  auto const key = planned(*changer, remove_key())[0], mode = planned(*changer, mode_of_id())[0];
  tree.write(keys_path, tree.read(keys_path) + "# one more\n", 0600);
  tree.write("/home/ci/id", "another file", 0644);
  auto const line = changer->apply(key, "1"), file = changer->apply(mode, "2");
  CHECK(line.outcome == Outcome::rejected);
  CHECK(line.detail == std::string(keys_path) +
                           ": the file was changed since the preview; preview again [conflict]");
  CHECK(file.outcome == Outcome::rejected);
  CHECK(file.detail.starts_with("/home/ci/id is not as in the preview"));
  CHECK(tree.mode("/home/ci/id") == 0644);
}

TEST_CASE("host changer: what is not there, or not what it was, is named") {
  Tree const tree;
  CHECK(refusal(tree, {"remove_key", "ssh_key:ci:" + std::string(keys_path) + ":SHA256:x", {}})
            .contains("holds no key SHA256:x any more"));
  CHECK(refusal(tree, {"file_mode", "/home/ci/none", {}}).contains("No such file"));
  CHECK(refusal(tree, {"file_mode", "/home/../etc/passwd", {}}).contains("a path with .."));
  CHECK(refusal(tree, {"file_mode", "/home/ci", {}}).contains("not a regular file"));
  CHECK(refusal(tree, {"confine_key", key_id(), {}}).contains("parameter networks"));
  CHECK(refusal(tree, {"confine_key", key_id(), {{"networks", "10.0.0.7\" "}}})
            .contains("not an address or network"));
  CHECK(refusal(tree, {"confine_key", key_id(), {{"networks", "10.0.0.0/33"}}})
            .contains("not an address or network"));
}

TEST_CASE("host changer: follows no link, at the end of a path or on the way") {
  Tree const tree;
  Tree const outside;
  fs::create_symlink(outside.root + "/home/ci/id", tree.root + "/home/ci/link");
  fs::create_directory_symlink(outside.root + "/home", tree.root + "/away");
  CHECK(refusal(tree, {"file_mode", "/home/ci/link", {}}).contains("link is a link"));
  CHECK(refusal(tree, {"file_mode", "/away/ci/id", {}}).contains("away is a link"));

  // One that became a link after the preview.
  auto const changer = tree.changer();
  auto const step = planned(*changer, mode_of_id())[0];
  fs::remove(tree.root + "/home/ci/id");
  fs::create_symlink(outside.root + "/home/ci/id", tree.root + "/home/ci/id");
  CHECK(changer->apply(step, "k").outcome == Outcome::rejected);
  CHECK(outside.mode("/home/ci/id") == 0644);
}

TEST_CASE("host changer: a group keeps its rights when somebody else may be in it") {
  struct Case {
    char const* name;
    std::string passwd, group;
    unsigned want;
  };
  auto const uid = std::to_string(::getuid()), gid = std::to_string(::getgid());
  auto const me = "ci:x:" + uid + ":" + gid + "::/:/bin/sh\n";
  for (auto const& c : std::initializer_list<Case>{
           {"alone", me, "ci:x:" + gid + ":\n", 0600},
           {"named himself", me, "ci:x:" + gid + ":ci\n", 0600},
           {"another member", me, "ci:x:" + gid + ":ci,web\n", 0640},
           {"another's own group", me + "web:x:4711:" + gid + "::/:/bin/sh\n",
            "ci:x:" + gid + ":\n", 0640},
           {"a group nobody names", me, "other:x:4712:\n", 0640}}) {
    CAPTURE(c.name);
    Tree const tree;
    tree.write("/etc/passwd", c.passwd);
    tree.write("/etc/group", c.group);
    auto const changer = tree.changer();
    CHECK(changer->apply(planned(*changer, mode_of_id())[0], "k").outcome == Outcome::done);
    CHECK(tree.mode("/home/ci/id") == c.want);
    CHECK(planned(*changer, mode_of_id()).empty());
  }
}

TEST_CASE("host changer: a key that stands there twice is taken out twice, and comes back twice") {
  Tree const tree;
  auto const text = std::string(key_line) + "\n" + Tree::other() + "\n" + key_line + "\nno-pty " +
                    key_line;  // without a newline at the end
  tree.write(keys_path, text, 0600);
  auto const changer = tree.changer();
  auto const steps = planned(*changer, remove_key());
  REQUIRE(steps.size() == 3);
  int key = 0;
  for (auto const& step : steps)
    CHECK(changer->apply(step, std::to_string(++key)).outcome == Outcome::done);
  CHECK(tree.read(keys_path) == Tree::other());
  for (auto step = steps.rbegin(); step != steps.rend(); ++step)
    CHECK(changer->apply(*changer->undo(*step), std::to_string(++key)).outcome == Outcome::done);
  CHECK(tree.read(keys_path) == text);
}

TEST_CASE("host changer: from= goes in front of the options there are") {
  Tree const tree;
  auto const changer = tree.changer();
  for (auto const* before : {"", "no-pty "}) {
    tree.write(keys_path, std::string("  ") + before + key_line + "\n", 0600);
    auto const steps =
        planned(*changer, {"confine_key", key_id(), {{"networks", "10.0.0.7, fd00::/8"}}});
    REQUIRE(steps.size() == 1);
    CHECK(changer->apply(steps[0], std::string("k") + before).outcome == Outcome::done);
    CHECK(tree.read(keys_path) == std::string("from=\"10.0.0.7,fd00::/8\"") +
                                      (*before ? "," : " ") + before + key_line + "\n");
  }
  CHECK(refusal(tree, {"confine_key", key_id(), {{"networks", "10.0.0.8"}}})
            .contains("has a from= already"));
}

TEST_CASE("host changer: a disk that takes no more leaves the old file, and says so") {
  Tree const tree;
  auto const changer = tree.changer();
  auto const step = planned(*changer, remove_key())[0];
  auto const before = tree.read(keys_path);
  auto* const old = std::signal(SIGXFSZ, SIG_IGN);
  rlimit limit{}, small{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &limit) == 0);
  small = {.rlim_cur = 16, .rlim_max = limit.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  auto const outcome = changer->apply(step, "k");
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
  (void)std::signal(SIGXFSZ, old);
  CHECK(outcome.outcome == Outcome::unknown);
  CHECK(outcome.detail == "write " + std::string(keys_path) + ": File too large [unavailable]");
  CHECK(changer->verify(step).truth == Truth::no);
  CHECK(tree.read(keys_path) == before);
  CHECK_FALSE(fs::exists(tree.root + "/home/ci/.ssh/.authorized_keys.reeve-new"));
}

TEST_CASE("host changer: hard links and what a killed attempt left") {
  Tree const tree;
  tree.write("/home/ci/.ssh/.authorized_keys.reeve-new", "half a file");
  auto const changer = tree.changer();
  CHECK(changer->apply(planned(*changer, remove_key())[0], "k").outcome == Outcome::done);
  tree.reset();
  fs::create_hard_link(tree.root + keys_path, tree.root + "/home/ci/twin");
  CHECK(refusal(tree, remove_key()).contains("hard links"));
}

TEST_CASE("host changer: extended attributes go with the file") {
  Tree const tree;
  auto const path = tree.root + keys_path;
  if (::setxattr(path.c_str(), "user.reeve", "kept", 4, 0) != 0) {
    MESSAGE("SKIP: no extended attributes on this file system");
    return;
  }
  auto const changer = tree.changer();
  CHECK(changer->apply(planned(*changer, remove_key())[0], "k").outcome == Outcome::done);
  char value[8] = {};
  CHECK(::getxattr(path.c_str(), "user.reeve", value, sizeof value) == 4);
  CHECK(std::string(value) == "kept");
}

TEST_CASE("lines: what is not a state of a line is refused, not guessed") {
  for (auto const* text : {"", "x", "{}", R"({"text":1})", R"({"text":null,"own":0,"other":0})",
                           R"({"text":"?","own":0,"other":0,"number":0})",
                           R"({"text":"YQ==","own":0,"other":0,"number":0})",
                           R"({"text":null,"own":1,"other":0,"number":0})"}) {
    CAPTURE(text);
    CHECK_FALSE(host::parse_line_state(text).has_value());
  }
  host::LineState const state{.text = "a\0b\xff", .own = 1, .number = 3, .file = "f"};
  CHECK(*host::parse_line_state(host::spell(state)) == state);
}

TEST_CASE("lines: from no line to no line is no move") {
  auto const moved = host::move_line("a\n", {}, {});
  REQUIRE_FALSE(moved.has_value());
  CHECK(moved.error().code() == Errc::conflict);
}

}  // namespace
}  // namespace reeve::connect
