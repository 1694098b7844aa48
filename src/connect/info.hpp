#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "model/coverage.hpp"

namespace reeve::connect {

// What a kind of connector is, as constants. `reeve source add --help`, the page in
// docs/connectors, the setup form, posture and remedy read these and never ask for a name.

enum class Purpose : std::uint8_t { discover, usage, act };
inline constexpr std::string_view purpose_names[] = {"discover", "usage", "act"};
constexpr std::string_view name(Purpose purpose) {
  return purpose_names[std::size_t(purpose)];
}

/// A right of the scan account, in the vendor's spelling.
struct Permission {
  ObjectClass object_class{};
  Purpose purpose{};
  std::string_view name;  ///< "SELECT ON pg_catalog.pg_authid".
  /// The one line to paste that gives it: SQL, a flag, a command. `{account}` stands for the scan
  /// account, `{subject}` for what it is about. Never empty in a finished connector.
  std::string_view fix;
};

/// Something the operator sets on a source.
struct Option {
  enum class Type : std::uint8_t { text, number, boolean, duration, path, url, list };
  std::string_view name;  ///< "url", "page_size".
  Type type = Type::text;
  bool required = false;
  /// The value is never an argument and never stored: it is named as `<name>_env`, the variable
  /// that holds it, or `<name>_file`, the file that does.
  bool secret = false;
  std::string_view fallback;  ///< Used when it is not set; empty: none.
  std::string_view help;      ///< One sentence.
};

/// How finely a source tells when a credential was last used.
enum class LastUse : std::uint8_t {
  none,
  sampled,  ///< Only what was seen going on at the moment of a look.
  day,
  time,
};
inline constexpr std::string_view last_use_names[] = {"none", "sampled", "day", "time"};

/// How a credential is replaced while somebody uses it.
enum class RotationMode : std::uint8_t {
  none,             ///< Not by us: we only look.
  dual_key,         ///< Two keys live at once.
  multi_password,   ///< One account, several passwords.
  two_user,         ///< Two accounts take turns.
  in_place,         ///< The old one ends when the new one begins.
  mint_and_revoke,  ///< New ones at will, old ones revoked one by one.
  asymmetric,       ///< The public half is published: two overlap.
  manual,           ///< A person has to.
};
inline constexpr std::string_view rotation_mode_names[] = {
    "none",     "dual_key",        "multi_password", "two_user",
    "in_place", "mint_and_revoke", "asymmetric",     "manual"};

enum class Disable : std::uint8_t { no, reversible, irreversible };
inline constexpr std::string_view disable_names[] = {"no", "reversible", "irreversible"};

/// What can be told about, and done to, one kind of credential at this kind of source.
struct Capability {
  std::string_view credential;  ///< As in Credential::kind: "password".
  bool enumerate = true;
  LastUse last_use = LastUse::none;
  RotationMode rotation = RotationMode::none;
  int max_live_secrets = 1;  ///< 0: no limit.
  Disable disable = Disable::no;
  bool create = false, destroy = false;
  bool narrow = false;         ///< Fewer networks, scopes or commands.
  bool kill_sessions = false;  ///< What is open now can be ended.
};

/// A kind of step that an Changer of this kind can take (connect/action.hpp).
struct Act {
  std::string_view kind;  ///< "role_login".
  ObjectClass subject{};
  bool reversible = false;
  std::string_view help;        ///< One sentence for the operator.
  std::string_view permission;  ///< Name of the Permission (purpose act) it needs.
};

/// How often we may call when nothing else is set.
struct Rate {
  double per_second = 20;
  int burst = 20;
};

/// All of it. A class that no permission names is unsupported.
struct Info {
  std::string_view kind;   ///< "postgres".
  std::string_view title;  ///< "PostgreSQL".
  std::span<Permission const> permissions;
  std::string_view help;  ///< What it finds, in one sentence.
  std::span<Option const> options;
  std::span<Capability const> capabilities;
  std::span<Act const> acts;
  int page_size = 1000;  ///< Objects a page, unless the option page_size says otherwise.
  Rate rate;
};

}  // namespace reeve::connect
