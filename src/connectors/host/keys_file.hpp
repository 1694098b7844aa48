#pragma once

#include <string_view>

#include "base/secret.hpp"
#include "connectors/host/secrets_find.hpp"

namespace reeve::host {

// Private keys, certificates, keystores and keytabs. A key's fingerprint is the id of its public
// half (crypto/public_key.hpp), so that a private key, the authorized_keys lines it opens and the
// certificates made for it join. Nothing is decrypted; of a key whose public half is hidden by its
// passphrase the fingerprint is that of the encrypted bytes, so that at least copies join.

/// The private keys in a text that holds some, one Found each; what cannot be read is one of kind
/// "private_key" all the same, with a Malformed: it may be a key that others understand.
void find_private_key(Secret const& pem, Finder::Where const& where, Finder& finder);

/// The certificates in a PEM text. A bundle of authorities alone (a trust store) gives none.
void find_certificates(std::string_view pem, Finder::Where const& where, Finder& finder);

/// A file that holds keys or certificates, in PEM, DER, PuTTY's or OpenPGP's form.
void find_in_key_file(std::string_view bytes, Finder& finder);

}  // namespace reeve::host
