#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/secret.hpp"
#include "connectors/host/lines.hpp"

namespace reeve::host {

inline constexpr std::size_t unit_settings_max = 10'000;  ///< Taken from one file.

/// One `Key=value` of a unit file. The value may hold a secret.
struct UnitSetting {
  int line = 0;
  std::string section;  ///< "Service".
  std::string key;      ///< "ExecStart"; case matters, as it does to systemd.
  Secret value;  ///< Continued lines joined by a blank. Empty: what was set before is undone.
};

struct UnitFile {
  std::vector<UnitSetting> settings;
  std::vector<Malformed> malformed;
};

/// systemd.syntax(7), systemd 252.
UnitFile parse_unit(std::string_view text);

/// A variable of Environment=, with its quotes and escapes resolved.
struct UnitVariable {
  std::string name;
  Secret value;
};

/// What a service is, from its file and then its drop-ins in order.
struct ServiceUnit {
  std::string user, group;  ///< As written, specifiers and all; empty: not set.
  bool dynamic_user = false;
  std::vector<std::string> programs;            ///< Of ExecStart= and its like, without arguments.
  std::vector<Secret> commands;                 ///< The same whole; they may hold secrets.
  std::vector<UnitVariable> environment;        ///< The last value of each name.
  std::vector<std::string> environment_files;   ///< Paths, without the "-" that forgives absence.
  std::vector<std::string> loaded_credentials;  ///< "name" of LoadCredential[Encrypted]=name:path.
  std::vector<std::pair<std::string, std::string>> loaded_paths;  ///< Name and path of them.
  std::vector<UnitVariable> set_credentials;  ///< SetCredential=: the value stands in the unit.
  std::string root_directory;                 ///< RootDirectory= or RootImage=; empty: the host's.
};
ServiceUnit service_unit(std::span<UnitFile const* const> files);

/// What a timer starts: Unit=, else its own name as a service.
std::string timer_target(std::string_view timer, std::span<UnitFile const* const> files);

/// "app@blue.service" is prefix "app", instance "blue", type "service"; without '@' the instance
/// is empty.
struct UnitName {
  std::string prefix, instance, type;
  bool templated = false;  ///< There is an '@'.

  std::string template_name() const { return prefix + "@." + type; }
};
UnitName parse_unit_name(std::string_view name);

/// %i %I %j %J %n %N %p %P %u-less values of a name, %%; what depends on the running system (%u,
/// %h) stays as written.
std::string resolve_specifiers(std::string_view text, std::string_view unit);

}  // namespace reeve::host
