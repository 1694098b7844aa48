#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "sql/pq_url.hpp"

struct pg_conn;
struct pg_result;

namespace reeve::sql {

struct ClearAnswer {
  void operator()(pg_result* answer) const;
};
/// An answer of the server, or one row of it.
using Answer = std::unique_ptr<pg_result, ClearAnswer>;

/// One connection in libpq's pipeline mode. What is sent waits in a queue until the server has
/// answered it:
///
///   sent:      insert  insert  insert  SYNC  insert  select  SYNC
///   answered:  ok      ok      ...                           (not yet asked for)
///
/// An error makes the server skip to the next SYNC, so the first one is the cause and the rest are
/// its shadow. One thread at a time.
class PqWire {
 public:
  static Result<PqWire> connect(PqUrl const& url);
  PqWire(PqWire&&) noexcept;
  PqWire& operator=(PqWire&&) noexcept;
  ~PqWire();

  bool lost() const { return lost_; }
  /// Of the libpq manual: 20 is bigint, 25 text.
  Result<> send_prepare(std::string const& name, std::string const& sql,
                        std::vector<unsigned> const& types);
  /// Binary values; nullptr is null.
  Result<> send(std::string const& name, std::vector<char const*> const& values,
                std::vector<int> const& sizes);
  Result<> send_text(std::string const& sql);  ///< Without parameters.
  Result<> send_sync();
  std::size_t queued() const { return queue_.size(); }
  /// Waits until at most `left` of what was sent is unanswered. The first error, if any.
  Result<> settle(std::size_t left = 0);
  /// The next row of the oldest unanswered statement, which settle(…) has brought to the front; an
  /// answer with no row is the last one.
  Result<Answer> next_row();
  /// Several statements, and nothing else in the queue.
  Result<> script(std::string const& sql);
  /// First column of the first row of a statement that runs by itself.
  Result<std::string> ask(std::string const& sql, std::vector<char const*> const& values);

 private:
  struct Close {
    void operator()(pg_conn* connection) const;
  };
  enum class Sent : std::uint8_t { statement, sync };

  explicit PqWire(pg_conn* connection) : connection_(connection) {}
  Result<> was_sent(int ok, Sent what);
  std::optional<Error> answer_of_oldest();
  std::optional<Error> error_in(pg_result const* answer);
  Error connection_error();

  std::unique_ptr<pg_conn, Close> connection_;
  std::deque<Sent> queue_;
  bool reading_ = false;  ///< next_row has begun with the oldest.
  bool lost_ = false;
};

}  // namespace reeve::sql
