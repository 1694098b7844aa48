// libpq, with a deadline on every wait.
//
// PQexec waits for ever for a server that took a question and says nothing, so questions are sent
// and their answers awaited with poll. Rows come one by one (single row mode), so an answer is
// dropped as soon as it is too large and not after it has filled the memory; one value alone may
// still be as large as the server likes, which the SQL of this folder prevents with left().
//
// libpq explains a connection string it cannot read by quoting it, and what it quotes may be a part
// of a password ("missing = after hunter2", port number "p/w"). Hence strings are taken apart
// first, and what looks torn is refused in our own words.
//
// Sources: PostgreSQL 15 documentation, 34.1 (connection), 34.4 (asynchronous), 34.6 (single row),
// appendix A (error codes).

#include "connectors/postgres/session.hpp"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <charconv>

namespace reeve::pg {
namespace {

using Clock = std::chrono::steady_clock;

struct Clear {
  void operator()(PGconn* connection) const { PQfinish(connection); }
  void operator()(PGresult* result) const { PQclear(result); }
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using Connection = std::unique_ptr<PGconn, Clear>;
using Answer = std::unique_ptr<PGresult, Clear>;

Errc code_of(std::string_view sqlstate) {
  if (sqlstate == "42501") return Errc::denied;
  if (sqlstate == "57014") return Errc::timeout;   // statement_timeout
  if (sqlstate == "XX000") return Errc::conflict;  // "tuple concurrently updated" has this one
  if (sqlstate.starts_with("28")) return Errc::unauthenticated;
  if (sqlstate.starts_with("40")) return Errc::conflict;
  if (sqlstate.starts_with("08") || sqlstate.starts_with("57P") || sqlstate.empty())
    return Errc::unavailable;
  return sqlstate.starts_with("53") ? Errc::rate_limited : Errc::internal;
}

std::string without_line_end(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  return std::string(text);
}

/// What libpq would quote in an error is checked before libpq sees it.
Result<> check(std::string const& url) {
  char* why = nullptr;
  std::unique_ptr<PQconninfoOption, Clear> const parsed(PQconninfoParse(url.c_str(), &why));
  if (why) PQfreemem(why);  // quotes the string
  auto const torn = [] {
    return fail(Errc::invalid,
                "not a PostgreSQL connection string; a special character in a password must be "
                "percent-encoded: @ is %40, / is %2F, : is %3A");
  };
  if (!parsed) return torn();
  for (auto const* option = parsed.get(); option->keyword; ++option) {
    std::string_view const name = option->keyword, value = option->val ? option->val : "";
    auto const digit = [](char c) { return (c >= '0' && c <= '9') || c == ','; };
    if (name == "port" && !std::ranges::all_of(value, digit)) return torn();
    if (name.starts_with("host") && value.find_first_of("@?#") != value.npos) return torn();
  }
  return {};
}

class LibpqSession final : public Session {
 public:
  LibpqSession(Connection connection, SessionOptions options)
      : connection_(std::move(connection)), options_(std::move(options)) {}

  Result<std::vector<Row>> query(char const* sql, std::vector<std::string> const& args) override {
    if (!connection_) return fail(Errc::unavailable, "the session has ended");
    auto const deadline = Clock::now() + options_.statement_timeout + options_.grace;
    auto rows = exchange(sql, args, deadline);
    if (broken_) connection_.reset();
    return rows;
  }

 private:
  Result<std::vector<Row>> exchange(char const* sql, std::vector<std::string> const& args,
                                    Clock::time_point deadline) {
    TRY(send(sql, args, deadline));
    return read(deadline);
  }

  std::unexpected<Error> broken(Errc code, std::string why) {
    broken_ = true;
    return fail(code, std::move(why));
  }

  std::unexpected<Error> lost() {
    return broken(Errc::unavailable, without_line_end(PQerrorMessage(connection_.get())));
  }

  Result<> send(char const* sql, std::vector<std::string> const& args, Clock::time_point deadline) {
    std::vector<char const*> values;
    values.reserve(args.size());
    for (auto const& arg : args) values.push_back(arg.c_str());
    if (PQsendQueryParams(connection_.get(), sql, int(values.size()), nullptr, values.data(),
                          nullptr, nullptr, /*resultFormat=*/0) == 0)
      return lost();
    PQsetSingleRowMode(connection_.get());
    for (int left = PQflush(connection_.get()); left != 0; left = PQflush(connection_.get())) {
      if (left < 0) return lost();
      TRY(wait(POLLOUT, deadline));
    }
    return {};
  }

  Result<> wait(short events, Clock::time_point deadline) {
    auto const left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd ready{PQsocket(connection_.get()), events, 0};
    int const answer = left <= 0 ? 0 : ::poll(&ready, 1, int(std::min<long long>(left, 1 << 30)));
    if (answer < 0 && errno == EINTR) return {};
    if (answer < 0) return broken(Errc::unavailable, "poll failed");
    return answer == 0 ? broken(Errc::timeout, "no answer in time") : Result<>{};
  }

  Result<std::vector<Row>> read(Clock::time_point deadline) {
    std::vector<Row> rows;
    std::optional<Error> refusal;
    std::size_t bytes = 0;
    for (;;) {
      while (PQisBusy(connection_.get()) == 1) {
        TRY(wait(POLLIN, deadline));
        if (PQconsumeInput(connection_.get()) == 0) return lost();
      }
      Answer const answer(PQgetResult(connection_.get()));
      if (!answer) break;
      auto const status = PQresultStatus(answer.get());
      if (status == PGRES_SINGLE_TUPLE) bytes += take(answer.get(), rows);
      if (bytes > options_.answer_bytes_max)
        return broken(Errc::corrupt, "the answer is larger than we take");
      if (status != PGRES_SINGLE_TUPLE && status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK &&
          !refusal)
        refusal = refused(answer.get());
    }
    if (refusal) return std::unexpected(*std::move(refusal));
    return rows;
  }

  static std::size_t take(PGresult const* answer, std::vector<Row>& rows) {
    std::size_t bytes = 0;
    auto& row = rows.emplace_back();
    for (int column = 0; column < PQnfields(answer); ++column) {
      auto& value = row.emplace_back();
      if (PQgetisnull(answer, 0, column) == 1) continue;
      value.emplace(PQgetvalue(answer, 0, column), std::size_t(PQgetlength(answer, 0, column)));
      bytes += value->size() + sizeof value;
    }
    return bytes;
  }

  Error refused(PGresult const* answer) {
    char const* const state = PQresultErrorField(answer, PG_DIAG_SQLSTATE);
    char const* const message = PQresultErrorField(answer, PG_DIAG_MESSAGE_PRIMARY);
    if (PQstatus(connection_.get()) != CONNECTION_OK) broken_ = true;
    return {code_of(state ? state : ""),
            message ? message : without_line_end(PQerrorMessage(connection_.get()))};
  }

  Connection connection_;
  SessionOptions options_;
  bool broken_ = false;
};

std::string server_settings(SessionOptions const& options) {
  return std::string("-c search_path=pg_catalog -c statement_timeout=") +
         std::to_string(options.statement_timeout.count() * 1000) +
         " -c lock_timeout=5000 -c default_transaction_read_only=" +
         (options.read_only ? "on" : "off");
}

}  // namespace

Result<std::int64_t> number(Row const& row, std::size_t column) {
  auto const digits = text(row, column);
  std::int64_t value = 0;
  auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size())
    return fail(Errc::corrupt, "not a number: " + digits.substr(0, 64));
  return value;
}

std::string text(Row const& row, std::size_t column) {
  return column < row.size() ? row[column].value_or("") : "";
}

bool yes(Row const& row, std::size_t column) {
  auto const value = text(row, column);
  return value == "t" || value == "1";
}

Result<std::unique_ptr<Session>> open_session(Secret const& url, SessionOptions const& options) {
  std::string conninfo(url.reveal());
  struct Wipe {
    std::string& bytes;
    ~Wipe() { wipe(bytes); }
  } const wiped{conninfo};
  TRY(check(conninfo));
  auto const timeout = std::to_string(options.connect_timeout.count());
  auto const settings = server_settings(options);
  std::vector<char const*> names{"dbname", "connect_timeout", "application_name", "options",
                                 "client_encoding"};
  std::vector<char const*> values{conninfo.c_str(), timeout.c_str(), "reeve", settings.c_str(),
                                  "UTF8"};
  if (!options.database.empty()) {  // only the first dbname is taken for a connection string
    names.push_back("dbname");
    values.push_back(options.database.c_str());
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  Connection connection(PQconnectdbParams(names.data(), values.data(), /*expand_dbname=*/1));
  if (PQstatus(connection.get()) != CONNECTION_OK) {
    // libpq gives no SQLSTATE here. Once a password was asked for, the server is up and said no.
    bool const asked =
        PQconnectionNeedsPassword(connection.get()) || PQconnectionUsedPassword(connection.get());
    auto why = without_line_end(PQerrorMessage(connection.get()));
    bool const refused = asked || why.contains("pg_hba.conf") || why.contains("authentication");
    return fail(refused ? Errc::unauthenticated : Errc::unavailable, std::move(why));
  }
  if (PQsetnonblocking(connection.get(), 1) != 0)
    return fail(Errc::unavailable, "the connection cannot be made to wait for nobody");
  return std::make_unique<LibpqSession>(std::move(connection), options);
}

std::string quote_name(std::string_view name) {
  std::string out = "\"";
  for (char const c : name) {
    if (c == '"') out += c;
    out += c;
  }
  return out + '"';
}

}  // namespace reeve::pg
