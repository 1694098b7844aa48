// Who is calling: the kernel says so on the unix socket, a token elsewhere.
//
// A token is "reeve_" and 256 random bits; only its hash is kept, so a stolen store opens nothing.
// It has a role, an end, and can be revoked. The first start makes one, shown once.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "base/time.hpp"
#include "server/api.hpp"

namespace reeve::sql {
class Database;
}

namespace reeve::server {

class Service;

/// On the socket: our own user and root are operators, nobody else is let in. Over TCP: the bearer
/// of a token that is there, not revoked and not over. `service` outlives it. Any thread.
std::unique_ptr<Gate> make_gate(Service& service);

/// Brings the tables of tokens to what this program knows.
Result<> create_tokens(sql::Database& state);

struct NewToken {
  std::string id;  ///< "tok_3".
  Secret secret;   ///< Shown once, kept nowhere.
};
/// Errors: invalid (role, an end that is not ahead).
Result<NewToken> make_token(Service& service, std::string const& name, std::string const& role,
                            Instant until);
/// Errors: not_found.
Result<> revoke_token(Service& service, std::string_view id);

/// The first token of a store that has none; empty when it had one already.
Result<Secret> bootstrap(Service& service);

}  // namespace reeve::server
