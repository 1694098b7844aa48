// A write that is sent twice and done once: the client names it with `Idempotency-Key`
// (draft-ietf-httpapi-idempotency-key-header-07), and gets the first answer again.
//
//   no row            → a row without an answer is put down durably, then the work is done
//   row, no answer    → 409: it is under way, or we were killed within it and nobody knows its end
//   row with answer   → that answer, with Idempotency-Replayed: true
//   row of another request → 400: one name, two things
//
// What is kept lives in the state store for 24 hours: hashes of caller, key and request, and the
// answer. A failure that another try may mend (5xx, 429) is forgotten at once. Answers that hold a
// secret or a stream are never kept: those routes refuse a key.
#pragma once

#include <string_view>

#include "server/api.hpp"

namespace reeve::sql {
class Database;
}

namespace reeve::server {

/// Brings the tables to what this program knows.
Result<> create_replays(sql::Database& state);

/// Reads the body of `request` and handles it at most once for its caller and `key`.
/// Errors: invalid (the key, or it named another request), conflict, those of the handler.
Result<net::Response> handle_once(Api& api, Route const& route, Request& request,
                                  std::string_view key);

}  // namespace reeve::server
