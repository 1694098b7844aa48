#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "crypto/keystore.hpp"
#include "crypto/pem.hpp"
#include "crypto/private_key.hpp"
#include "crypto/ssh_key.hpp"
#include "crypto/x509.hpp"

namespace reeve::crypto {

template <class T>
struct Found {
  T what;
  std::string place;  ///< "line 12" or "alias web"; empty: the file is this one thing.
};

/// All key material in one file.
struct Contents {
  std::string format;  ///< "pem", "der", "pkcs7", "pkcs12", "jks", "jceks", "keytab",
                       ///< "ssh-public-key"; empty: nothing of the kind.
  std::vector<Found<Certificate>> certificates;  ///< In their order, keystores and chains included.
  std::vector<Found<PrivateKey>> private_keys;   ///< Those of keystores have that format.
  std::vector<Found<SshPublicKey>> ssh_keys;
  std::vector<KeytabEntry> keytab;
  bool sealed = false;       ///< A container holds more than it shows without its password.
  bool open_to_all = false;  ///< A container's password is the empty one.
  std::vector<Malformed> malformed;
};

/// Looks into a file whose name says nothing: PEM in any mix (certificate and key in one file,
/// PKCS#7, SSH public keys beside), DER, PKCS#12, JKS, keytab, by their first bytes. Never fails:
/// what cannot be read is in `malformed`. `fingerprint` is for keytab keys.
Contents look_inside(std::string_view bytes,
                     std::function<std::string(std::string_view key)> const& fingerprint);

}  // namespace reeve::crypto
