#include "tidy.hpp"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <set>

#include "base/text.hpp"

namespace reeve::tidy {
namespace {

/// A token that is wrong everywhere but below some folders.
struct Ban {
  std::string_view token;
  std::string_view instead;
  std::vector<std::string_view> allowed = {};  ///< Beginnings of paths.
  enum class In : std::uint8_t { all, tests, product } in = In::all;
};

// A library stays inside the files that adapt it, so a token here is as often an include as a call.
std::vector<Ban> const& bans() {
  static std::vector<Ban> const table = {
      {"std::regex", "RE2, whose time is linear in hostile input"},
      {"<regex>", "RE2, whose time is linear in hostile input"},
      {"system_clock::now(",
       "the Clock you were given",
       {"src/base/clock", "src/cli/cli.cpp", "src/app/"}},
      {"random_device", "the randomness you were given", {"src/crypto/"}},
      {"mt19937", "the randomness you were given", {"src/crypto/", "bench/", "src/posture/"}},
      {"boost/beast", "net/http.hpp", {"src/net/"}},
      {"boost/asio", "net/loop.hpp"},
      {"boost/context", "net/loop.hpp", {"src/net/"}},
      {"boost/json", "base/json.hpp", {"src/base/json"}},
      {"nlohmann", "base/json.hpp"},
      {"yaml-cpp/", "base/yaml.hpp", {"src/base/yaml", "src/posture/rule.cpp"}},
      {"spdlog/", "base/log.hpp", {"src/base/log"}},
      {"prometheus/", "base/metrics.hpp", {"src/base/metrics"}},
      {"sqlite3.h", "sql/database.hpp", {"src/sql/"}},
      {"libpq-fe.h",
       "sql/database.hpp or a client_libpq.cpp",
       {"src/sql/", "src/connectors/postgres/"}},
      {"curl/curl.h", "net/client.hpp", {"src/net/"}},
      {"catch (...)", "the exception that the library says it throws, in the file that calls it"},
      {"TODO(now)", "your hands before it lands; TODO(someday) may stay", {"tests/tidy"}},
      {"std::format", "fmt::format: g++-12 has no <format>"},
      {"std::endl", "'\\n'"},
      {"using namespace std;", "the names you need"},
      {"sprintf(", "fmt::format"},
      {"atoi(", "std::from_chars", {}, Ban::In::product},
      {"std::stoi(", "std::from_chars: stoi throws and skips blanks", {}, Ban::In::product},
      {"std::stol(", "std::from_chars: stol throws and skips blanks", {}, Ban::In::product},
      {"std::system(", "an argument vector and no shell", {}, Ban::In::product},
      {"popen(", "an argument vector and no shell", {}, Ban::In::product},
      {"tmpnam(", "mkdtemp"},
      {"sleep_for(", "a fake clock, or waiting for the event itself", {}, Ban::In::tests},
      {"sleep_until(", "a fake clock, or waiting for the event itself", {}, Ban::In::tests},
      {"usleep(", "a fake clock, or waiting for the event itself", {}, Ban::In::tests},
      {" sleep(", "a fake clock, or waiting for the event itself", {}, Ban::In::tests},
  };
  return table;
}

/// Words of the workplace: neither code nor history says who asked for what on which machine. Put
/// together here, or this file would complain about itself.
std::vector<std::string> const& workplace_words() {
  static std::vector<std::string> const words = {
      std::string("/work/") + "wt",          std::string("/work/") + "main",
      std::string("/work/") + "shared",      std::string("../") + "shared",
      std::string("sub") + "agent",          std::string("BRIEF") + ".md",
      std::string("as the brief") + " says", std::string("as the task") + " says",
      std::string("as reque") + "sted by",   std::string("issues") + " show",
  };
  return words;
}

bool is_cpp(std::string_view path) {
  return path.ends_with(".cpp") || path.ends_with(".hpp");
}

bool is_test(std::string_view path) {
  auto const file = path.substr(path.rfind('/') + 1);
  return file.ends_with("_test.cpp") || file.ends_with("_fake.hpp") || file.starts_with("test_") ||
         path.starts_with("tests/") || path.starts_with("bench/");
}

bool begins_with_any(std::string_view path, std::vector<std::string_view> const& starts) {
  return std::ranges::any_of(starts, [&](auto start) { return path.starts_with(start); });
}

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// Whether `token` stands in `line` and is no part of a longer word.
bool holds(std::string_view line, std::string_view token) {
  for (auto at = line.find(token); at != line.npos; at = line.find(token, at + 1))
    if (at == 0 || !is_word(token.front()) || !is_word(line[at - 1])) return true;
  return false;
}

std::size_t width(std::string_view line) {
  return static_cast<std::size_t>(
      std::ranges::count_if(line, [](char c) { return (c & 0xC0) != 0x80; }));
}

/// Collects complaints about one file; a line with `tidy:` in a comment is left alone.
class Report {
 public:
  explicit Report(File const& file) : file_(file), lines_(split(file.text, '\n')) {}

  std::vector<std::string_view> const& lines() const { return lines_; }
  void add(std::size_t line, std::string_view what) {
    if (lines_[line].contains("// tidy: ")) return;
    complaints_.push_back(file_.path + ":" + std::to_string(line + 1) + ": " + std::string(what));
  }
  Complaints take() && { return std::move(complaints_); }

 private:
  File const& file_;
  std::vector<std::string_view> lines_;
  Complaints complaints_;
};

void check_bans(Report& report, std::string_view path, std::string_view code) {
  auto const blanked = split(code, '\n');
  for (auto const& ban : bans()) {
    if (begins_with_any(path, ban.allowed)) continue;
    if (ban.in != Ban::In::all && is_test(path) != (ban.in == Ban::In::tests)) continue;
    bool const in_comments = ban.token.starts_with("TODO");
    for (std::size_t at = 0; at < blanked.size(); ++at)
      if (holds(in_comments ? report.lines()[at] : blanked[at], ban.token))
        report.add(at, std::string(ban.token) + " is banned; use " + std::string(ban.instead));
  }
}

/// A text may be as long as it is, since nothing can break it: only what is no literal counts.
void check_width(Report& report, std::string_view code) {
  auto const blanked = split(code, '\n');
  for (std::size_t at = 0; at < blanked.size(); ++at) {
    auto const whole = report.lines()[at];
    std::string seen;
    for (std::size_t i = 0; i < whole.size(); ++i)
      if (whole[i] == blanked[at][i]) seen += whole[i];
    if (width(seen) > 100) report.add(at, "longer than 100 columns");
  }
}

void check_words(Report& report) {
  for (std::size_t at = 0; at < report.lines().size(); ++at)
    for (auto const& word : workplace_words())
      if (report.lines()[at].contains(word))
        report.add(at, "\"" + word + "\" belongs to a workplace; say it without");
}

/// A third-party header has a slash or ends in .h: our own stand in quotes, std's have neither.
void check_includes(Report& report, std::string_view path) {
  if (!path.ends_with(".hpp") || is_test(path) || path.starts_with("fuzz/")) return;
  for (std::size_t at = 0; at < report.lines().size(); ++at) {
    auto const line = trim(report.lines()[at]);
    if (!line.starts_with("#include <") || line.contains("<sys/")) continue;
    if (line.contains('/') || line.contains(".h>"))
      report.add(at, "a third-party header in a .hpp; keep it in the .cpp behind a thin type");
  }
}

/// `{` opens an initializer when it touches a name, or follows `=`, `(`, `,`, `return` or the `{`
/// of another initializer; otherwise it opens a block. clang-format puts the blanks this rests on.
bool opens_initializer(std::string_view code, std::size_t at, bool inside_initializer) {
  if (at > 0 && (is_word(code[at - 1]) || code[at - 1] == '>' || code[at - 1] == ']')) return true;
  auto const before = trim(code.substr(0, at));
  if (before.empty()) return false;
  char const last = before.back();
  if (last == '=' || last == '(' || last == ',') return true;
  if (last == '{') return inside_initializer;
  return before.ends_with("return") && (before.size() == 6 || !is_word(before[before.size() - 7]));
}

/// `[` opens a list of captures unless it touches what is indexed.
bool opens_captures(std::string_view code, std::size_t at) {
  if (at + 1 < code.size() && code[at + 1] == '[') return false;  // [[attribute]]
  if (at > 0 && code[at - 1] == '[') return false;
  return at == 0 || !(is_word(code[at - 1]) || code[at - 1] == ')' || code[at - 1] == ']');
}

/// g++-12 leaks the members an initializer had built when TRY returns from the middle of it.
void check_try(Report& report, std::string_view code) {
  enum class Bracket : std::uint8_t { paren, index, block, initializer, captures };
  std::vector<Bracket> open;
  std::size_t line = 0;
  auto const innermost_is_initializer = [&] {
    for (auto it = open.rbegin(); it != open.rend() && *it != Bracket::block; ++it)
      if (*it == Bracket::initializer || *it == Bracket::captures) return true;
    return false;
  };
  for (std::size_t at = 0; at < code.size(); ++at) {
    char const c = code[at];
    if (c == '\n') ++line;
    if (c == '(') open.push_back(Bracket::paren);
    if (c == '[') open.push_back(opens_captures(code, at) ? Bracket::captures : Bracket::index);
    if (c == '{') {
      bool const inside = !open.empty() && open.back() == Bracket::initializer;
      open.push_back(opens_initializer(code, at, inside) ? Bracket::initializer : Bracket::block);
    }
    if ((c == ')' || c == ']' || c == '}') && !open.empty()) open.pop_back();
    auto const rest = code.substr(at);
    bool const is_try = rest.starts_with("TRY(") || rest.starts_with("TRY_DURING(");
    if (is_try && (at == 0 || !is_word(code[at - 1])) && innermost_is_initializer())
      report.add(line, "TRY inside an initializer leaks under g++-12; name the value first");
  }
}

/// A number of four or five digits given to something that listens.
void check_ports(Report& report, std::string_view code) {
  auto const blanked = split(code, '\n');
  for (std::size_t at = 0; at < blanked.size(); ++at) {
    if (!blanked[at].contains(".listen(") && !blanked[at].contains("htons(")) continue;
    for (std::size_t from = 0, digits = 0; from <= blanked[at].size(); ++from) {
      bool const digit = from < blanked[at].size() &&
                         std::isdigit(static_cast<unsigned char>(blanked[at][from])) != 0;
      if (!digit && digits >= 4) report.add(at, "a fixed port; let the kernel choose: port 0");
      digits = digit ? digits + 1 : 0;
    }
  }
}

/// The folder of a path, with its slash.
std::string_view folder(std::string_view path) {
  return path.substr(0, path.rfind('/') + 1);
}

std::string_view name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

/// Texts of the CMakeLists.txt of a folder, of those above it, and of what they all include.
std::string cmake_of(std::string_view path, std::vector<File> const& files) {
  std::string text;
  for (auto const& file : files)
    if (file.path.ends_with(".cmake") ||
        (file.path.ends_with("CMakeLists.txt") && path.starts_with(folder(file.path))))
      text += file.text + "\n";
  return text;
}

/// reeve_fuzz(x …) and reeve_bench(x …) stand for x.cpp.
bool is_built(std::string_view path, std::string const& cmake) {
  auto const file = name(path);
  auto const stem = file.substr(0, file.size() - 4);
  return holds(cmake, file) || cmake.contains("reeve_fuzz(" + std::string(stem) + " ") ||
         cmake.contains("reeve_bench(" + std::string(stem) + " ");
}

}  // namespace

Complaints check_file(File const& file) {
  Report report(file);
  check_words(report);
  if (!is_cpp(file.path)) return std::move(report).take();
  auto const code = blank_literals(file.text);
  check_bans(report, file.path, code);
  check_width(report, code);
  check_includes(report, file.path);
  check_try(report, code);
  if (is_test(file.path)) check_ports(report, code);
  return std::move(report).take();
}

Complaints find_dead(std::vector<File> const& files) {
  std::set<std::string> included;
  for (auto const& file : files)
    for (auto const line : split(file.text, '\n'))
      if (is_cpp(file.path) && line.starts_with("#include \""))
        included.insert(std::string(name(split(line, '"')[1])));
  Complaints dead;
  for (auto const& [path, text] : files) {
    if (path.ends_with(".cpp") && !is_built(path, cmake_of(path, files)))
      dead.push_back(path + ": no CMakeLists.txt names it; add it or delete it");
    if (path.ends_with(".hpp") && !included.contains(std::string(name(path))))
      dead.push_back(path + ": nobody includes it; delete it");
  }
  return dead;
}

namespace {

/// The literals in a call, `crash_point("audit:half:" + …)`, ":" alone left out.
std::vector<std::string> literals_in(std::string_view call) {
  std::vector<std::string> out;
  for (auto at = call.find('"'); at != call.npos; at = call.find('"', at)) {
    auto const end = call.find('"', at + 1);
    if (end == call.npos) break;
    std::string literal(call.substr(at + 1, end - at - 1));
    if (literal != ":" && !literal.empty()) out.push_back(std::move(literal));
    at = end + 1;
  }
  return out;
}

/// What crash_point and helpers of its name, which end in "crash", are called with.
std::vector<std::string> crash_literals(File const& file) {
  std::vector<std::string> out;
  auto const code = std::string_view(file.text);
  for (auto at = code.find("crash"); at != code.npos; at = code.find("crash", at + 1)) {
    auto const open = code.find('(', at);
    if (open == code.npos) break;
    auto const word = code.substr(at, open - at);
    if (word != "crash" && word != "crash_point" && !word.starts_with("crash_prefix_")) continue;
    auto end = open;
    for (int depth = 0; end < code.size(); ++end)
      if (code[end] == '(')
        ++depth;
      else if (code[end] == ')' && --depth == 0)
        break;
    for (auto& literal : literals_in(code.substr(open, end - open)))
      out.push_back(std::move(literal));
  }
  return out;
}

/// "plan:step:N:before" -> "plan:step:", ":before".
std::vector<std::string> fixed_parts(std::string_view point) {
  std::vector<std::string> out(1);
  for (char const c : point) {
    bool const varies = c >= 'A' && c <= 'Z';
    if (!varies)
      out.back() += c;
    else if (!out.back().empty())
      out.emplace_back();
  }
  std::erase(out, "");
  return out;
}

std::vector<std::string> documented_points(std::string_view text) {
  std::vector<std::string> out;
  constexpr std::string_view head = "| crash point |";
  auto at = text.find(head);
  for (at = at == text.npos ? at : text.find('\n', at); at != text.npos;) {
    auto const row = text.substr(at + 1, text.find('\n', at + 1) - at - 1);
    if (!row.starts_with("|")) break;
    if (row.starts_with("| `")) out.emplace_back(row.substr(3, row.find('`', 3) - 3));
    at = text.find('\n', at + 1);
  }
  return out;
}

}  // namespace

Complaints check_crash_points(std::vector<File> const& files) {
  std::vector<std::string> points;
  std::set<std::string> literals;
  for (auto const& file : files) {
    if (file.path == "docs/assurance.md") points = documented_points(file.text);
    if (!file.path.starts_with("src/") || !file.path.ends_with(".cpp") ||
        file.path.ends_with("_test.cpp") || file.path == "src/base/crash.cpp")
      continue;
    for (auto& literal : crash_literals(file)) literals.insert(std::move(literal));
  }
  Complaints out;
  for (auto const& literal : literals)
    if (std::ranges::none_of(points, [&](auto const& p) { return p.contains(literal); }))
      out.push_back("docs/assurance.md: no row for crash point " + literal +
                    "; add one, and a test");
  // A part of a documented point is made of literals: what is left when they are taken out is none.
  for (auto const& point : points)
    for (auto const& part : fixed_parts(point))
      if (std::ranges::none_of(literals, [&](auto const& l) {
            return part.ends_with(l) || part.ends_with(":" + l) || l.ends_with(part);
          }))
        out.push_back("docs/assurance.md: the code has no crash point " + point + "; take it out");
  return out;
}

}  // namespace reeve::tidy
