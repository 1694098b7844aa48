#include "scan/command.hpp"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "base/text.hpp"
#include "scan/name.hpp"
#include "scan/value.hpp"

namespace reeve::scan {
namespace {

constexpr std::size_t arguments_max = 4096;

using List = std::initializer_list<std::string_view>;

bool one_of(std::string_view word, List list) {
  return std::ranges::find(list, word) != list.end();
}

std::string_view base_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

/// How the argument after a short flag is to be read.
enum class Next : std::uint8_t { nothing, password, user_and_password, header, assignment };

struct Short {
  std::string_view program, flag;
  Next next;
};

constexpr Short shorts[] = {
    {"sshpass", "-p", Next::password},       {"redis-cli", "-a", Next::password},
    {"ldapsearch", "-w", Next::password},    {"ldapmodify", "-w", Next::password},
    {"ldapadd", "-w", Next::password},       {"ldapwhoami", "-w", Next::password},
    {"ldappasswd", "-w", Next::password},    {"ldapdelete", "-w", Next::password},
    {"mongo", "-p", Next::password},         {"mongosh", "-p", Next::password},
    {"mongodump", "-p", Next::password},     {"sqlcmd", "-P", Next::password},
    {"mosquitto_pub", "-P", Next::password}, {"mosquitto_sub", "-P", Next::password},
    {"ipmitool", "-P", Next::password},      {"snmpwalk", "-A", Next::password},
    {"curl", "-u", Next::user_and_password}, {"http", "-a", Next::user_and_password},
    {"docker", "-p", Next::nothing},         {"az", "-p", Next::password},
};

Next after_flag(std::string_view program, std::string_view flag) {
  if (one_of(flag, {"-H", "--header", "--headers", "--http-header", "--proxy-header"}))
    return Next::header;
  if (one_of(flag, {"-e", "--env", "-E", "--build-arg", "--set", "--var", "-var", "--set-string"}))
    return Next::assignment;
  if (program == "curl" && one_of(flag, {"--user", "--proxy-user", "-U"}))
    return Next::user_and_password;
  for (auto const& row : shorts)
    if (row.program == program && row.flag == flag) return row.next;
  return Next::nothing;
}

class Reader {
 public:
  Reader(std::span<std::string const> argv, std::vector<ArgumentMatch>& out)
      : argv_(argv), out_(out) {}

  void read() {
    for (at_ = 0; at_ < std::min(argv_.size(), arguments_max); ++at_) argument(argv_[at_]);
  }

 private:
  /// The secrets of a part of an argument that begins at byte `from`.
  bool add(std::string_view name, std::size_t index, std::size_t from, Place place) {
    auto found = judge(name, std::string_view(argv_[index]).substr(from), place);
    for (auto& match : found) {
      match.at += from;
      out_.push_back({index, std::move(match)});
    }
    return !found.empty();
  }

  void argument(std::string_view text) {
    if (program_.empty() && !text.contains('=')) program_ = std::string(base_name(text));
    if (text.size() > 1 && text.front() == '-') return flag(text);
    assignment(at_, 0, {});
    if (is_program_wrapper(program_)) program_.clear();  // "env", "sudo": the real one follows
  }

  static bool is_program_wrapper(std::string_view program) {
    return one_of(program, {"env", "sudo", "nohup", "exec", "nice", "timeout", "doas", "setsid"});
  }

  void flag(std::string_view text) {
    auto const equals = text.find('=');
    if (equals != std::string_view::npos) return assignment(at_, 0, {});
    if (attached_password(text)) return;
    auto const next = after_flag(program_, text);
    if (at_ + 1 >= argv_.size()) return void(add({}, at_, 0, Place::anywhere));
    if (next != Next::nothing) return follow(next);
    auto const promise = judge_name(text).promise;
    bool const promises =
        promise == Promise::secret || promise == Promise::password || promise == Promise::perhaps;
    auto const& value = argv_[at_ + 1];
    if (!promises || value.starts_with("-")) return void(add({}, at_, 0, Place::anywhere));
    ++at_;
    add(text, at_, 0, Place::anywhere);
  }

  /// mysql and its kin take the password glued to -p.
  bool attached_password(std::string_view text) {
    if (!one_of(program_,
                {"mysql", "mysqldump", "mysqladmin", "mariadb", "mariadb-dump", "mariadb-admin"}) ||
        !text.starts_with("-p") || text.size() < 4)
      return false;
    return add("password", at_, 2, Place::value);
  }

  void follow(Next next) {
    auto const index = ++at_;
    auto const& value = argv_[index];
    if (next == Next::header) return assignment(index, 0, ":");
    if (next == Next::assignment) return assignment(index, 0, "=");
    if (next == Next::password) return void(add("password", index, 0, Place::value));
    auto const colon = value.find(':');
    if (colon == std::string::npos) return;
    auto const before = out_.size();
    add("password", index, colon + 1, Place::value);
    for (auto i = before; i < out_.size(); ++i)
      out_[i].match.account = clean_utf8(value.substr(0, colon));
  }

  /// NAME=value, --name=value, Name: value; any other text is looked at as a value.
  void assignment(std::size_t index, std::size_t from, std::string_view separators) {
    auto const text = std::string_view(argv_[index]).substr(from);
    auto const cut = text.find_first_of(separators.empty() ? "=" : separators);
    bool const named = cut != std::string_view::npos && cut > 0 && cut < 128 &&
                       text.substr(0, cut).find_first_of(" /?&") == std::string_view::npos;
    add(named ? text.substr(0, cut) : std::string_view(), index, named ? from + cut + 1 : from,
        Place::anywhere);
  }

  std::span<std::string const> argv_;
  std::vector<ArgumentMatch>& out_;
  std::string program_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<ArgumentMatch> judge_command(std::span<std::string const> argv) {
  std::vector<ArgumentMatch> all;
  Reader(argv, all).read();
  return all;
}

std::vector<std::string> redacted_command(std::span<std::string const> argv,
                                          std::span<ArgumentMatch const> matches) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < argv.size(); ++i) {
    std::string text;
    std::size_t done = 0;
    for (auto const& [index, match] : matches) {
      if (index != i || match.verdict != Verdict::secret || match.at < done) continue;
      text.append(argv[i], done, match.at - done).append("‹").append(match.kind).append("›");
      done = match.at + match.size;
    }
    out.push_back(clean_utf8(text.append(argv[i], done)));
  }
  return out;
}

std::vector<std::string> split_command(std::string_view line) {
  std::vector<std::string> words;
  bool open = false;
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    char const c = line[i];
    bool const blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (quote == 0 && blank) {
      open = false;
      continue;
    }
    if (!open) words.emplace_back();
    open = true;
    if (quote == 0 && (c == '"' || c == '\''))
      quote = c;
    else if (quote != 0 && c == quote)
      quote = 0;
    else if (c == '\\' && quote != '\'' && i + 1 < line.size())
      words.back() += line[++i];
    else
      words.back() += c;
  }
  return words;
}

}  // namespace reeve::scan
