#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "connectors/host/lines.hpp"
#include "crypto/ssh_key.hpp"
#include "model/known.hpp"

namespace reeve::host {

inline constexpr std::size_t authorized_keys_max = 20'000;  ///< Lines taken from one file.

struct KeyOption {
  std::string name;                  ///< In lower case: "from", "command", "no-pty".
  std::optional<std::string> value;  ///< Without its quotes; empty: a bare flag.
};

/// One line of an authorized_keys file.
struct AuthorizedKey {
  int line = 0;
  std::vector<KeyOption> options;
  crypto::SshPublicKey key;
  std::string algorithm;  ///< "rsa-2048", "ed25519", "ec-p256"; "ed25519-sk" when on a token.
  std::string comment;

  KeyOption const* option(std::string_view name) const;  ///< The first of that name; null: none.
  bool certificate_authority() const { return option("cert-authority") != nullptr; }
  /// Of expiry-time, the earliest if there are several. None: no such option. Not reported: one
  /// that cannot be read (sshd refuses the key then).
  Known<Instant> expires() const;
  /// The options as they may be shown: values of environment= and the arguments of command= are
  /// left out, as secrets are put there. Empty: none.
  std::string restrictions() const;
};

struct AuthorizedKeys {
  std::vector<AuthorizedKey> keys;
  std::vector<Malformed> malformed;
};

/// sshd(8), "AUTHORIZED_KEYS FILE FORMAT", OpenSSH 9.2.
AuthorizedKeys parse_authorized_keys(std::string_view text);

/// YYYYMMDD or YYYYMMDDHHMM[SS], with Z for UTC. Without Z sshd takes its own time zone: we take
/// UTC, up to 14 hours off. Empty: unreadable.
std::optional<Instant> parse_expiry_time(std::string_view text);

}  // namespace reeve::host
