// What the search for secrets in one file gives, and the one way a value may take: from the bytes
// of the file through `Finder` into a fingerprint. A `Found` can be stored and shown.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "connect/connector.hpp"
#include "connectors/host/lines.hpp"
#include "model/credential.hpp"
#include "scan/judge.hpp"

namespace reeve::host {

/// A secret, or the name of one, at one place of a file.
struct Found {
  std::string kind;         ///< "github_pat", "password", "private_key", "certificate".
  std::string fingerprint;  ///< Empty: referenced. Of keys and certificates: the public key's id.
  SightingMode mode = SightingMode::stored;
  std::string key;         ///< Where in the file: "[default] aws_secret_access_key"; unique there.
  int line = 0;            ///< From 1; 0: not told.
  std::string account;     ///< Whom it authenticates: "AKIA…", a user, a client; or empty.
  std::string target;      ///< What it opens: "https://registry.npmjs.org"; or empty.
  std::string refers_to;   ///< referenced: "${env:TOKEN}", "helper ecr-login".
  bool encrypted = false;  ///< A private key that a passphrase protects.
  Known<Instant> expires;

  bool operator==(Found const&) const = default;
};

struct FoundInFile {
  std::vector<Found> found;
  std::vector<Malformed> malformed;  ///< What could not be read; `why` quotes no value.
};

/// Collects what one file holds. Values are fingerprinted at once and never kept. The function
/// given outlives it.
class Finder {
 public:
  explicit Finder(connect::Fingerprint const& fingerprint) : fingerprint_(fingerprint) {}

  /// What `name = value` gives, which may be nothing. `key` is where it stands; account and target
  /// fill in what the value itself does not tell.
  struct Where {
    std::string key;
    int line = 0;
    std::string account, target;
  };
  void setting(std::string_view name, std::string_view value, Where const& where,
               scan::Place place = scan::Place::settings);
  /// A command that is run to get at a secret, or is run with one: what it holds itself is stored.
  void command(std::vector<std::string> const& argv, Where const& where);
  /// A secret whose kind the format tells.
  void secret(std::string_view kind, std::string_view value, Where const& where);
  void reference(std::string_view kind, std::string_view to, Where const& where);
  void add(Found found);
  void malformed(int line, std::string_view why);
  /// "line 3, column 7: …" of a parser.
  void malformed(Error const& error);

  std::string fingerprint(std::string_view value) const { return fingerprint_(value); }
  /// Two of one key get "#2" behind the second.
  FoundInFile take();

 private:
  void add(scan::Match const& match, Where const& where);

  connect::Fingerprint const& fingerprint_;
  FoundInFile file_;
};

}  // namespace reeve::host
