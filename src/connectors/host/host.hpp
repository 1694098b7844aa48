#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "connect/connector.hpp"
#include "connect/settings.hpp"
#include "connectors/host/rows.hpp"

namespace reeve::connect {

/// What the host connector is given besides its tree.
struct HostOptions {
  std::function<Instant()> now;      ///< Decides which accounts have expired.
  Fingerprint verifier_fingerprint;  ///< For password hashes (crypto::Material::verifier).
  std::string root;                  ///< As the operator gave it, for the lines to paste; "": live.
  int page_size = 1000;              ///< Objects a page.
  /// More chapters behind our own, e.g. the secrets in files. The tree lives as long as they.
  std::function<std::vector<host::Family>(host::Tree&)> more;
};

/// A Linux host, running or as files: accounts, keys, rights, what runs, logins.
std::unique_ptr<Connector> make_host(std::string source, std::unique_ptr<host::Tree> tree,
                                     HostOptions options);

/// The same on what the settings name: `root` or the running system. For the application's list of
/// kinds; root and page_size of `options` are filled in. Errors: as host::open_tree.
Result<std::unique_ptr<Connector>> open_host(std::string source, Settings const& settings,
                                             HostOptions options);

Info const& host_info();

}  // namespace reeve::connect
