#pragma once

#include <vector>

#include "connectors/host/rows.hpp"
#include "connectors/host/secrets_find.hpp"

namespace reeve::host {

/// The chapters of secrets and agents: "files" and "environments". `fingerprint` is for values
/// (crypto::Material::value), `tree` lives as long as the families.
///
///     options.more = [&](host::Tree& tree) { return host::secret_families(tree, fingerprint); };
std::vector<Family> secret_families(Tree& tree, connect::Fingerprint const& fingerprint);

/// One row for each file of credentials or agent configuration, with sightings; agents also with
/// identity, MCP server, grant and consumer.
Result<std::vector<Row>> secret_file_rows(Tree& tree, connect::Fingerprint const& fingerprint);

/// Secrets in the environments and on the command lines of units, jobs and processes.
Result<std::vector<Row>> environment_rows(Tree& tree, connect::Fingerprint const& fingerprint);

/// "others", "group" or "owner": who may read a file of that mode.
std::string exposure(std::uint32_t mode);

/// A sighting at `where` ("file:/etc/x"), which is also the head of its native id.
Observation sighting_of(Found const& found, std::string const& where);

}  // namespace reeve::host
