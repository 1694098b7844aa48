// Which program a line of shell is about. People write jobs as "cd /srv && flock -n /run/x.lock
// nice -n 5 ./sync --token=…": what runs is sync. So a line is cut into simple commands, those that
// only prepare are passed over, and what a wrapper runs is taken for the wrapper. That is a reading
// and no shell: nothing is expanded, and what it cannot make out is the first word.
//
// Only one word of the line is ever told, never an argument that could be a secret: a script that
// an interpreter is given counts when it is a path.
//
// Sources: sh(1p) for the grammar; env(1), nice(1), nohup(1), timeout(1), stdbuf(1) of
// coreutils 9.1; flock(1), ionice(1), setsid(1), runuser(1), su(1) of util-linux 2.38; sudo(8) 1.9;
// chronic(1).

#include <algorithm>
#include <span>
#include <vector>

#include "base/text.hpp"
#include "connectors/host/crontab.hpp"

namespace reeve::host {
namespace {

constexpr std::size_t words_max = 1000;
constexpr int depth_max = 4;  ///< sh -c "sh -c '…'"

using Words = std::vector<std::string>;

bool word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool assignment(std::string_view word) {
  auto const equals = word.find('=');
  return equals != word.npos && equals > 0 &&
         std::ranges::all_of(word.substr(0, equals), word_char);
}

bool one_of(std::string_view word, std::span<std::string_view const> words) {
  return std::ranges::find(words, word) != words.end();
}

/// Cuts a line into simple commands of words without quotes. An operator ends a command; '%' ends
/// everything, as cron reads it.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  std::vector<Words> commands() && {
    for (; at_ < text_.size() && count_ < words_max && step(); ++at_) {
    }
    end_command();
    return std::move(out_);
  }

 private:
  bool step() {
    char const c = text_[at_];
    if (quote_ == 0 && c == '%') return false;
    if (c == '\\' && quote_ != '\'' && at_ + 1 < text_.size()) {
      add(text_[++at_]);
    } else if (quote_ != 0) {
      if (c == quote_)
        quote_ = 0;
      else
        add(c);
    } else if (c == '"' || c == '\'') {
      quote_ = c;
      in_word_ = true;
    } else if (c == ' ' || c == '\t') {
      end_word();
    } else if (std::string_view(";&|()\n").contains(c)) {
      if (!redirects(c)) end_command();
    } else if (c == '<' || c == '>') {
      redirect();
    } else {
      add(c);
    }
    return true;
  }
  /// The & of 2>&1 and &>.
  bool redirects(char c) const {
    return c == '&' && ((at_ > 0 && text_[at_ - 1] == '>') ||
                        (at_ + 1 < text_.size() && text_[at_ + 1] == '>'));
  }
  /// What stands before is a number of a file, what follows a file: neither is a word of the
  /// command.
  void redirect() {
    if (std::ranges::all_of(word_, [](char c) { return c >= '0' && c <= '9'; })) word_.clear();
    end_word();
    skip_ = true;
  }
  void add(char c) {
    word_ += c;
    in_word_ = true;
  }
  void end_word() {
    if (in_word_ && !word_.empty()) {
      if (!skip_) words_.push_back(word_), ++count_;
      skip_ = false;
    }
    word_.clear();
    in_word_ = false;
  }
  void end_command() {
    end_word();
    skip_ = false;
    if (!words_.empty()) out_.push_back(std::move(words_));
    words_.clear();
  }

  std::string_view text_;
  std::size_t at_ = 0, count_ = 0;
  char quote_ = 0;
  bool in_word_ = false, skip_ = false;
  std::string word_;
  Words words_;
  std::vector<Words> out_;
};

/// A program that runs another one: its options that take a word, and how many words come before
/// that program.
struct Wrapper {
  std::string_view name, with_word;
  int before = 0;
};
constexpr Wrapper wrappers[] = {
    {"env", "uCS"},          {"nice", "n"},    {"ionice", "cnpPu"},  {"nohup", ""},
    {"exec", "a"},           {"command", ""},  {"builtin", ""},      {"time", "fo"},
    {"setsid", ""},          {"chronic", ""},  {"timeout", "ks", 1}, {"flock", "wE", 1},
    {"sudo", "ughpCrtTRDU"}, {"doas", "uC"},   {"stdbuf", "ioe"},    {"systemd-cat", "tp"},
    {"runuser", "ugGsw"},    {"su", "ugGsw"},  {"chrt", "TPD", 1},   {"busybox", ""},
    {"caffeinate", ""},      {"unbuffer", ""}, {"run-one", ""},      {"ts", ""}};
constexpr std::string_view long_with_word[] = {
    "--user",  "--group", "--signal",     "--kill-after", "--timeout",  "--wait",
    "--unset", "--chdir", "--adjustment", "--class",      "--classdata"};
constexpr std::string_view interpreters[] = {"sh",      "bash", "dash", "ksh", "zsh", "python",
                                             "python3", "perl", "ruby", "php", "node"};
/// They set the stage, or only tell.
constexpr std::string_view preparing[] = {
    "cd",   "test", "[",     "[[",     "export", "set",  "umask", "ulimit", "sleep",
    "true", ":",    "echo",  "printf", "source", ".",    "mkdir", "date",   "trap",
    "for",  "case", "unset", "shopt",  "read",   "exit", "wait",  "cat"};
constexpr std::string_view keywords[] = {"if",    "then",  "else", "elif", "do",
                                         "while", "until", "!",    "{"};

std::string_view base_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

std::string in_line(std::string_view line, int depth);

/// Whether an option takes the word after it: "-u x", "-nu x", not "-ux".
bool takes_word(std::string_view option, std::string_view with_word) {
  if (option.starts_with("--")) return one_of(option, long_with_word);
  auto const at = option.find_first_of(with_word, 1);
  return at != option.npos && at + 1 == option.size();
}

/// The string behind -c, in `words` from `at` on; null: there is none.
std::string const* inline_script(Words const& words, std::size_t at) {
  for (; at + 1 < words.size(); ++at) {
    auto const& word = words[at];
    bool const flag = word.starts_with('-') && !word.starts_with("--") && word.ends_with('c');
    if (flag || word == "--command") return &words[at + 1];
  }
  return nullptr;
}

/// Past options and NAME=value of a wrapper.
std::size_t past_options(Words const& words, std::size_t at, std::string_view with_word) {
  for (; at < words.size(); ++at) {
    auto const& word = words[at];
    if (word == "--") return at + 1;
    if (assignment(word)) continue;
    if (!word.starts_with('-') || word == "-") break;
    if (takes_word(word, with_word)) ++at;
  }
  return at;
}

std::string of_interpreter(Words const& words, std::size_t at, int depth) {
  if (auto const* script = inline_script(words, at + 1);
      script && base_name(words[at]).ends_with("sh"))
    if (auto found = in_line(*script, depth + 1); !found.empty()) return found;
  for (auto next = at + 1; next < words.size(); ++next) {
    auto const& word = words[next];
    if (word.starts_with('-')) continue;
    bool const path = word.contains('/') && !word.contains("://") && !word.contains('@');
    return path ? word : words[at];
  }
  return words[at];
}

/// The program of a simple command; empty: it only prepares.
std::string in_command(Words const& words, int depth) {
  std::size_t at = 0;
  for (int wrapped = 0; at < words.size() && wrapped < 16; ++wrapped) {
    while (at < words.size() && (one_of(words[at], keywords) || assignment(words[at]))) ++at;
    if (at == words.size()) return "";
    auto const name = base_name(words[at]);
    if (one_of(words[at], preparing)) return "";
    if (one_of(name, interpreters)) return of_interpreter(words, at, depth);
    auto const wrapper = std::ranges::find(wrappers, name, &Wrapper::name);
    if (wrapper == std::end(wrappers)) return words[at];
    bool const user_first = name == "su" || name == "runuser" || name == "flock";
    if (auto const* script = user_first ? inline_script(words, at + 1) : nullptr)
      if (auto found = in_line(*script, depth + 1); !found.empty()) return found;
    auto const next =
        past_options(words, at + 1, wrapper->with_word) + std::size_t(wrapper->before);
    if (next >= words.size() || name == "su") return words[at];
    at = next;
  }
  return "";
}

std::string in_line(std::string_view line, int depth) {
  if (depth > depth_max) return "";
  auto const commands = Lexer(line).commands();
  for (auto const& words : commands)
    if (auto found = in_command(words, depth); !found.empty()) return found;
  return "";
}

}  // namespace

std::string program_of(std::string_view command) {
  if (auto found = in_line(command, 0); !found.empty()) return found;
  for (auto const& words : Lexer(command).commands())
    for (auto const& word : words)
      if (!assignment(word)) return word;
  return "";
}

}  // namespace reeve::host
