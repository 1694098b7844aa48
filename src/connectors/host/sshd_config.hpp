#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "connectors/host/lines.hpp"

namespace reeve::host {

/// One keyword of sshd_config with its arguments.
struct SshdSetting {
  int line = 0;
  std::string keyword;  ///< In lower case.
  std::vector<std::string> arguments;
  bool conditional = false;  ///< Below a Match line.
};

struct SshdSettings {
  std::vector<SshdSetting> settings;  ///< In order; Include lines among them.
  std::vector<Malformed> malformed;
};
SshdSettings parse_sshd_config(std::string_view text);

/// What decides who logs in by key. Built from the settings in the order sshd meets them, since
/// the first value of a keyword wins.
struct SshdPolicy {
  /// Patterns: %% %h %u; relative ones start at the home. Defaults of OpenSSH 9.2.
  std::vector<std::string> authorized_keys_files = {".ssh/authorized_keys",
                                                    ".ssh/authorized_keys2"};
  std::string authorized_keys_command;  ///< "": none. Its keys are in no file.
  std::string trusted_user_ca_keys;     ///< "": none.
  std::string permit_root_login = "prohibit-password";
  bool password_authentication = true;
  bool match_blocks = false;  ///< Some users may have other rules than these.
};
SshdPolicy sshd_policy(std::vector<SshdSetting> const& settings);

/// A pattern of authorized_keys_files for one account. Empty: "none".
std::string authorized_keys_path(std::string_view pattern, std::string_view user,
                                 std::string_view home, std::uint32_t uid);

}  // namespace reeve::host
