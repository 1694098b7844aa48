#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/host/accounts.hpp"
#include "connectors/host/authorized_keys.hpp"
#include "connectors/host/client.hpp"
#include "connectors/host/logins.hpp"
#include "connectors/host/sshd_config.hpp"
#include "connectors/host/sudo_rights.hpp"
#include "model/observation.hpp"

namespace reeve::host {

// Names of the permissions of this kind, as Info and gaps spell them.
inline constexpr std::string_view read_passwd = "read /etc/passwd";
inline constexpr std::string_view read_hostname = "read /etc/hostname";
inline constexpr std::string_view read_shadow = "read /etc/shadow";
inline constexpr std::string_view read_keys = "read ~/.ssh/authorized_keys";
inline constexpr std::string_view read_homes = "read every home";
inline constexpr std::string_view read_group = "read /etc/group";
inline constexpr std::string_view read_sudoers = "read /etc/sudoers";
inline constexpr std::string_view read_units = "read /etc/systemd/system";
inline constexpr std::string_view read_crontabs = "read /var/spool/cron/crontabs";
inline constexpr std::string_view read_wtmp = "read /var/log/wtmp";
inline constexpr std::string_view read_lastlog = "read /var/log/lastlog";
inline constexpr std::string_view read_auth_log = "read /var/log/auth.log";
inline constexpr std::string_view read_logs = "read every file of /var/log";
inline constexpr std::string_view read_journals = "read /var/log/journal";

/// native_id of the Identity of an account, and of the host as a Resource.
std::string account_id(std::string_view name);
std::string host_id(std::string_view hostname);

/// What could not be read: a denial names the permission, an absence is no gap.
Gap gap_of(ObjectClass object_class, std::string_view native_id, std::string_view permission,
           Error const& error);
/// A gap for each line of `path` that could not be read.
void add_malformed(std::vector<Gap>& gaps, ObjectClass object_class, std::string_view path,
                   std::vector<Malformed> const& malformed);

/// An account with what the other files say of it.
struct Account {
  PasswdEntry entry;
  ShadowEntry const* shadow = nullptr;  ///< Null: has no line, or shadow was not read.
  std::vector<SudoUser::Group> groups;  ///< Primary one first.
  std::optional<Instant> last_login;    ///< Of lastlog, wtmp and auth.log.
};

/// The files about accounts, read once and joined. What it could not read is in `gaps`.
struct System {
  std::string hostname;  ///< Empty: /etc/hostname does not tell.
  bool reads_shadow = false;
  UidRange people;                          ///< Where no login.defs tells, what useradd takes then.
  std::map<std::string, Account> accounts;  ///< By name made clean_utf8.
  std::vector<ShadowEntry> shadow;
  SshdPolicy sshd;
  SudoPolicy sudo;
  std::vector<Login> logins;
  std::vector<AuthLogEvent> events;
  std::optional<Instant> usage_window;  ///< From when on every kind of log tells.
  bool tells_ssh = false;               ///< auth.log or the journal was read.
  bool coarse = false;                  ///< Some log is a day off at most.
  std::vector<Gap> gaps;

  Account const* account(std::string_view name) const;
  Account const* account_of_uid(std::uint32_t uid) const;  ///< The first in passwd.
};

/// Errors: what reading /etc/passwd gives; all else is a gap.
Result<System> read_system(Tree& tree);

/// The keys of one account, from every file that sshd would look into.
struct KeyFile {
  std::string path;
  AuthorizedKeys keys;
};
std::vector<KeyFile> read_key_files(Tree& tree, System const& system, Account const& account,
                                    std::vector<Gap>& gaps);

}  // namespace reeve::host
