// Reads what tells of accounts and joins it by name, as login programs do: shadow, group, sshd's
// and sudo's configuration, and the logs of logins. Only /etc/passwd has to be there; every other
// file that is refused becomes a gap with the name of the permission, and a file that does not
// exist is simply not there.
//
// Logs are read from their end, at most log_bytes_max of each: an auth.log may hold gigabytes.

#include "connectors/host/system.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "connectors/host/gzip.hpp"
#include "connectors/host/journal.hpp"

namespace reeve::host {
namespace {

constexpr std::size_t file_bytes_max = 16 << 20;
constexpr std::size_t sudoers_bytes_max = 4 << 20;
constexpr std::size_t log_bytes_max = 8 << 20;
constexpr std::size_t packed_bytes_max = 64 << 20;
constexpr std::size_t logs_max = 100;  ///< Files of a kind.
constexpr std::size_t folder_max = 10'000;
constexpr int include_depth_max = 16;

class Reader {
 public:
  explicit Reader(Tree& tree) : tree_(tree) {}

  Result<System> read() && {
    auto passwd_text = TRY(tree_.read("/etc/passwd", file_bytes_max));
    auto passwd = parse_passwd(passwd_text);
    add_malformed(out_.gaps, ObjectClass::identity, "/etc/passwd", passwd.malformed);
    hostname();
    people();
    shadow();
    for (auto& entry : passwd.entries) add(std::move(entry));
    groups();
    sshd();
    sudo();
    lastlog();
    wtmp();
    auth_log();
    journal();
    return std::move(out_);
  }

 private:
  /// Empty: not there, or a gap.
  std::optional<std::string> text(std::string const& path, std::size_t max, ObjectClass about,
                                  std::string_view permission) {
    auto bytes = tree_.read(path, max);
    if (bytes) return std::move(*bytes);
    if (bytes.error().code() != Errc::not_found)
      out_.gaps.push_back(gap_of(about, "", permission, bytes.error()));
    return {};
  }

  void hostname() {
    auto const found = text("/etc/hostname", 4096, ObjectClass::resource, read_hostname);
    if (!found) return;
    for (Lines lines(*found); lines.next();)
      if (auto const name = trim(lines.text()); !name.empty() && !name.starts_with('#')) {
        out_.hostname = shortened(clean_utf8(name), 255);
        return;
      }
  }

  void people() {
    if (auto const found = tree_.read("/etc/login.defs", file_bytes_max))
      out_.people = parse_login_defs(*found);
  }

  void shadow() {
    auto found = text("/etc/shadow", file_bytes_max, ObjectClass::credential, read_shadow);
    if (!found) return;
    auto parsed = parse_shadow(*found);
    wipe(*found);
    out_.reads_shadow = true;
    out_.shadow = std::move(parsed.entries);
    add_malformed(out_.gaps, ObjectClass::credential, "/etc/shadow", parsed.malformed);
    for (auto const& entry : out_.shadow) shadow_.emplace(entry.name, &entry);
  }

  void add(PasswdEntry entry) {
    auto const name = clean_utf8(entry.name);
    if (out_.accounts.contains(name)) {
      out_.gaps.push_back(
          {ObjectClass::identity, account_id(name), "",
           "/etc/passwd:" + std::to_string(entry.line) + " repeats a name; the first line counts"});
      return;
    }
    auto const found = shadow_.find(entry.name);
    out_.accounts[name] = {.entry = std::move(entry),
                           .shadow = found == shadow_.end() ? nullptr : found->second};
  }

  void groups() {
    auto const found = text("/etc/group", file_bytes_max, ObjectClass::grant, read_group);
    if (!found) return;
    auto parsed = parse_group(*found);
    add_malformed(out_.gaps, ObjectClass::grant, "/etc/group", parsed.malformed);
    std::map<std::uint32_t, std::string> names;
    for (auto const& group : parsed.entries) names.emplace(group.gid, group.name);
    for (auto& [name, account] : out_.accounts)
      if (auto const own = names.find(account.entry.gid); own != names.end())
        account.groups.push_back({own->second, own->first});
    for (auto const& group : parsed.entries)
      for (auto const& member : group.members) add_member(group, member);
  }

  void add_member(GroupEntry const& group, std::string const& member) {
    auto const found = out_.accounts.find(clean_utf8(member));
    if (found == out_.accounts.end()) return;
    auto& groups = found->second.groups;
    if (std::ranges::find(groups, group.name, &SudoUser::Group::name) == groups.end())
      groups.push_back({group.name, group.gid});
  }

  void sshd() {
    std::vector<SshdSetting> settings;
    sshd_file("/etc/ssh/sshd_config", settings, 0, /*conditional=*/false);
    out_.sshd = sshd_policy(settings);
  }

  void sshd_file(std::string const& path, std::vector<SshdSetting>& out, int depth,
                 bool conditional) {
    auto const found = text(path, 1 << 20, ObjectClass::credential, read_keys);
    if (!found || depth == include_depth_max) return;
    auto parsed = parse_sshd_config(*found);
    add_malformed(out_.gaps, ObjectClass::credential, path, parsed.malformed);
    for (auto& setting : parsed.settings) {
      setting.conditional = setting.conditional || conditional;
      if (setting.keyword == "include" && out.size() < folder_max)
        for (auto const& pattern : setting.arguments)
          for (auto const& file : expanded(pattern))
            sshd_file(file, out, depth + 1, setting.conditional);
      else
        out.push_back(std::move(setting));
    }
  }

  /// Files of "/etc/ssh/sshd_config.d/*.conf"; a star in the last component only.
  std::vector<std::string> expanded(std::string const& pattern) {
    auto const path = pattern.starts_with('/') ? pattern : "/etc/ssh/" + pattern;
    auto const star = path.find('*'), slash = path.rfind('/');
    if (star == std::string::npos) return {path};
    std::vector<std::string> out;
    auto const files = tree_.list(path.substr(0, slash), folder_max);
    if (!files || star < slash) return out;
    auto const head = path.substr(slash + 1, star - slash - 1), tail = path.substr(star + 1);
    for (auto const& file : *files)
      if (file.name.size() >= head.size() + tail.size() && file.name.starts_with(head) &&
          file.name.ends_with(tail) && !file.name.starts_with('.'))
        out.push_back(path.substr(0, slash + 1) + file.name);
    return out;
  }

  void sudo() { sudo_file("/etc/sudoers", 0); }

  void sudo_file(std::string const& path, int depth) {
    if (depth == include_depth_max || out_.sudo.files.size() == folder_max) {
      out_.gaps.push_back(
          {ObjectClass::grant, "", "", path + ": too many includes, perhaps a loop"});
      return;
    }
    auto const found = text(path, sudoers_bytes_max, ObjectClass::grant, read_sudoers);
    if (!found) return;
    auto parsed = parse_sudoers(*found);
    add_malformed(out_.gaps, ObjectClass::grant, path, parsed.malformed);
    auto const file = out_.sudo.files.size();
    out_.sudo.files.push_back(path);
    for (auto& statement : parsed.statements) {
      if (out_.sudo.statements.size() == 4 * sudo_statements_max) return too_many_statements(path);
      if (auto const* include = std::get_if<SudoInclude>(&statement))
        follow(*include, path, depth);
      else
        out_.sudo.statements.push_back({std::move(statement), file});
    }
  }

  void too_many_statements(std::string const& path) {
    out_.gaps.push_back({ObjectClass::grant, "", "", path + ": too many statements in all"});
  }

  void follow(SudoInclude const& include, std::string const& from, int depth) {
    auto path = include.path;
    if (auto const at = path.find("%h"); at != std::string::npos)
      path.replace(at, 2, out_.hostname.substr(0, out_.hostname.find('.')));
    if (!path.starts_with('/')) path = from.substr(0, from.rfind('/') + 1) + path;
    if (!include.directory) return sudo_file(path, depth + 1);
    auto const files = tree_.list(path, folder_max);
    if (!files && files.error().code() != Errc::not_found)
      out_.gaps.push_back(gap_of(ObjectClass::grant, "", read_sudoers, files.error()));
    if (!files) return;
    for (auto const& file : *files)
      if (sudo_include_name(file.name) && file.kind != FileKind::directory)
        sudo_file(path + "/" + file.name, depth + 1);
  }

  void saw(Account& account, Instant at) {
    account.last_login = std::max(account.last_login.value_or(at), at);
  }

  void lastlog() {
    for (auto& [name, account] : out_.accounts) {
      auto const record =
          tree_.read_at("/var/log/lastlog", std::uint64_t(account.entry.uid) * lastlog_record_bytes,
                        lastlog_record_bytes);
      if (!record) {
        if (record.error().code() != Errc::not_found)
          out_.gaps.push_back(gap_of(ObjectClass::usage, "", read_lastlog, record.error()));
        return;
      }
      if (auto const at = parse_lastlog_record(*record)) saw(account, *at);
    }
  }

  /// The last log_bytes_max of a file, beginning at a multiple of `step`.
  std::optional<std::string> tail(std::string const& path, std::size_t step,
                                  std::string_view permission, Instant& written) {
    auto const about = tree_.stat(path);
    if (!about && about.error().code() == Errc::not_found) return {};
    if (about) written = about->modified;
    auto const size = about ? about->size : 0;
    auto const skip = size > log_bytes_max ? (size - log_bytes_max) / step * step : 0;
    auto bytes = tree_.read_at(path, skip, log_bytes_max + step);
    if (bytes) return std::move(*bytes);
    out_.gaps.push_back(gap_of(ObjectClass::usage, "", permission, bytes.error()));
    return {};
  }

  void window(std::optional<Instant> oldest) {
    if (!oldest) return;
    out_.usage_window = std::max(out_.usage_window.value_or(*oldest), *oldest);
  }

  void wtmp() {
    Instant written;
    auto const bytes = tail("/var/log/wtmp", wtmp_record_bytes, read_wtmp, written);
    if (!bytes) return;
    auto found = parse_wtmp(*bytes);
    if (found.malformed > 0)
      out_.gaps.push_back(
          {ObjectClass::usage, "", "",
           "/var/log/wtmp: " + std::to_string(found.malformed) + " records make no sense"});
    window(found.oldest);
    for (auto const& login : found.logins) seen_login(login.user, login.at);
    out_.logins = std::move(found.logins);
  }

  /// auth.log and what logrotate made of it: auth.log.1, auth.log.2.gz; secure-20261101.gz.
  std::vector<std::string> auth_logs() {
    std::vector<std::string> out;
    auto const all = tree_.list("/var/log", 10'000);
    if (!all) return {"/var/log/auth.log", "/var/log/secure"};  // the gap comes from reading them
    for (auto const& entry : *all)
      for (std::string_view const name : {"auth.log", "secure"})
        if (entry.name == name || entry.name.starts_with(std::string(name) + ".") ||
            entry.name.starts_with(std::string(name) + "-"))
          out.push_back("/var/log/" + entry.name);
    std::ranges::sort(out);
    if (out.size() > logs_max) out.resize(logs_max);
    return out;
  }

  std::optional<std::string> log_text(std::string const& path, Instant& written) {
    if (!path.ends_with(".gz")) return tail(path, 1, read_auth_log, written);
    if (auto const about = tree_.stat(path)) written = about->modified;
    auto const packed = tree_.read(path, packed_bytes_max);
    auto text = packed ? unzip_tail(*packed, log_bytes_max) : Result<std::string>(packed);
    if (text) return *std::move(text);
    auto gap = gap_of(ObjectClass::usage, "", read_auth_log, text.error());
    gap.why = path + ": " + gap.why;
    out_.gaps.push_back(std::move(gap));
    return {};
  }

  void auth_log() {
    for (auto const& path : auth_logs()) {
      Instant written;
      auto const bytes = log_text(path, written);
      if (!bytes) continue;
      auto found = parse_auth_log(*bytes, written);
      out_.coarse = out_.coarse || found.coarse;
      out_.tells_ssh = true;
      if (found.oldest) auth_from_ = std::min(auth_from_.value_or(*found.oldest), *found.oldest);
      for (auto& event : found.events) add(std::move(event));
    }
  }

  void add(AuthLogEvent event) {
    if (event.kind == AuthLogEvent::Kind::ssh_login) seen_login(event.user, event.at);
    out_.events.push_back(std::move(event));
  }

  /// Of the same events both may tell: the journal's count up to where auth.log begins.
  void journal() {
    std::optional<Instant> from;
    std::size_t unread = 0;
    for (auto const& path : journals()) {
      auto found = read_journal([&](std::uint64_t offset, std::size_t size) {
        return tree_.read_at(path, offset, size);
      });
      if (!found) {
        journal_gap(path, found.error());
        continue;
      }
      out_.tells_ssh = true;
      unread += found->unread;
      if (auto const oldest = found->oldest) from = std::min(from.value_or(*oldest), *oldest);
      for (auto& event : found->events)
        if (!auth_from_ || event.at < *auth_from_) add(std::move(event));
    }
    if (unread > 0)
      out_.gaps.push_back({ObjectClass::usage, "", "",
                           "the journal: " + std::to_string(unread) +
                               " messages are compressed or damaged and were not read",
                           "journalctl -t sshd -t sudo"});
    window(from && auth_from_ ? std::min(*from, *auth_from_) : from ? from : auth_from_);
  }

  void journal_gap(std::string const& path, Error const& why) {
    auto gap = gap_of(ObjectClass::usage, "", read_journals, why);
    gap.why = path + ": " + gap.why;
    if (gap.missing.empty()) gap.fix = "journalctl -t sshd --file " + shell_quote(path);
    out_.gaps.push_back(std::move(gap));
  }

  /// The system's files of every machine id below; users' own hold nothing of sshd.
  std::vector<std::string> journals() {
    std::vector<std::string> out;
    for (std::string const folder : {"/var/log/journal", "/run/log/journal"}) {
      auto const machines = tree_.list(folder, 1'000);
      if (!machines && machines.error().code() != Errc::not_found)
        journal_gap(folder, machines.error());
      if (!machines) continue;
      for (auto const& machine : *machines) journals_in(folder + "/" + machine.name, out);
    }
    std::ranges::sort(out);
    if (out.size() > logs_max) out.resize(logs_max);
    return out;
  }
  void journals_in(std::string const& folder, std::vector<std::string>& out) {
    auto const files = tree_.list(folder, 10'000);
    if (!files && files.error().code() == Errc::denied) journal_gap(folder, files.error());
    if (!files) return;
    for (auto const& file : *files)
      if (file.name.ends_with(".journal") &&
          (file.name == "system.journal" || file.name.starts_with("system@")))
        out.push_back(folder + "/" + file.name);
  }

  void seen_login(std::string const& user, Instant at) {
    auto const found = out_.accounts.find(clean_utf8(user));
    if (found != out_.accounts.end()) saw(found->second, at);
  }

  Tree& tree_;
  System out_;
  std::map<std::string, ShadowEntry const*> shadow_;
  std::optional<Instant> auth_from_;  ///< From when on auth.log tells.
};

}  // namespace

std::string account_id(std::string_view name) {
  return "account:" + clean_utf8(name);
}
std::string host_id(std::string_view hostname) {
  return hostname.empty() ? "host" : "host:" + std::string(hostname);
}

Gap gap_of(ObjectClass object_class, std::string_view native_id, std::string_view permission,
           Error const& error) {
  bool const denied = error.code() == Errc::denied;
  return {object_class, std::string(native_id), denied ? std::string(permission) : "",
          std::string(error.message())};
}

void add_malformed(std::vector<Gap>& gaps, ObjectClass object_class, std::string_view path,
                   std::vector<Malformed> const& malformed) {
  constexpr std::size_t told_max = 20;
  auto const at = [&](Malformed const& bad) {
    return std::string(path) + ":" + std::to_string(bad.line) + ": " + bad.why;
  };
  for (std::size_t i = 0; i < malformed.size() && i < told_max; ++i)
    gaps.push_back({object_class, "", "", at(malformed[i])});
  if (malformed.size() > told_max)
    gaps.push_back({object_class, "", "",
                    std::string(path) + ": " + std::to_string(malformed.size() - told_max) +
                        " more lines make no sense"});
}

Account const* System::account(std::string_view name) const {
  auto const found = accounts.find(clean_utf8(name));
  return found == accounts.end() ? nullptr : &found->second;
}

Account const* System::account_of_uid(std::uint32_t uid) const {
  Account const* first = nullptr;
  for (auto const& [name, account] : accounts)
    if (account.entry.uid == uid && (!first || account.entry.line < first->entry.line))
      first = &account;
  return first;
}

Result<System> read_system(Tree& tree) {
  return Reader(tree).read();
}

std::vector<KeyFile> read_key_files(Tree& tree, System const& system, Account const& account,
                                    std::vector<Gap>& gaps) {
  std::vector<KeyFile> out;
  auto const& entry = account.entry;
  for (auto const& pattern : system.sshd.authorized_keys_files) {
    auto const path = authorized_keys_path(pattern, entry.name, entry.home, entry.uid);
    if (path.empty()) continue;
    auto const bytes = tree.read(path, file_bytes_max);
    if (!bytes && bytes.error().code() != Errc::not_found)
      gaps.push_back(
          gap_of(ObjectClass::credential, account_id(entry.name), read_keys, bytes.error()));
    if (!bytes) continue;
    out.push_back({path, parse_authorized_keys(*bytes)});
    add_malformed(gaps, ObjectClass::credential, path, out.back().keys.malformed);
  }
  return out;
}

}  // namespace reeve::host
