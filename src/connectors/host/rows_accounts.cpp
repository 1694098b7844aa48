// From accounts to identities, credentials and grants.
//
// Whether an account is *enabled* is less than it seems. `passwd -l` puts "!" before the verifier
// and closes the password alone: keys still open it, and units still run as it. So an account is
// called disabled only when it has expired, or when its password was locked and every place for
// keys could be read and holds none. An account that never had a password ("*", "!") is no
// disabled one: that is how services are made.
//
// Whose an account is, is declared only where useradd declares it. A uid below login.defs' range
// for people is a service's, and so is that of nobody and those systemd gives out when a unit
// starts. A uid of the range is a person's only with a login shell and a password that opens it or
// once did (or, where shadow cannot be read, a login that was seen): `useradd deploy` makes the
// same uid for a program, and leaves it without a password. Root and the other uids say nothing.

#include <algorithm>
#include <map>
#include <set>

#include "base/text.hpp"
#include "connectors/host/rows.hpp"

namespace reeve::host {
namespace {

constexpr std::uint32_t nobody = 65534;
constexpr std::uint32_t dynamic_first = 61184, dynamic_last = 65519;  ///< DynamicUser= of systemd.

Known<Instant> known(std::optional<Instant> at) {
  return at ? Known<Instant>(*at) : NotReported{};
}

/// One account's row.
class AccountRow {
 public:
  AccountRow(Tree& tree, System const& system, Account const& account, Instant now,
             connect::Fingerprint const& fingerprint)
      : tree_(tree), system_(system), account_(account), now_(now), fingerprint_(fingerprint) {
    id_ = account_id(account.entry.name);
    row_.key = clean_utf8(account.entry.name);
  }

  Row make(SudoBudget& budget) && {
    auto const keys = read_key_files(tree_, system_, account_, row_.gaps);
    identity(keys);
    password();
    for (auto const& file : keys)
      for (auto const& key : file.keys.keys) ssh_key(file.path, key);
    if (account_.entry.uid == 0) root();
    for (auto const& group : account_.groups) member(group);
    sudo(budget);
    return std::move(row_);
  }

 private:
  void add(auto object, std::string evidence) {
    row_.observations.push_back({std::move(object), std::move(evidence)});
  }
  std::string passwd_line() const { return "/etc/passwd:" + std::to_string(account_.entry.line); }

  /// The field that counts; null: it is in shadow, which we did not read or which has no line.
  Password const* password_field() const {
    if (account_.entry.password.state != PasswordState::elsewhere) return &account_.entry.password;
    return account_.shadow ? &account_.shadow->password : nullptr;
  }

  void identity(std::vector<KeyFile> const& keys) {
    auto const& entry = account_.entry;
    Identity out{.native_id = id_, .name = entry.name, .kind = "account", .note = None{}};
    if (!entry.gecos.empty()) out.note = entry.gecos;
    out.enabled = enabled(keys);
    out.last_used = known(account_.last_login);
    out.declared_person = declared_person();
    out.interactive = entry.login_shell();
    add(std::move(out), passwd_line());
  }

  Known<bool> declared_person() const {
    auto const uid = account_.entry.uid;
    if (uid == 0) return NotReported{};
    if (uid < system_.people.min || uid == nobody) return false;
    if (uid >= dynamic_first && uid <= dynamic_last) return false;
    if (uid > system_.people.max || !account_.entry.login_shell()) return NotReported{};
    auto const* password = password_field();
    using enum PasswordState;
    bool const opens = password ? password->state == set || password->state == locked
                                : account_.last_login.has_value();
    return opens ? Known<bool>(true) : NotReported{};
  }

  Known<bool> enabled(std::vector<KeyFile> const& keys) const {
    auto const* password = password_field();
    if (!password) return NotReported{};
    if (account_.shadow)
      if (auto const* end = std::get_if<Instant>(&account_.shadow->account_expires))
        if (*end <= now_) return false;
    if (password->state != PasswordState::locked) return true;
    bool const any = std::ranges::any_of(keys, [](auto& file) { return !file.keys.keys.empty(); });
    bool const all_read = row_.gaps.empty() && system_.sshd.authorized_keys_command.empty() &&
                          system_.sshd.trusted_user_ca_keys.empty();
    if (any) return true;
    return all_read ? Known<bool>(false) : NotReported{};
  }

  Known<Instant> password_end() const {
    if (!account_.shadow) return NotReported{};
    auto const& shadow = *account_.shadow;
    auto const* end = std::get_if<Instant>(&shadow.account_expires);
    auto const* limit = std::get_if<Instant>(&shadow.password_expires);
    if (end && limit) return std::min(*end, *limit);
    return end ? shadow.account_expires : shadow.password_expires;
  }

  void password() {
    auto const* field = password_field();
    if (!field) {
      if (system_.reads_shadow)
        row_.gaps.push_back({ObjectClass::credential, "password:" + row_.key, "",
                             passwd_line() + ": /etc/shadow has no line for it"});
      return;
    }
    using enum PasswordState;
    if (field->state == none || field->state == elsewhere) return;
    Credential out{.native_id = "password:" + row_.key, .identity = id_, .kind = "password"};
    out.algorithm = field->state == empty ? "empty" : field->algorithm;
    if (!field->verifier.empty()) out.fingerprint = fingerprint_(field->verifier.reveal());
    out.expires = password_end();
    if (account_.shadow) out.created = out.last_rotated = account_.shadow->changed;
    out.last_used = last_ssh("password", "");
    out.restrictions = None{};
    if (field->state == locked) out.restrictions = "locked";
    bool const shadowed = account_.entry.password.state == elsewhere;
    add(std::move(out),
        shadowed ? "/etc/shadow:" + std::to_string(account_.shadow->line) : passwd_line());
  }

  /// The last login by that method, with that key. Not reported: no log tells of one.
  Known<Instant> last_ssh(std::string_view method, std::string_view fingerprint) const {
    std::optional<Instant> last;
    for (auto const& event : system_.events)
      if (event.user == account_.entry.name && event.method == method &&
          event.fingerprint == fingerprint)
        last = std::max(last.value_or(event.at), event.at);
    return known(last);
  }

  void ssh_key(std::string const& path, AuthorizedKey const& key) {
    auto const base = "ssh_key:" + row_.key + ":" + clean_utf8(path) + ":" + key.key.fingerprint;
    auto const again = ++ids_[base];
    auto const where = path + ":" + std::to_string(key.line);
    if (again > 1) {
      row_.gaps.push_back({ObjectClass::credential, base, "", where + " repeats a key"});
      return;
    }
    Credential out{.native_id = base, .identity = id_, .kind = "ssh_key"};
    if (key.certificate_authority()) out.kind = "ssh_ca";
    out.label = None{};
    if (!key.comment.empty()) out.label = key.comment;
    out.algorithm = key.algorithm;
    out.fingerprint = key.key.key.id;
    out.expires = key.expires();
    out.last_used = last_ssh("publickey", key.key.fingerprint);
    out.restrictions = None{};
    if (!key.options.empty()) out.restrictions = key.restrictions();
    add(std::move(out), where);
  }

  void grant(std::string native_id, std::string action, std::string resource, std::string via,
             Known<std::string> conditions, Known<Instant> until, std::string evidence) {
    add(Grant{.native_id = std::move(native_id),
              .identity = id_,
              .actions = {std::move(action)},
              .resource = std::move(resource),
              .via = std::move(via),
              .conditions = std::move(conditions),
              .until = until},
        std::move(evidence));
  }

  void root() {
    grant("root:" + row_.key, "root", host_id(system_.hostname), "", None{}, None{}, passwd_line());
  }

  void member(SudoUser::Group const& group) {
    auto const name = clean_utf8(group.name);
    grant("member:" + row_.key + ":" + name, "member", "group:" + name, "", None{}, None{},
          group.gid == account_.entry.gid ? passwd_line() : "/etc/group " + name);
  }

  void sudo(SudoBudget& budget) {
    SudoUser const user{account_.entry.name, account_.entry.uid, account_.groups};
    auto const found = sudo_rights(system_.sudo, user, system_.hostname, budget);
    if (found.given_up)
      row_.gaps.push_back({ObjectClass::grant, "sudo:" + row_.key, "",
                           "/etc/sudoers is too large to be evaluated for this account"});
    for (auto const& right : found.rights) sudo_grant(right);
  }

  void sudo_grant(SudoRight const& right) {
    auto const targets = right.run_as.empty() ? "itself" : join(right.run_as, ",");
    auto const base = "sudo:" + row_.key + ":" + right.command + ":" + targets;
    auto const again = ++ids_[base];
    auto const id = again > 1 ? base + "#" + std::to_string(again) : base;
    auto const resource = right.as_root() ? host_id(system_.hostname) : "user:" + targets;
    if (!right.as_root() && users_.insert(targets).second)
      add(Resource{.native_id = resource, .name = targets, .kind = "account", .pinned = None{}},
          right.file + ":" + std::to_string(right.line));
    grant(id, "sudo", resource, right.via, conditions(right), until(right),
          right.file + ":" + std::to_string(right.line));
  }

  /// None: any command, with a password.
  static Known<std::string> conditions(SudoRight const& right) {
    std::vector<std::string> out;
    if (right.no_password) out.emplace_back("NOPASSWD");
    if (!right.all())
      out.push_back("command " + right.command + (right.arguments.empty() ? "" : " …"));
    for (auto const& command : right.except) out.push_back("not " + command);
    for (auto const& tag : right.tags) out.push_back(tag);
    for (auto const& option : right.options) out.push_back(option);
    if (!right.run_as_groups.empty()) out.push_back("group " + join(right.run_as_groups, ","));
    if (!right.hosts.empty()) out.push_back("if this host is one of " + join(right.hosts, ","));
    if (right.digest) out.emplace_back("checksum");
    if (out.empty()) return None{};
    return shortened(join(out, "; "), 8192);
  }

  static Known<Instant> until(SudoRight const& right) {
    for (auto const& option : right.options) {
      constexpr std::string_view name = "NOTAFTER=";
      if (!option.starts_with(name)) continue;
      return known(parse_expiry_time(std::string_view(option).substr(name.size())));
    }
    return None{};
  }

  Tree& tree_;
  System const& system_;
  Account const& account_;
  Instant now_;
  connect::Fingerprint const& fingerprint_;
  std::string id_;
  Row row_;
  std::map<std::string, int> ids_;
  std::set<std::string> users_;  ///< Whom it may be, by sudo.
};

/// Groups whose members become root, or read what only root should, without a rule of sudo.
Resource group_resource(std::string const& name) {
  struct Strong {
    std::string_view name, why;
  };
  constexpr Strong strong[] = {{"docker", "its members start containers as root"},
                               {"lxd", "its members start containers as root"},
                               {"sudo", "sudoers of Debian let its members be root"},
                               {"wheel", "sudoers of Red Hat let its members be root"},
                               {"disk", "its members read and write raw disks"},
                               {"shadow", "its members read the verifiers of passwords"}};
  Resource out{.native_id = "group:" + name, .name = name, .kind = "group", .pinned = None{}};
  if (auto const found = std::ranges::find(strong, name, &Strong::name);
      found != std::end(strong)) {
    out.sensitivity = std::string("high");
    out.sensitivity_reason = std::string(found->why);
  }
  return out;
}

Row host_row(System const& system) {
  Resource host{.native_id = host_id(system.hostname),
                .name = system.hostname.empty() ? "host" : system.hostname,
                .kind = "host",
                .pinned = None{},
                .authenticated = true};
  Row row{.gaps = system.gaps};
  row.observations.push_back({std::move(host), "/etc/hostname"});
  std::set<std::string> groups;
  for (auto const& [name, account] : system.accounts)
    for (auto const& group : account.groups) groups.insert(clean_utf8(group.name));
  for (auto const& name : groups)
    row.observations.push_back({group_resource(name), "/etc/group " + name});
  return row;
}

/// Whoever sudoers names and passwd does not know may be real: from a directory, a netgroup.
void add_undecided(Row& row, System const& system) {
  std::vector<std::string> names;
  names.reserve(system.accounts.size());
  for (auto const& [name, account] : system.accounts) names.push_back(account.entry.name);
  for (auto const& holder : undecided_holders(system.sudo, names)) {
    auto const name = clean_utf8(holder);
    row.gaps.push_back(
        {ObjectClass::grant, "sudo:" + shortened(name, 500), "",
         "sudoers gives rights to " + shortened(name, 500) + ", which no local file explains",
         "getent passwd " + shell_quote(holder)});
  }
}

}  // namespace

std::vector<Row> account_rows(Tree& tree, System const& system, Instant now,
                              connect::Fingerprint const& verifier_fingerprint) {
  std::vector<Row> out{host_row(system)};
  add_undecided(out.front(), system);
  SudoBudget budget;
  for (auto const& [name, account] : system.accounts)
    out.push_back(AccountRow(tree, system, account, now, verifier_fingerprint).make(budget));
  return out;
}

}  // namespace reeve::host
