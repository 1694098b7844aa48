// What may be changed on a host: who may read a file, and which keys open an account.
//
// A file is told by its inode and owner as well as its path: one that was put in its place since
// the preview is another file and left alone. Others lose their rights always; the group loses them
// too unless somebody besides the owner is in it, or we cannot tell.
//
// A line of authorized_keys is told by its text. It is taken out, or given from= in front of the
// options it has (sshd(8), "AUTHORIZED_KEYS FILE FORMAT": options are separated by commas; of two
// from= both must allow). sshd reads the file at each login, so a change holds from the next one
// on; sessions that are open stay open.

#include "connectors/host/changer_host.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>

#include "base/file.hpp"
#include "base/text.hpp"
#include "connectors/host/authorized_keys.hpp"
#include "connectors/host/changer_file.hpp"
#include "connectors/host/changer_line.hpp"
#include "connectors/host/host.hpp"
#include "connectors/host/lines.hpp"

namespace reeve::connect {
namespace {

constexpr std::size_t keys_bytes_max = 16u << 20;
constexpr std::size_t names_bytes_max = 16u << 20;
constexpr std::size_t networks_max = 64;
std::string octal(std::uint32_t mode) {
  std::string out = "0000";
  for (std::size_t n = 4; n-- > 0; mode >>= 3U) out[n] = char('0' + (mode & 7U));
  return out;
}

std::string spell_mode(struct stat const& raw, std::uint32_t mode) {
  return "mode " + octal(mode) + " owner " + std::to_string(raw.st_uid) + ":" +
         std::to_string(raw.st_gid) + " inode " + std::to_string(raw.st_dev) + ":" +
         std::to_string(raw.st_ino);
}

/// The mode in a state; empty: it is none.
std::optional<std::uint32_t> mode_in(std::string_view state) {
  if (!state.starts_with("mode ") || state.size() < 10) return {};
  std::uint32_t out = 0;
  for (char const c : state.substr(5, 4)) {
    if (c < '0' || c > '7') return {};
    out = out * 8 + std::uint32_t(c - '0');
  }
  return out;
}

/// native_id of a key: ssh_key:ACCOUNT:PATH:SHA256:…; an account's name holds no colon.
struct KeyName {
  std::string account, path, fingerprint;
};
Result<KeyName> parse_key_name(std::string_view id) {
  auto const refuse = fail(Errc::invalid, "not a key in a file of this host: " + std::string(id));
  auto const parts = split(id, ':');
  auto const end = id.rfind(":SHA256:");
  if (parts.size() < 5 || parts[0] != "ssh_key" || end == id.npos) return refuse;
  auto const start = parts[0].size() + parts[1].size() + 2;
  if (end <= start) return refuse;
  return KeyName{std::string(parts[1]), std::string(id.substr(start, end - start)),
                 std::string(id.substr(end + 1))};
}

/// "10.0.0.7", "10.0.0.0/8", "fd00::/8": an address or a network, as sshd takes it.
bool is_network(std::string const& text) {
  auto const slash = text.find('/');
  auto const address = text.substr(0, slash);
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  bool const four = ::inet_pton(AF_INET, address.c_str(), bytes.data()) == 1;
  if (!four && ::inet_pton(AF_INET6, address.c_str(), bytes.data()) != 1) return false;
  if (slash == text.npos) return true;
  auto const bits = host::number<int>(text.substr(slash + 1));
  return bits && *bits >= 0 && *bits <= (four ? 32 : 128);
}

Result<std::string> networks_of(Action const& action) {
  std::vector<std::string> out;
  for (auto const part : split(parameter(action, "networks"), ',')) {
    auto const network = std::string(trim(part));
    if (network.empty()) continue;
    if (!is_network(network))
      return fail(Errc::invalid, "not an address or network: " + shortened(network, 100));
    if (std::ranges::find(out, network) == out.end()) out.push_back(network);
  }
  if (out.empty() || out.size() > networks_max)
    return fail(Errc::invalid, "parameter networks: 1 to 64 addresses or networks, commas apart");
  return join(out, ",");
}

/// The line for a person: no argument of command= and no value of environment= is shown.
std::string shown(host::AuthorizedKey const& key, std::string const& more = "") {
  auto options = key.restrictions();
  if (!more.empty()) options = more + (options.empty() ? "" : "," + options);
  return (options.empty() ? "" : options + " ") + key.algorithm + " " + key.key.fingerprint +
         (key.comment.empty() ? "" : " " + clean_utf8(key.comment));
}

/// The text of line `number` (from 1) of a file, with its line end when that is CR LF.
std::string raw_line(std::string_view text, int number) {
  return std::string(split(text, '\n').at(std::size_t(number) - 1));
}

class HostChanger final : public Changer {
 public:
  HostChanger(std::string source, host::Handle root)
      : source_(std::move(source)), root_(std::move(root)) {}

  Info const& info() const override { return host_info(); }
  std::string_view source() const override { return source_; }

 private:
  Result<Plan> do_plan(Action const& action) override {
    if (action.kind == "file_mode") return plan_mode(action.subject);
    if (action.kind != "remove_key" && action.kind != "confine_key")
      return fail(Errc::invalid, "unknown here; one of: file_mode, remove_key, confine_key");
    auto const name = TRY(parse_key_name(action.subject));
    std::string networks;
    if (action.kind == "confine_key") networks = TRY(networks_of(action));
    return plan_key(name, networks);
  }

  // --- file_mode

  Result<Plan> plan_mode(std::string const& path) {
    auto const held = TRY(host::hold_file(root_.get(), path));
    auto const now = held.raw.st_mode & 07777U;
    bool const group = group_needed(held.raw);
    auto const then = now & ~(group ? 07U : 077U);
    Plan out;
    if (then == now) return out;
    out.steps.push_back(
        {.kind = "file_mode",
         .subject = path,
         .title = "Others may no longer read " + path + ".",
         .before = spell_mode(held.raw, now),
         .after = spell_mode(held.raw, then),
         .reversible = true,
         .preview = "chmod " + octal(then) + " " + shell_quote(path) + "   # was " + octal(now)});
    if (group && (now & 070U) != 0)
      out.warnings.push_back("Group " + std::to_string(held.raw.st_gid) +
                             " keeps its rights: others than the owner may be in it.");
    if (held.raw.st_nlink > 1)
      out.warnings.emplace_back("The file has further names (hard links); all of them change.");
    out.warnings.emplace_back(
        "Who reads the file is not recorded by the system: a program that reads it as another "
        "account would fail.");
    return out;
  }

  /// False only when nobody but the owner can be in the group.
  bool group_needed(struct stat const& raw) const {
    auto const users = names("/etc/passwd"), groups = names("/etc/group");
    if (!users || !groups) return true;
    std::string owner;
    for (host::Lines lines(*users); lines.next();) {
      auto const fields = split(lines.text(), ':');
      if (fields.size() < 4) continue;
      if (fields[2] == std::to_string(raw.st_uid)) {
        owner = fields[0];
      } else if (fields[3] == std::to_string(raw.st_gid) && fields[2] != "0") {
        return true;
      }
    }
    for (host::Lines lines(*groups); lines.next();) {
      auto const fields = split(lines.text(), ':');
      if (fields.size() < 4 || fields[2] != std::to_string(raw.st_gid)) continue;
      for (auto const member : split(fields[3], ','))
        if (!member.empty() && member != owner && member != "root") return true;
      return false;
    }
    return true;
  }

  Result<std::string> names(std::string_view path) const {
    auto const held = TRY(host::hold_file(root_.get(), path));
    return host::read_all(held, names_bytes_max);
  }

  Result<> apply_mode(Step const& step) {
    auto const to = mode_in(step.after);
    if (!to) return fail(Errc::conflict, "not a mode: " + step.after);
    auto const held = TRY(host::hold_file(root_.get(), step.subject));
    auto const now = spell_mode(held.raw, held.raw.st_mode & 07777U);
    if (now != step.before)
      return fail(Errc::conflict, held.path + " is not as in the preview: it was " + step.before +
                                      " and is " + now + "; preview again");
    if (::fchmod(held.file.get(), *to) != 0) return system_error(errno, "chmod " + held.path);
    if (::fsync(held.file.get()) != 0) return system_error(errno, "sync " + held.path);
    return {};
  }

  Result<Verdict> verify_mode(Step const& step) {
    auto const held = TRY(host::hold_file(root_.get(), step.subject));
    auto const now = spell_mode(held.raw, held.raw.st_mode & 07777U);
    return Verdict{now == step.after ? Truth::yes : Truth::no, held.path + ": " + now};
  }

  // --- key_line

  /// A step for each line with that key, so that none of them opens the account any more.
  Result<Plan> plan_key(KeyName const& name, std::string const& networks) {
    auto const held = TRY(host::hold_file(root_.get(), name.path));
    if (held.raw.st_nlink > 1)
      return fail(Errc::conflict, held.path + " has hard links, and is left alone");
    auto text = TRY(host::read_all(held, keys_bytes_max));
    Plan out;
    for (int from = 0;;) {
      auto const keys = host::parse_authorized_keys(text).keys;
      auto const key = std::ranges::find_if(keys, [&](host::AuthorizedKey const& k) {
        return k.line > from && k.key.fingerprint == name.fingerprint;
      });
      if (key == keys.end()) break;
      from = networks.empty() ? 0 : key->line;
      if (!networks.empty() && key->option("from"))
        return fail(Errc::invalid, held.path + ":" + std::to_string(key->line) +
                                       " has a from= already; change it by hand");
      text = add_step(name, *key, text, networks, out);
    }
    if (out.steps.empty())
      return fail(Errc::not_found,
                  held.path + " holds no key " + name.fingerprint + " any more; look again");
    out.warnings.emplace_back("Sessions that are open stay open: see who -u, pkill -u.");
    if (out.steps.size() > 1)
      out.warnings.push_back("The key stands there " + std::to_string(out.steps.size()) +
                             " times; each line is changed.");
    return out;
  }

  /// The text after it.
  static std::string add_step(KeyName const& name, host::AuthorizedKey const& key,
                              std::string const& text, std::string const& networks, Plan& plan) {
    std::optional<std::string> to;
    auto const option = "from=\"" + networks + "\"";
    if (!networks.empty())
      to = option + (key.options.empty() ? " " : ",") +
           std::string(
               raw_line(text, key.line).substr(raw_line(text, key.line).find_first_not_of(" \t")));
    auto const change = host::change_line(text, std::size_t(key.line) - 1, std::move(to));
    auto const at = name.path + ":" + std::to_string(key.line);
    plan.steps.push_back(
        {.kind = "key_line",
         .subject = name.path,
         .title = networks.empty()
                      ? "Key " + name.fingerprint + " may no longer log in as " + name.account + "."
                      : "Key " + name.fingerprint + " may log in as " + name.account + " from " +
                            networks + " only.",
         .before = host::spell(change.before),
         .after = host::spell(change.after),
         .reversible = true,
         .preview =
             at + "\n- " + shown(key) + (networks.empty() ? "" : "\n+ " + shown(key, option))});
    return change.text;
  }

  Result<> apply_line(Step const& step) {
    auto const from = TRY(host::parse_line_state(step.before));
    auto const to = TRY(host::parse_line_state(step.after));
    auto const held = TRY(host::hold_file(root_.get(), step.subject));
    auto const text = TRY(host::read_all(held, keys_bytes_max));
    auto const then = TRY_DURING(host::move_line(text, from, to), held.path);
    return host::replace(held, then);
  }

  Result<Verdict> verify_line(Step const& step) {
    auto const from = TRY(host::parse_line_state(step.before));
    auto const to = TRY(host::parse_line_state(step.after));
    std::string text;
    auto const held = host::hold_file(root_.get(), step.subject);
    if (!held && held.error().code() != Errc::not_found) return std::unexpected(held.error());
    if (held) text = TRY(host::read_all(*held, keys_bytes_max));
    bool const yes = host::stands(text, to, from);
    return Verdict{yes ? Truth::yes : Truth::no,
                   step.subject + (!held ? " does not exist"
                                   : yes ? ": the line is as planned"
                                         : ": the line is not as planned")};
  }

  Result<ApplyOutcome> do_apply(Step const& step) override {
    if (step.kind == "file_mode")
      TRY(apply_mode(step));
    else
      TRY(apply_line(step));
    return ApplyOutcome{.outcome = Outcome::done};
  }
  Result<Verdict> do_verify(Step const& step) override {
    return step.kind == "file_mode" ? verify_mode(step) : verify_line(step);
  }

  /// A line comes back to a file that others wrote to meanwhile.
  Step do_undo(Step inverse) const override {
    inverse.title = "Take back: " + inverse.title;
    if (inverse.kind == "file_mode") {
      inverse.preview =
          "chmod " + octal(mode_in(inverse.after).value_or(0)) + " " + shell_quote(inverse.subject);
    } else if (auto state = host::parse_line_state(inverse.before); state) {
      state->file.clear();
      inverse.before = host::spell(*state);
      inverse.preview = "the other way round: " + inverse.preview;
    }
    return inverse;
  }

  std::string source_;
  host::Handle root_;
};

}  // namespace

Result<std::unique_ptr<Changer>> make_host_changer(std::string source, std::string const& root) {
  host::Handle dir(::open(root.empty() ? "/" : root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!dir.ok()) return system_error(errno, "open " + root);
  return std::make_unique<HostChanger>(std::move(source), std::move(dir));
}

Result<std::unique_ptr<Changer>> open_host_changer(std::string source, Settings const& settings) {
  return make_host_changer(std::move(source), std::string(settings.text("root")));
}

}  // namespace reeve::connect
