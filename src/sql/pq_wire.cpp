// The wire to PostgreSQL. Always in pipeline mode but for scripts, which need the simple protocol:
// one path for a single statement and for an import of millions, where a round trip each would be
// most of the time.
//
// libpq's blocking writes read what comes in while they wait (fe-misc.c, pqSendSome), so a long
// queue cannot make both sides wait for each other.
//
// Sources: https://www.postgresql.org/docs/15/libpq-pipeline-mode.html,
// …/libpq-single-row-mode.html, …/errcodes-appendix.html

#include "sql/pq_wire.hpp"

#include <libpq-fe.h>

#include <utility>

namespace reeve::sql {
namespace {

Errc code_of(std::string_view state) {
  struct Row {
    std::string_view prefix;
    Errc code;
  };
  constexpr Row rows[] = {
      {"23", Errc::conflict},         // a constraint
      {"40", Errc::conflict},         // serialization, deadlock
      {"25006", Errc::denied},        // a write in a read-only transaction
      {"42501", Errc::denied},        // insufficient privilege
      {"28", Errc::unauthenticated},  //
      {"57014", Errc::timeout},       // statement_timeout
      {"55", Errc::unavailable},      // a lock not got, an object in use
      {"08", Errc::unavailable},      // connection
      {"57", Errc::unavailable},      // shutdown, crash of another session
      {"53", Errc::unavailable},      // disk full, memory, connections
      {"58", Errc::unavailable},      // I/O, files
      {"XX001", Errc::corrupt},       // data_corrupted
      {"XX002", Errc::corrupt},       // index_corrupted
      {"22", Errc::invalid},          // data: division by zero, bad UTF-8, out of range
      {"42", Errc::invalid},          // syntax, names, types
      {"0A", Errc::invalid},          // not supported
      {"3", Errc::invalid},           // no such database or schema; statements without sense here
      {"2", Errc::invalid},           //
      {"54", Errc::invalid},          // limits of the server
      {"", Errc::internal},
  };
  for (auto const& row : rows)
    if (state.starts_with(row.prefix)) return row.code;
  return Errc::internal;
}

std::string_view field(pg_result const* answer, int name) {
  char const* const text = PQresultErrorField(answer, name);
  return text ? text : "";
}

/// Complaints about data (class 22) quote it; DETAIL of any may, so it is never read.
std::string message_of(pg_result const* answer, std::string_view state) {
  if (state.starts_with("22") && state != "22012")
    return "PostgreSQL: data exception " + std::string(state);
  return "PostgreSQL: " + std::string(field(answer, PG_DIAG_MESSAGE_PRIMARY));
}

std::string one_line(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  for (auto& c : text)
    if (c == '\n' || c == '\t') c = ' ';
  return text;
}

void ignore_notice(void*, pg_result const*) {}

}  // namespace

void ClearAnswer::operator()(pg_result* answer) const {
  PQclear(answer);
}
void PqWire::Close::operator()(pg_conn* connection) const {
  PQfinish(connection);
}
PqWire::PqWire(PqWire&&) noexcept = default;
PqWire& PqWire::operator=(PqWire&&) noexcept = default;
PqWire::~PqWire() = default;

Result<PqWire> PqWire::connect(PqUrl const& url) {
  std::vector<char const*> names, values;
  for (auto const& [name, value] : url.keywords) {
    names.push_back(name.c_str());
    values.push_back(value.c_str());
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  PqWire wire(PQconnectdbParams(names.data(), values.data(), /*expand_dbname=*/0));
  auto* const connection = wire.connection_.get();
  if (PQstatus(connection) != CONNECTION_OK) {
    // libpq gives no SQLSTATE here. Once a password was asked for, the server is up and said no.
    bool const asked =
        PQconnectionNeedsPassword(connection) || PQconnectionUsedPassword(connection);
    return fail(asked ? Errc::unauthenticated : Errc::unavailable,
                "connect to PostgreSQL: " + one_line(PQerrorMessage(connection)));
  }
  PQsetNoticeReceiver(connection, ignore_notice, nullptr);
  if (PQenterPipelineMode(connection) != 1) return fail(Errc::internal, "libpq: no pipeline mode");
  return wire;
}

Error PqWire::connection_error() {
  bool const gone = PQstatus(connection_.get()) != CONNECTION_OK;
  lost_ = lost_ || gone;
  return {gone ? Errc::unavailable : Errc::internal,
          (gone ? "connection to PostgreSQL lost: " : "libpq: ") +
              one_line(PQerrorMessage(connection_.get()))};
}

std::optional<Error> PqWire::error_in(pg_result const* answer) {
  switch (PQresultStatus(answer)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_SINGLE_TUPLE:
    case PGRES_PIPELINE_SYNC:
    case PGRES_EMPTY_QUERY: return std::nullopt;
    case PGRES_PIPELINE_ABORTED:
      return Error(Errc::internal, "PostgreSQL: skipped after an earlier error");
    case PGRES_COPY_IN:
    case PGRES_COPY_OUT:
    case PGRES_COPY_BOTH: return Error(Errc::invalid, "copy is not for here");
    case PGRES_BAD_RESPONSE:
    case PGRES_NONFATAL_ERROR:
    case PGRES_FATAL_ERROR: break;
  }
  auto const state = field(answer, PG_DIAG_SQLSTATE);
  if (state.empty()) return connection_error();
  auto const severity = field(answer, PG_DIAG_SEVERITY_NONLOCALIZED);
  lost_ = lost_ || severity == "FATAL" || severity == "PANIC";
  return Error(code_of(state), message_of(answer, state));
}

Result<> PqWire::was_sent(int ok, Sent what) {
  if (lost_) return fail(Errc::unavailable, "connection to PostgreSQL lost");
  if (ok != 1) return std::unexpected(connection_error());
  queue_.push_back(what);
  return {};
}

Result<> PqWire::send_prepare(std::string const& name, std::string const& sql,
                              std::vector<unsigned> const& types) {
  return was_sent(
      PQsendPrepare(connection_.get(), name.c_str(), sql.c_str(), int(types.size()), types.data()),
      Sent::statement);
}

Result<> PqWire::send(std::string const& name, std::vector<char const*> const& values,
                      std::vector<int> const& sizes) {
  std::vector<int> const formats(values.size(), 1);
  return was_sent(
      PQsendQueryPrepared(connection_.get(), name.c_str(), int(values.size()), values.data(),
                          sizes.data(), formats.data(), /*resultFormat=*/0),
      Sent::statement);
}

Result<> PqWire::send_text(std::string const& sql) {
  return was_sent(PQsendQueryParams(connection_.get(), sql.c_str(), 0, nullptr, nullptr, nullptr,
                                    nullptr, /*resultFormat=*/0),
                  Sent::statement);
}

Result<> PqWire::send_sync() {
  return was_sent(PQpipelineSync(connection_.get()), Sent::sync);
}

std::optional<Error> PqWire::answer_of_oldest() {
  bool const is_sync = queue_.front() == Sent::sync;
  queue_.pop_front();
  reading_ = false;
  std::optional<Error> first;
  // A sync has one answer and no end; a statement ends with a null.
  while (Answer const answer{PQgetResult(connection_.get())}) {
    auto error = error_in(answer.get());
    if (error && !first) first.emplace(std::move(*error));
    if (lost_ || is_sync) break;
  }
  return first;
}

Result<> PqWire::settle(std::size_t left) {
  std::optional<Error> first;
  while (queue_.size() > left && !lost_) {
    auto error = answer_of_oldest();
    if (error && !first) first.emplace(std::move(*error));
  }
  if (lost_) {
    queue_.clear();
    if (!first) first.emplace(Errc::unavailable, "connection to PostgreSQL lost");
  }
  if (first) return std::unexpected(std::move(*first));
  return {};
}

Result<Answer> PqWire::next_row() {
  if (lost_) return fail(Errc::unavailable, "connection to PostgreSQL lost");
  if (!std::exchange(reading_, true)) PQsetSingleRowMode(connection_.get());
  Answer answer(PQgetResult(connection_.get()));
  if (!answer) return std::unexpected(connection_error());
  if (auto error = error_in(answer.get())) return std::unexpected(std::move(*error));
  return answer;
}

Result<> PqWire::script(std::string const& sql) {
  TRY(settle());
  if (PQexitPipelineMode(connection_.get()) != 1) return std::unexpected(connection_error());
  Answer const answer(PQexec(connection_.get(), sql.c_str()));
  auto error = error_in(answer.get());
  if (!lost_ && PQenterPipelineMode(connection_.get()) != 1 && !error)
    error.emplace(connection_error());
  if (error) return std::unexpected(std::move(*error));
  return {};
}

Result<std::string> PqWire::ask(std::string const& sql, std::vector<char const*> const& values) {
  TRY(settle());
  TRY(was_sent(PQsendQueryParams(connection_.get(), sql.c_str(), int(values.size()), nullptr,
                                 values.data(), nullptr, nullptr, /*resultFormat=*/0),
               Sent::statement));
  TRY(send_sync());
  auto answer = next_row();
  std::string out;
  if (answer && PQntuples(answer->get()) > 0) out = PQgetvalue(answer->get(), 0, 0);
  auto rest = settle();
  if (!answer) return std::unexpected(std::move(answer).error());
  TRY(std::move(rest));
  return out;
}

}  // namespace reeve::sql
