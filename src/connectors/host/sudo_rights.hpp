#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/host/sudoers.hpp"

namespace reeve::host {

/// /etc/sudoers with everything it includes, in the order sudo reads it.
struct SudoPolicy {
  struct Placed {
    SudoStatement statement;
    std::size_t file = 0;  ///< Into `files`.
  };
  std::vector<std::string> files;  ///< Paths.
  std::vector<Placed> statements;
};

/// An account as sudo sees it.
struct SudoUser {
  struct Group {
    std::string name;
    std::uint32_t gid = 0;
  };
  std::string name;
  std::uint32_t uid = 0;
  std::vector<Group> groups;  ///< The primary one included.
};

/// What one account may run by sudo, after everything that later lines take back.
struct SudoRight {
  std::string file;
  int line = 0;
  std::string via;                         ///< "group:sudo", "ALL"; empty: named itself.
  std::string command;                     ///< "ALL", "/usr/bin/pg_dump", "sudoedit".
  std::string arguments;                   ///< As in SudoCommand. May be shown to nobody.
  std::vector<std::string> run_as;         ///< "root", "ALL", "!root"; empty: itself.
  std::vector<std::string> run_as_groups;  ///< Empty: the target's own.
  bool no_password = false;                ///< NOPASSWD, or `Defaults !authenticate`.
  std::vector<std::string> tags;           ///< Without NOPASSWD and PASSWD.
  std::vector<std::string> options;        ///< "NOTAFTER=20270101000000Z".
  std::vector<std::string> except;         ///< Commands that later lines forbid.
  std::vector<std::string> hosts;  ///< Addresses and netgroups of which one must be this host's.
  bool digest = false;

  /// Everything as everybody with power: root, or anyone.
  bool all() const { return command == "ALL"; }
  bool as_root() const;
};

/// Counts comparisons, so that a hostile policy ends in an error and not in the night.
struct SudoBudget {
  std::size_t left = 50'000'000;
};

struct SudoRights {
  std::vector<SudoRight> rights;
  bool given_up = false;  ///< The budget or the limit of commands ended: `rights` is not all.
};

/// `host` is the name of the system, short or full; empty: not known, every name may be it.
/// sudoers(5), "last match wins"; sudo 1.9.13.
SudoRights sudo_rights(SudoPolicy const& policy, SudoUser const& user, std::string_view host,
                       SudoBudget& budget);

/// Names that a policy gives rights to and that cannot be decided from files: netgroups, groups of
/// another kind ("+ops", "%:domain"), and users that `is_known` does not know. Each once.
std::vector<std::string> undecided_holders(SudoPolicy const& policy,
                                           std::vector<std::string> const& known_users);

}  // namespace reeve::host
