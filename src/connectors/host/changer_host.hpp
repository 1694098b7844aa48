#pragma once

#include <memory>
#include <string>

#include "connect/action.hpp"
#include "connect/settings.hpp"

namespace reeve::connect {

/// Changes files of a Linux host, running (`root` empty) or below a folder. Actions:
///   file_mode {}           subject: the path of a file that others may read
///   remove_key {}          subject: native_id of a credential of kind ssh_key
///   confine_key {networks: "10.0.0.7,fd00::/8"}   the same
/// Errors: as host::open_tree.
Result<std::unique_ptr<Changer>> make_host_changer(std::string source, std::string const& root);

/// For the application's list of kinds: `root` comes from the settings.
Result<std::unique_ptr<Changer>> open_host_changer(std::string source, Settings const& settings);

}  // namespace reeve::connect
