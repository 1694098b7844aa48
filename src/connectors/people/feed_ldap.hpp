#pragma once

#include <string>
#include <vector>

#include "connectors/people/feed.hpp"
#include "ldap_client/ldap_client.hpp"

namespace reeve::people {

/// Everybody of class person under `base`. Errors: as ldap::Client.
Result<Reading> read_directory_people(ldap::Client& client, std::string const& base,
                                      std::vector<std::string> const& leavers);

}  // namespace reeve::people
