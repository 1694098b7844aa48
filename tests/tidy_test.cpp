// House rules as a test: the rules are tried on small texts first, then on the tree itself.

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tidy.hpp"

namespace reeve::tidy {
namespace {

namespace fs = std::filesystem;

bool is_skipped(fs::path const& path) {
  auto const name = path.filename().string();
  return name == ".git" || name == "build" || name == "node_modules" || name == "corpus" ||
         name == "testdata" || name == ".ci";
}

bool is_read(std::string const& path) {
  if (path == "dev") return true;
  constexpr std::string_view ends[] = {".cpp", ".hpp", ".txt",  ".cmake", ".sql",
                                       ".sh",  ".md",  ".yaml", ".json",  ".tsv"};
  return std::ranges::any_of(ends, [&](auto end) { return path.ends_with(end); });
}

/// Every file of the tree that a person wrote.
std::vector<File> read_tree() {
  fs::path const root = REEVE_SOURCE_DIR;
  std::vector<File> files;
  for (auto it = fs::recursive_directory_iterator(root); it != fs::recursive_directory_iterator();
       ++it) {
    if (is_skipped(it->path())) it.disable_recursion_pending();
    auto const path = it->path().lexically_relative(root).string();
    if (!it->is_regular_file() || !is_read(path)) continue;
    std::ifstream in(it->path(), std::ios::binary);
    files.push_back({path, {std::istreambuf_iterator<char>(in), {}}});
  }
  std::ranges::sort(files, {}, &File::path);
  return files;
}

}  // namespace

TEST_CASE("tidy: comments and literals are no code, and every line keeps its place") {
  struct Case {
    std::string_view text, want;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"a; // b\nc", "a;     \nc"},
           {"a /* b\nc */ d", "a     \n     d"},
           {R"(f("x\"y", 'z'))", R"(f(      ,    ))"},
           {"R\"m(a\")b)m\" c", "R           c"},
           {"1'000'000 + 'x'", "1'000'000 +    "},
           {"\"open\nnext", "     \nnext"},
       }) {
    CAPTURE(c.text);
    CHECK(blank_literals(c.text) == c.want);
  }
}

TEST_CASE("tidy: a ban names its replacement, and holds only where it is meant to") {
  struct Case {
    std::string path, text;
    std::size_t complaints;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"src/scan/a.cpp", "std::regex r;", 1},
           {"src/scan/a.cpp", "// std::regex would be slow", 0},
           {"src/scan/a.cpp", "auto s = \"std::regex\";", 0},
           {"src/scan/a.cpp", "#include <boost/beast/http.hpp>", 1},
           {"src/net/parser.cpp", "#include <boost/beast/http.hpp>", 0},
           {"src/scan/a.cpp", "} catch (...) {", 1},
           {"src/scan/a.cpp", "// TODO(now): finish", 1},
           {"src/scan/a.cpp", "// TODO(someday): maybe", 0},
           {"src/scan/a.cpp", "auto now = std::chrono::system_clock::now();", 1},
           {"src/base/clock.cpp", "auto now = std::chrono::system_clock::now();", 0},
           {"src/scan/a.cpp", "std::this_thread::sleep_for(1s);", 0},
           {"src/scan/a_test.cpp", "std::this_thread::sleep_for(1s);", 1},
           {"src/scan/a_test.cpp", "server.listen(8080);", 1},
           {"src/scan/a_test.cpp", "server.listen(0);", 0},
           {"src/scan/a.cpp", "my_atoi(x);", 0},
           {"src/scan/a.cpp", "std::system(command);", 1},
           {"src/scan/shell_fake.hpp", "std::system(command);", 0},
           {"src/scan/a.cpp", "f(\"" + std::string(200, 'x') + "\");", 0},
           {"src/scan/a.hpp", "#include <fmt/core.h>", 1},
           {"src/scan/a.hpp", "#include <vector>", 0},
           {"src/scan/a.cpp", std::string(101, 'x'), 1},
           {"src/scan/a.cpp", std::string(98, 'x') + "éé", 0},
           {"src/scan/a.cpp", "std::regex r;  // tidy: shows what not to do", 0},
           {"docs/a.md", std::string("see ../") + "shared for it", 1},
       }) {
    CAPTURE(c.text);
    auto const complaints = check_file({c.path, c.text});
    CHECK(complaints.size() == c.complaints);
    for (auto const& complaint : complaints) CHECK(complaint.starts_with(c.path + ":1: "));
  }
}

TEST_CASE("tidy: TRY stands alone, never inside the braces of an initializer") {
  struct Case {
    std::string text;
    bool wrong;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"auto const x = TRY(f());", false},
           {"TRY(f());", false},
           {"return TRY(f());", false},
           {"if (a) { TRY(f()); }", false},
           {"auto g = [&](int x) -> Result<int> { return TRY(f(x)); };", false},
           {"auto g = [x] { return TRY(f(x)); };", false},
           {"row.name = TRY(f());", false},
           {"list[TRY(f())] = 1;", false},
           {"use(TRY(f()), 1);", false},
           {"Point p{TRY(f()), 1};", true},
           {"Point p = {1, TRY(f())};", true},
           {"return {TRY(f()), 1};", true},
           {"return Point{\n    .x = 1,\n    .y = TRY_DURING(f(), \"y\")};", true},
           {"use({1, TRY(f())});", true},
           {"Point p = {1, g(TRY(f()))};", true},
           {"std::vector<int>{TRY(f())};", true},
           {"Line l = {{1, TRY(f())}, b};", true},
           {"auto g = [x = TRY(f())] { return x; };", true},
           {"Point p = {1, [&] { TRY(f()); return 1; }()};", false},
           {"int RETRY(int); auto p = Point{RETRY(1)};", false},
       }) {
    CAPTURE(c.text);
    CHECK(check_file({"src/a/a.cpp", c.text}).empty() == !c.wrong);
  }
}

TEST_CASE("tidy: a file that no build names and a header that nobody includes are dead") {
  std::vector<File> const files = {
      {"src/a/CMakeLists.txt", "reeve_module(a SOURCES used.cpp)"},
      {"src/a/used.cpp", "#include \"a/used.hpp\""},
      {"src/a/unused.cpp", ""},
      {"src/a/used.hpp", ""},
      {"src/a/lost.hpp", ""},
      {"fuzz/CMakeLists.txt", "reeve_fuzz(a DEPS a)"},
      {"fuzz/a.cpp", ""},
      {"fuzz/b.cpp", ""},
  };
  auto const dead = find_dead(files);
  REQUIRE(dead.size() == 3);
  CHECK(dead[0].starts_with("src/a/unused.cpp: "));
  CHECK(dead[1].starts_with("src/a/lost.hpp: "));
  CHECK(dead[2].starts_with("fuzz/b.cpp: "));
}

TEST_CASE("tidy: a crash point without a row, and a row without its point, are told") {
  std::string const code = R"(crash_point("begin"); crash_point("page:" + n); crash(n, "after");)";
  auto const told = [&](std::string const& rows) {
    return check_crash_points(
        {{"src/a/a.cpp", code},
         {"docs/assurance.md", "| crash point | what |\n|---|---|\n" + rows}});
  };
  std::string const all = "| `begin` | x |\n| `page:N` | x |\n| `plan:step:N:after` | x |\n";
  CHECK(told("| `begin` | x |\n").size() == 2);
  CHECK(told(all + "| `merge` | x |\n").size() == 2);  // plan:step: has no code here either
  CHECK(told("").size() == 3);
}

TEST_CASE("tidy: the tree keeps the house rules") {
  auto const files = read_tree();
  REQUIRE(files.size() > 50);
  for (auto const& file : files)
    for (auto const& complaint : check_file(file)) FAIL_CHECK(complaint);
  for (auto const& complaint : find_dead(files)) FAIL_CHECK(complaint);
  for (auto const& complaint : check_crash_points(files)) FAIL_CHECK(complaint);
}

}  // namespace reeve::tidy
