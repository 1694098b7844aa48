#pragma once

#include <string>
#include <vector>

#include "connect/connector.hpp"
#include "connectors/postgres/client.hpp"

namespace reeve::pg {

// Rows of the catalogs as objects of ours. Pure.

Observation identity(Role const& role);
/// What everybody is granted hangs on this identity: native id "public".
Observation everybody();
std::vector<Observation> attributes(Role const& role);
Observation membership(Membership const& membership);
Observation password(Role const& role, Verifier const& verifier,
                     connect::Fingerprint const& fingerprint);
Observation cluster();
/// What its members are members of.
Observation predefined_role(Role const& role);
Observation resource(Database const& database);
/// The owner's grant, for the first row of an object that is not the system's.
/// An object of a database, or what default privileges will be on. The same for all of its
/// privileges.
Observation resource(Kind kind, Database const& database, Privilege const& privilege);
/// The role that somebody is a member of, if it is none of the predefined.
Observation group(Membership const& membership);
Observation ownership(Kind kind, Database const& database, Privilege const& privilege);
Observation grant(Kind kind, Database const& database, Privilege const& privilege);
Observation consumer(Sessions const& sessions);
/// `now`: of a session whose times are hidden.
Observation usage(Sessions const& sessions, Instant now);

/// "production" of "orders_prod", "staging", "development", "test"; NotReported: the name does not
/// say.
Known<std::string> environment_of(std::string_view name);

}  // namespace reeve::pg
