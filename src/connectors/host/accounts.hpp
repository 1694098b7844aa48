#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.hpp"
#include "base/time.hpp"
#include "connectors/host/lines.hpp"
#include "model/known.hpp"

namespace reeve::host {

/// At most this many entries are taken from one file; what follows is one Malformed.
inline constexpr std::size_t account_lines_max = 200'000;

/// What the password field of passwd or shadow says.
enum class PasswordState : std::uint8_t {
  elsewhere,  ///< "x": look into shadow.
  none,       ///< "*", "!", "!!": no password opens it, and none is kept.
  locked,     ///< "!" before a verifier: `passwd -u` brings it back. Keys still work.
  empty,      ///< Nothing at all: no password is asked for.
  set,        ///< A verifier.
};

/// A password as passwd and shadow keep it.
struct Password {
  PasswordState state = PasswordState::none;
  /// Of set and locked: "yescrypt", "sha512", "sha256", "bcrypt", "md5", "des", …, "unknown".
  std::string algorithm;
  Secret verifier;  ///< Of set and locked, without the lock; else empty.
};

/// The field as crypt(5) (libxcrypt 4.4) and shadow(5) read it.
Password parse_password(std::string_view field);

struct PasswdEntry {
  int line = 0;
  std::string name;
  std::uint32_t uid = 0, gid = 0;
  std::string gecos;  ///< All of it, commas included.
  std::string home, shell;
  Password password;

  /// A person or a script gets a prompt with it; an empty shell is /bin/sh (passwd(5)).
  bool login_shell() const;
};

struct ShadowEntry {
  int line = 0;
  std::string name;
  Password password;
  Known<Instant> changed;           ///< None never occurs; not reported: the field is empty or 0.
  bool must_change = false;         ///< Last change 0: at the next login.
  Known<Instant> password_expires;  ///< Last change + maximum age. None: it has no maximum.
  Known<Instant> account_expires;   ///< None: never. 0 is 1970: expired, as pam_unix has it.
};

struct GroupEntry {
  int line = 0;
  std::string name;
  std::uint32_t gid = 0;
  std::vector<std::string> members;  ///< Without those whose primary group it is.
};

template <class Entry>
struct Entries {
  std::vector<Entry> entries;  ///< As in the file: the first of two with one name counts.
  std::vector<Malformed> malformed;
};

/// passwd(5), shadow(5), group(5); "+" and "-" lines of NIS are named as malformed.
Entries<PasswdEntry> parse_passwd(std::string_view text);
Entries<ShadowEntry> parse_shadow(std::string_view text);
Entries<GroupEntry> parse_group(std::string_view text);

/// Which uids useradd gives to people: UID_MIN and UID_MAX of login.defs(5).
struct UidRange {
  std::uint32_t min = 1000, max = 60000;
};
UidRange parse_login_defs(std::string_view text);

}  // namespace reeve::host
