// The host connector: a run goes through families of rows (rows.hpp), each in the order of its
// keys. The cursor is "family/key", the last row that was given, or "family", its start. A new
// process reads the files again and goes on behind that key, so nothing but the tree is needed to
// resume, and what changed in between is met or missed as one row.
//
// Coverage probes each permission anew: the files themselves say whether they may be read. A file
// that does not exist is no lack of permission.

#include "connectors/host/host.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"

namespace reeve::connect {
namespace {

using host::Family;
using host::Row;

constexpr std::string_view as_root = "sudo reeve discover host";
constexpr std::string_view own_file = "owner of the file, or root";
constexpr std::string_view own_keys = "owner of authorized_keys, or root";
constexpr std::string_view fix_as_root = "sudo reeve fix, or run the server as root";

constexpr Permission permissions[] = {
    {ObjectClass::identity, Purpose::discover, host::read_passwd, as_root},
    {ObjectClass::resource, Purpose::discover, host::read_hostname, as_root},
    {ObjectClass::resource, Purpose::discover, host::read_group, as_root},
    {ObjectClass::resource, Purpose::discover, host::read_sudoers, as_root},
    {ObjectClass::resource, Purpose::discover, host::read_auth_log, as_root},
    {ObjectClass::credential, Purpose::discover, host::read_shadow, as_root},
    {ObjectClass::credential, Purpose::discover, host::read_keys, as_root},
    {ObjectClass::grant, Purpose::discover, host::read_group, as_root},
    {ObjectClass::grant, Purpose::discover, host::read_sudoers, as_root},
    {ObjectClass::sighting, Purpose::discover, host::read_homes, as_root},
    {ObjectClass::sighting, Purpose::discover, host::read_logs, as_root},
    {ObjectClass::consumer, Purpose::discover, host::read_units, as_root},
    {ObjectClass::consumer, Purpose::discover, host::read_crontabs, as_root},
    {ObjectClass::usage, Purpose::usage, host::read_wtmp, as_root},
    {ObjectClass::usage, Purpose::usage, host::read_lastlog, as_root},
    {ObjectClass::usage, Purpose::usage, host::read_auth_log, as_root},
    {ObjectClass::resource, Purpose::discover, host::read_journals, as_root},
    {ObjectClass::usage, Purpose::usage, host::read_journals, as_root},
    {ObjectClass::sighting, Purpose::act, own_file, fix_as_root},
    {ObjectClass::credential, Purpose::act, own_keys, fix_as_root},
};
constexpr Act acts[] = {
    {"file_mode", ObjectClass::sighting, true, "Takes rights to a file from others.", own_file},
    {"key_line", ObjectClass::credential, true, "Takes out or confines a line of authorized_keys.",
     own_keys},
};
constexpr Option options_known[] = {
    {.name = "root",
     .type = Option::Type::path,
     .help = "Look at this folder (image, snapshot, chroot) instead of the running system."},
    {.name = "page_size",
     .type = Option::Type::number,
     .fallback = "1000",
     .help = "Objects a page."},
};
constexpr Capability capabilities[] = {
    {.credential = "password",
     .last_use = LastUse::time,
     .rotation = RotationMode::in_place,
     .disable = Disable::reversible},
    {.credential = "ssh_key",
     .last_use = LastUse::time,
     .rotation = RotationMode::dual_key,
     .max_live_secrets = 0,
     .disable = Disable::reversible,
     .create = true,
     .destroy = true,
     .narrow = true},
};
constexpr Info info_of_host{
    .kind = "host",
    .title = "Linux host",
    .permissions = permissions,
    .help = "Accounts, SSH keys, sudo rights, units, jobs, processes and logins of a Linux system.",
    .options = options_known,
    .capabilities = capabilities,
    .acts = acts};

class Host final : public Connector {
 public:
  Host(std::string source, std::unique_ptr<host::Tree> tree, HostOptions options)
      : source_(std::move(source)), tree_(std::move(tree)), options_(std::move(options)) {
    families_ = {{"accounts", [this] { return accounts(); }},
                 {"consumers", [this] { return consumers(); }},
                 {"usage", [this] { return usage(); }}};
    if (options_.more)
      for (auto& family : options_.more(*tree_)) families_.push_back(std::move(family));
  }

  Info const& info() const override { return info_of_host; }
  std::string_view source() const override { return source_; }

 private:
  Result<Check> do_check(Instant) override {
    TRY_DURING(tree_->read("/etc/passwd", 16 << 20), needs());
    Check out{.account = options_.root.empty() ? "this system" : options_.root,
              .version = version()};
    for (auto const& permission : permissions)
      if (denied(permission)) out.missing.emplace_back(permission.name);
    return out;
  }

  Result<Page> do_enumerate(std::string_view cursor) override {
    auto const slash = cursor.find('/');
    auto const name = cursor.substr(0, slash);
    auto at =
        cursor.empty() ? families_.begin() : std::ranges::find(families_, name, &Family::name);
    if (at == families_.end()) return fail(Errc::invalid, "not a cursor of the host connector");
    auto const* rows = TRY(rows_of(*at));
    auto first = rows->begin();
    if (slash != cursor.npos)
      first = std::ranges::upper_bound(*rows, cursor.substr(slash + 1), {}, &Row::key);
    return page(at, *rows, first);
  }

  /// Rows from `first` until the page is full; a family that ends fills no page of the next.
  Result<Page> page(std::vector<Family>::iterator family, std::vector<Row> const& rows,
                    std::vector<Row>::const_iterator first) {
    Page out;
    auto at = first;
    for (; at != rows.end() && out.observations.size() < std::size_t(options_.page_size); ++at) {
      out.observations.insert(out.observations.end(), at->observations.begin(),
                              at->observations.end());
      out.gaps.insert(out.gaps.end(), at->gaps.begin(), at->gaps.end());
    }
    for (auto& gap : out.gaps)
      if (!gap.missing.empty()) gap.fix = fix();
    if (at != rows.end())
      out.next = std::string(family->name) + "/" + std::prev(at)->key;
    else if (++family != families_.end())
      out.next = family->name;
    return out;
  }

  /// Rows are made once for each object of this class; those of the family in hand are kept.
  Result<std::vector<Row> const*> rows_of(Family const& family) {
    if (held_family_ != family.name) {
      auto rows = TRY(family.rows());
      held_ = one_of_each(std::move(rows));
      held_family_ = family.name;
    }
    return &held_;
  }

  /// By key. Two of one key cannot be told apart later: the second is named, not given.
  static std::vector<Row> one_of_each(std::vector<Row> rows) {
    std::ranges::stable_sort(rows, {}, &Row::key);
    std::vector<Row> out;
    for (auto& row : rows) {
      if (out.empty() || out.back().key != row.key) {
        out.push_back(std::move(row));
        continue;
      }
      for (auto const& seen : row.observations)
        out.back().gaps.push_back(
            {object_class(seen), native_id(seen), "", "is there twice; the first is taken"});
    }
    return out;
  }

  Result<host::System const*> system() {
    if (!system_) system_ = TRY_DURING(host::read_system(*tree_), needs());
    return &*system_;
  }

  Result<std::vector<Row>> accounts() {
    auto const* system = TRY(this->system());
    return host::account_rows(*tree_, *system, options_.now(), options_.verifier_fingerprint);
  }
  Result<std::vector<Row>> consumers() {
    auto const* system = TRY(this->system());
    return host::consumer_rows(*tree_, *system);
  }
  Result<std::vector<Row>> usage() {
    auto const* system = TRY(this->system());
    return host::usage_rows(*system, TRY(accounts()));
  }

  Result<std::vector<Coverage>> do_coverage() override {
    auto const* system = TRY(this->system());
    std::vector<Coverage> out;
    out.push_back(identities());
    out.push_back(of(ObjectClass::resource));
    out.push_back(credentials(*system));
    out.push_back(of(ObjectClass::grant));
    out.push_back(sightings());
    out.push_back(of(ObjectClass::consumer));
    out.push_back(logins(*system));
    return out;
  }

  /// Complete, unless a permission is missing; the first is named, all are in the reason.
  Coverage of(ObjectClass object_class) {
    Coverage out{.object_class = object_class, .state = CoverageState::complete};
    for (auto const& permission : permissions) {
      if (permission.object_class != object_class || !denied(permission)) continue;
      out.state = CoverageState::partial;
      if (out.missing.empty()) out.missing = permission.name;
      out.reason += (out.reason.empty() ? "not allowed to " : ", ") + std::string(permission.name);
      out.fix = fix();
    }
    return out;
  }

  Coverage identities() {
    auto out = of(ObjectClass::identity);
    auto const others = other_sources();
    if (others.empty()) return out;
    out.state = CoverageState::partial;
    out.reason += (out.reason.empty() ? "" : "; ") +
                  ("accounts also come from " + others + " (/etc/nsswitch.conf)");
    out.scope_seen = "/etc/passwd";
    out.scope_expected = "/etc/passwd, " + others;
    if (out.fix.empty()) out.fix = "reeve source add ldap";
    return out;
  }

  /// Services of "passwd:" in nsswitch.conf that we do not read.
  std::string other_sources() {
    auto const found = tree_->read("/etc/nsswitch.conf", 1 << 20);
    std::vector<std::string> out;
    for (host::Lines lines(found ? std::string_view(*found) : ""); lines.next();) {
      auto rest = lines.text().substr(0, lines.text().find('#'));
      if (host::next_word(rest) != "passwd:") continue;
      for (auto word = host::next_word(rest); !word.empty(); word = host::next_word(rest))
        if (word != "files" && word != "systemd" && word != "compat" && !word.starts_with('['))
          out.push_back(shortened(clean_utf8(word), 100));
    }
    return join(out, ", ");
  }

  Coverage credentials(host::System const& system) {
    auto out = of(ObjectClass::credential);
    auto const& command = system.sshd.authorized_keys_command;
    if (command.empty()) return out;
    out.state = CoverageState::partial;
    out.reason += (out.reason.empty() ? "" : "; ") +
                  ("AuthorizedKeysCommand " + shortened(clean_utf8(command), 200) +
                   " gives keys that lie in no file");
    return out;
  }

  Coverage sightings() {
    auto out = of(ObjectClass::sighting);
    if (options_.more) return out;
    out.state = CoverageState::partial;
    out.reason +=
        (out.reason.empty() ? "" : "; ") + std::string("files are not searched for secrets");
    return out;
  }

  /// Never complete: what su, cron and units start is no login, and no log that we read tells of
  /// it.
  Coverage logins(host::System const& system) {
    auto out = of(ObjectClass::usage);
    out.state = CoverageState::partial;
    bool const denied_some = !out.reason.empty();
    if (denied_some) out.reason += "; ";
    out.reason += system.tells_ssh
                      ? "su and what units and cron start leave no login"
                      : "neither auth.log nor a journal is kept: logins by key are not told";
    out.scope_seen = system.tells_ssh ? "wtmp, lastlog, auth.log or journal" : "wtmp, lastlog";
    out.scope_expected = "wtmp, lastlog, auth.log or journal, starts by su, cron and units";
    if (out.fix.empty() && !system.tells_ssh)
      out.fix = "mkdir -p /var/log/journal && systemctl restart systemd-journald";
    if (system.usage_window) out.window_start = *system.usage_window;
    out.grain = system.coarse ? Duration(Days(1)) : Duration(std::chrono::seconds(1));
    return out;
  }

  /// Whether the files behind a permission refuse us. Those that are not there do not; whether a
  /// change would be refused shows when it is made.
  bool denied(Permission const& needed) {
    if (needed.purpose == Purpose::act) return false;
    auto const permission = needed.name;
    auto const refuses = [](auto const& answer) {
      return !answer && answer.error().code() == Errc::denied;
    };
    auto const file = [&](char const* path) { return refuses(tree_->read_at(path, 0, 1)); };
    auto const folder = [&](char const* path) { return refuses(tree_->list(path, 20'000)); };
    if (permission == host::read_keys) return keys_denied();
    if (permission == host::read_homes) return homes_denied();
    if (permission == host::read_units) return folder("/etc/systemd/system");
    if (permission == host::read_crontabs) return folder("/var/spool/cron/crontabs");
    if (permission == host::read_sudoers) return file("/etc/sudoers") || folder("/etc/sudoers.d");
    if (permission == host::read_auth_log)
      return file("/var/log/auth.log") || file("/var/log/secure");
    if (permission == host::read_logs) return logs_denied();
    if (permission == host::read_journals) return journals_denied();
    return file(std::string(permission.substr(permission.find('/'))).c_str());
  }

  bool keys_denied() {
    auto const found = system();
    if (!found) return false;
    std::vector<Gap> gaps;
    for (auto const& [name, account] : (*found)->accounts)
      host::read_key_files(*tree_, **found, account, gaps);
    for (auto const& gap : (*found)->gaps)
      if (gap.missing == host::read_keys) return true;
    return std::ranges::any_of(gaps, [](Gap const& g) { return g.missing == host::read_keys; });
  }

  bool logs_denied() {
    auto const list = tree_->list("/var/log", 10'000);
    if (!list) return list.error().code() == Errc::denied;
    return std::ranges::any_of(*list, [&](auto const& entry) {
      auto const path = "/var/log/" + entry.name;
      auto const refused = [](auto const& answer) {
        return !answer && answer.error().code() == Errc::denied;
      };
      if (entry.kind == host::FileKind::file) return refused(tree_->read_at(path, 0, 1));
      return entry.kind == host::FileKind::directory && refused(tree_->list(path, 10'000));
    });
  }

  bool journals_denied() {
    auto const found = system();
    return found && std::ranges::any_of((*found)->gaps, [](Gap const& gap) {
             return gap.missing == host::read_journals;
           });
  }

  bool homes_denied() {
    auto const found = system();
    if (!found) return false;
    return std::ranges::any_of((*found)->accounts, [&](auto const& named) {
      auto const& home = named.second.entry.home;
      if (!home.starts_with('/')) return false;
      auto const listed = tree_->list(home, 100'000);
      return !listed && listed.error().code() == Errc::denied;
    });
  }

  std::string version() {
    auto const found = tree_->read("/etc/os-release", 64 * 1024);
    for (host::Lines lines(found ? std::string_view(*found) : ""); lines.next();) {
      constexpr std::string_view key = "PRETTY_NAME=";
      if (!lines.text().starts_with(key)) continue;
      auto value = lines.text().substr(key.size());
      if (value.size() > 1 && value.front() == '"') value = value.substr(1, value.size() - 2);
      return shortened(clean_utf8(value), 200);
    }
    return "";
  }

  std::string fix() const {
    return std::string(as_root) +
           (options_.root.empty() ? "" : " --root " + shell_quote(options_.root));
  }
  static std::string needs() { return "needs " + std::string(host::read_passwd); }

  std::string source_;
  std::unique_ptr<host::Tree> tree_;
  HostOptions options_;
  std::vector<Family> families_;
  std::optional<host::System> system_;
  std::vector<Row> held_;
  std::string held_family_;
};

}  // namespace

Info const& host_info() {
  return info_of_host;
}

Result<std::unique_ptr<Connector>> open_host(std::string source, Settings const& settings,
                                             HostOptions options) {
  options.root = settings.text("root");
  options.page_size = int(std::clamp<std::int64_t>(settings.number("page_size"), 1, 100'000));
  auto tree = TRY(options.root.empty() ? host::open_live() : host::open_tree(options.root));
  return make_host(std::move(source), std::move(tree), std::move(options));
}

std::unique_ptr<Connector> make_host(std::string source, std::unique_ptr<host::Tree> tree,
                                     HostOptions options) {
  return std::make_unique<Host>(std::move(source), std::move(tree), std::move(options));
}

}  // namespace reeve::connect
