#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "crypto/public_key.hpp"

namespace reeve::crypto {

/// What an OpenSSH certificate says (PROTOCOL.certkeys). Its signature is not checked: a file can
/// be described without knowing whom it trusts.
struct SshCertificate {
  std::uint64_t serial = 0;
  bool host = false;                    ///< false: for a user.
  std::string key_id;                   ///< Text of the CA, what sshd logs. May be hostile.
  std::vector<std::string> principals;  ///< Empty: sshd accepts none (formerly: any).
  std::optional<Instant> valid_after;   ///< Empty: always.
  std::optional<Instant> valid_before;  ///< Empty: for ever.
  std::vector<std::string> critical;    ///< "source-address", "force-command": names only.
  PublicKey authority;

  bool operator==(SshCertificate const&) const = default;
};

/// A public key as SSH writes it.
struct SshPublicKey {
  std::string type;  ///< "ssh-ed25519", "sk-ssh-ed25519@openssh.com", "…-cert-v01@openssh.com".
  PublicKey key;     ///< Of a security key: the key on it.
  std::string fingerprint;  ///< "SHA256:…" as `ssh-keygen -lf` prints it for this file or line.
  bool hardware = false;    ///< The private key is on a FIDO token (sk-*).
  std::string application;  ///< Of a hardware key: "ssh:".
  std::optional<SshCertificate> certificate;  ///< Empty: a plain key.

  bool operator==(SshPublicKey const&) const = default;
};

/// The decoded second word of a line (RFC 4253 §6.6): rsa, dsa, ecdsa, ed25519, sk-*, certificates
/// of each. At most 64 KiB. Errors: corrupt; unsupported (a type we do not know, named).
Result<SshPublicKey> parse_ssh_blob(std::string_view blob);

struct SshPublicLine {
  SshPublicKey key;
  std::string comment;  ///< As it stands, not made safe to print.
};

/// One line of a .pub or known_hosts-like file, "TYPE BASE64 [COMMENT]", without options. The type
/// must be the one in the blob. Errors: invalid (no such line), corrupt, unsupported.
Result<SshPublicLine> parse_ssh_line(std::string_view line);

}  // namespace reeve::crypto
