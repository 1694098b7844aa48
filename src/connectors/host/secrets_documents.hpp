#pragma once

#include <string_view>

#include "base/yaml.hpp"
#include "connectors/host/secrets_find.hpp"

namespace reeve::host {

// Files of credentials that are JSON, YAML or TOML, read into nodes by secrets_document.hpp.

/// Every member of every depth by its name: hosts.yml of gh, credentials.tfrc.json, cargo's
/// credentials.toml, token caches. `place` as in scan::judge.
void find_in_tree(Yaml const& root, Finder& finder, scan::Place place = scan::Place::settings);

/// kubectl's configuration (client-go api v1 Config): users with token, basic authentication,
/// certificate and key, exec plugin, auth provider; contexts and clusters say what they open.
void find_in_kubeconfig(Yaml const& root, Finder& finder);

/// docker's and podman's config.json, auth.json: auths, credHelpers, credsStore.
void find_in_docker(Yaml const& root, Finder& finder);

/// A Google Cloud credential file: service_account, authorized_user, external_account.
void find_in_gcloud(Yaml const& root, Finder& finder);

/// Lines of a broken document that look like `key: value` or `"key": "value"`, so that one
/// misplaced brace does not hide a token from us that it does not hide from a thief.
void find_in_broken(std::string_view text, Finder& finder);

}  // namespace reeve::host
