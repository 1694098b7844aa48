#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace reeve::sql {

/// What a URL such as postgres://reeve@db.example:5432/reeve?schema=inventory&sslrootcert=/ca.pem
/// says: libpq's own keywords (section 34.1.2 of its manual), and two that are ours:
///   schema        where our tables are; made when absent. Empty: what the server's search_path
///   says password_env  the environment variable that holds the password
/// A password in the URL is refused, since URLs end up in process lists and logs: besides
/// password_env there are passfile=, PGPASSWORD and a client certificate.
///
/// A host reached over the network must prove its name (sslmode=verify-full) unless the URL says
/// another sslmode.
struct PqUrl {
  std::vector<std::pair<std::string, std::string>> keywords;  ///< For PQconnectdbParams.
  std::string schema;
};

/// Errors: invalid. No message holds a part of the URL that could be a password.
Result<PqUrl> parse_pq_url(std::string_view url);

}  // namespace reeve::sql
