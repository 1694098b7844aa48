// Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint), Ed25519 only.
//
//   reeve/audit                       origin
//   42                                entries in the tree
//   CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=      root hash
//                                     (an empty line)
//   — reeve/audit Az3grlgt…           name of the key; base64 of its 4-byte id and the signature
//
// Reading is strict: one spelling for each note, so that a changed byte is a changed note.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "crypto/ed25519.hpp"
#include "crypto/hash.hpp"

namespace reeve::audit {

using crypto::Digest;

constexpr std::string_view default_origin = "reeve/audit";

/// A public key with its name, in text "<name>+<id in hex>+<base64 of 0x01 and the key>": what
/// whoever verifies must have got from elsewhere than from the folder he verifies.
struct VerifierKey {
  std::string name;
  crypto::Ed25519Public key{};

  std::uint32_t id() const;
  std::string to_string() const;
  /// Errors: invalid.
  static Result<VerifierKey> parse(std::string_view text);
};

/// `text` ends in a line end. The name of the key has neither blank nor plus.
std::string sign_note(std::string_view text, std::string_view name, crypto::Ed25519Key const& key);
/// The text, when `key` has signed it; signatures of other keys are ignored. Errors: corrupt.
Result<std::string> open_note(std::string_view note, VerifierKey const& key);

struct Checkpoint {
  std::string origin;
  std::uint64_t size = 0;
  Digest root{};

  std::string text() const;  ///< The lines that are signed.
  bool operator==(Checkpoint const&) const = default;
};

std::string sign_checkpoint(Checkpoint const& checkpoint, crypto::Ed25519Key const& key);
/// Errors: corrupt (no note, not signed by `key`, no checkpoint, of another origin than the key's
/// name). Lines that extend a checkpoint are refused: we write none.
Result<Checkpoint> open_checkpoint(std::string_view note, VerifierKey const& key);

}  // namespace reeve::audit
