#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "connectors/host/client.hpp"
#include "connectors/host/crontab.hpp"
#include "connectors/host/unit.hpp"
#include "model/observation.hpp"

namespace reeve::host {

/// A service or timer as systemd would load it.
struct LoadedUnit {
  std::string name;     ///< "app@blue.service".
  std::string path;     ///< Of its main file.
  bool wanted = false;  ///< A .wants or .requires folder names it: it starts by itself.
  ServiceUnit service;  ///< Of a service.
  std::string starts;   ///< Of a timer: the unit.
};

/// All services and timers of the system manager. Drop-ins are applied, masked units left out,
/// instances of templates found by the links that want them. What could not be read goes to `gaps`.
std::vector<LoadedUnit> load_units(Tree& tree, std::vector<Gap>& gaps);

/// The services that the user manager of a home starts: ~/.config/systemd/user, drop-ins left out.
std::vector<LoadedUnit> load_user_units(Tree& tree, std::string const& home,
                                        std::vector<Gap>& gaps);

/// One table of jobs, or a folder of scripts.
struct LoadedCron {
  std::string path;
  std::string user;  ///< Whose crontab it is; empty: each job says.
  Crontab table;
};
std::vector<LoadedCron> load_cron(Tree& tree, std::vector<Gap>& gaps);

/// What runs, by /proc: one for each program of each user, whatever the number of processes.
struct Running {
  std::uint32_t uid = 0;
  std::string program;  ///< Path of its file, else its name.
  std::string unit;     ///< By its control group: "app.service"; or empty.

  auto operator<=>(Running const&) const = default;
};
/// Sorted, without kernel threads. Not a live tree: none. At most 20,000 processes are looked at.
std::vector<Running> load_running(Tree& tree, std::vector<Gap>& gaps);

}  // namespace reeve::host
