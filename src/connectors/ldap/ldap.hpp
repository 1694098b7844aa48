#pragma once

#include <memory>
#include <string>
#include <vector>

#include "connect/connector.hpp"
#include "connect/settings.hpp"
#include "connectors/ldap/openldap.hpp"
#include "ldap_client/ldap_client.hpp"

namespace reeve::connect {

struct LdapOptions {
  std::string base;  ///< Empty: what the server names first.
  ldap::Branches branches;
  std::string default_policy;  ///< DN of the policy of accounts that name none; or empty.
  int page_size = 200;
};

/// OpenLDAP 2.5: people and service accounts, groups within groups, state of passwords, last bind.
std::unique_ptr<Connector> make_ldap(std::string source, std::unique_ptr<ldap::Client> client,
                                     LdapOptions options);

Info const& ldap_info();
Kind ldap_kind();

}  // namespace reeve::connect
