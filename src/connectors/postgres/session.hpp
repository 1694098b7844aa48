#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace reeve::pg {

/// One row, in the server's text format; no value is SQL NULL.
using Row = std::vector<std::optional<std::string>>;

Result<std::int64_t> number(Row const& row, std::size_t column);
std::string text(Row const& row, std::size_t column);  ///< Empty when null.
bool yes(Row const& row, std::size_t column);          ///< Of a boolean, or of an int 1.

struct SessionOptions {
  std::string database;   ///< Instead of the one the URL names; empty: that one.
  bool read_only = true;  ///< A write is refused by the server.
  std::chrono::seconds connect_timeout{10};
  std::chrono::seconds statement_timeout{30};  ///< The server's.
  std::chrono::seconds grace{5};               ///< Ours is so much later.
  std::size_t answer_bytes_max = 64u << 20;
};

/// A session on a server that we do not trust: every wait has a deadline and every answer a limit
/// on its size. After a timeout, a lost connection or an answer too large nothing more is asked of
/// it: what it would say could belong to the call before. Names are looked up in pg_catalog alone,
/// so nothing a user made can stand in for a catalog. One thread at a time.
class Session {
 public:
  virtual ~Session() = default;
  /// Errors: denied (names the relation), timeout, unavailable, rate_limited, conflict (lost a
  /// race), corrupt, internal (our SQL).
  virtual Result<std::vector<Row>> query(char const* sql, std::vector<std::string> const& args) = 0;
};

/// `url` is whatever libpq takes as a connection string; what it leaves out comes from the
/// environment and ~/.pgpass as libpq documents. Errors never repeat it, since a password may be
/// anywhere in a malformed one. Errors: invalid, unauthenticated, denied, unavailable.
Result<std::unique_ptr<Session>> open_session(Secret const& url, SessionOptions const& options);

/// A name as SQL writes it: "x""y".
std::string quote_name(std::string_view name);

}  // namespace reeve::pg
