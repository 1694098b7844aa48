// The PostgreSQL driver: names become $1… with the types bigint and text of their values, since
// PostgreSQL cannot guess that of ":now - :unused"; prepared on the server once per text and types.
// Rows come one at a time as the server sends them. PostgreSQL has more concurrency than SQLite;
// callers are to see no difference, so a writing transaction waits for the other writers of its
// schema (an advisory lock), and what it reads stays true.
//
// Sources: https://www.postgresql.org/docs/15/libpq.html, …/explicit-locking.html (13.3.5),
// …/transaction-iso.html, …/sql-set-transaction.html

#include "sql/pq.hpp"

#include <libpq-fe.h>

#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <deque>
#include <optional>
#include <utility>

#include "sql/pq_cache.hpp"
#include "sql/pq_url.hpp"
#include "sql/pq_wire.hpp"

namespace reeve::sql {
namespace {

constexpr unsigned oid_bool = 16, oid_bigint = 20, oid_text = 25;
constexpr int lock_wait_ms = 5000;  ///< As SQLite's busy timeout.
constexpr std::size_t texts_max = 256, buffered_bytes_max = 256 << 20;
/// Statements of a bulk transaction sent before the answers to those before them are read.
constexpr std::size_t batch = 256;

struct Bound {
  char type = 'n';    ///< i, t or n.
  std::string bytes;  ///< As the wire wants it.
};

std::string big_endian(std::int64_t value) {
  auto const swapped = std::byteswap(std::bit_cast<std::uint64_t>(value));
  std::string out(sizeof swapped, '\0');
  std::memcpy(out.data(), &swapped, sizeof swapped);
  return out;
}

Bound bound(Value const& value) {
  if (auto const* number = std::get_if<std::int64_t>(&value)) return {'i', big_endian(*number)};
  if (auto const* text = std::get_if<std::string_view>(&value)) return {'t', std::string(*text)};
  return {};
}

struct Session {
  Durability durability;
  Access access;
};

/// Names are looked up in our schema, then in the catalog, and never where others may create.
std::string settings(PqUrl const& url, Session session) {
  std::string out =
      "set client_min_messages = error; set standard_conforming_strings = on;"
      "set lock_timeout = " +
      std::to_string(lock_wait_ms);
  if (!url.schema.empty()) out += "; set search_path = " + url.schema + ", pg_temp";
  if (session.access == Access::read) out += "; set default_transaction_read_only = on";
  // Off: after a crash of the server the last commits may be missing, no more.
  if (session.durability == Durability::rebuildable) out += "; set synchronous_commit = off";
  return out;
}

/// The one division that rules may use (sqlite.cpp has its twin). Two connections may be first.
std::string set_up(PqUrl const& url) {
  std::string out = "begin; select pg_advisory_xact_lock(hashtext('reeve'), hashtext('set up'));";
  if (!url.schema.empty()) out += "create schema if not exists " + url.schema + ";";
  return out +
         "create or replace function whole_days(bigint) returns bigint language sql immutable "
         "parallel safe as 'select $1 / 86400000000'; commit";
}

Result<PqWire> connect(PqUrl const& url, Session session) {
  auto wire = TRY(PqWire::connect(url));
  TRY_DURING(wire.script(settings(url, session)), "set up the session");
  if (session.access == Access::read) return wire;
  auto const there = TRY(wire.ask(
      "select count(*) from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
      " where p.proname = 'whole_days' and n.nspname = coalesce(nullif($1, ''), current_schema())",
      {url.schema.c_str()}));
  if (there != "0") return wire;
  TRY_DURING(wire.script(set_up(url)), "make schema " + url.schema);
  return wire;
}

using Cell = std::optional<std::string>;

class PqStatement;

class PqDatabase final : public Database {
 public:
  PqDatabase(PqUrl url, Session session, PqWire wire)
      : url_(std::move(url)), session_(session), wire_(std::move(wire)) {}

  Kind kind() const override { return Kind::postgres; }
  Result<std::unique_ptr<Statement>> prepare(std::string_view sql) override;
  Result<> execute(std::string_view script) override;

  /// Sends it; what it gives is at the front of the wire's queue, unless it was only queued.
  Result<Step> start(PqStatement& statement);
  Result<Step> next(PqStatement& statement);
  void drop(PqStatement& statement);

 private:
  Result<> begin(Access access, Limit limit) override;
  Result<> end(std::string_view how) override;

  bool only_reads() const { return access_ == Access::read || session_.access == Access::read; }
  Result<> ready();
  Result<> free_wire();
  Result<> try_begin(std::string const& script);
  Result<> commit();
  Result<> rollback();
  Result<> finish_queue();
  Result<> enqueue(PqStatement& statement);
  Result<> send(PqStatement& statement);
  Result<std::string> prepared(PqKnown& known, std::string const& types);
  std::unexpected<Error> failed(Error error);
  void forget_prepared();

  PqUrl url_;
  Session session_;
  PqWire wire_;
  PqCache cache_{texts_max};
  PqStatement* streaming_ = nullptr;  ///< Its rows are at the front of the wire.
  std::optional<Access> access_;      ///< Of the transaction; none: there is none.
  std::optional<Error> doom_;         ///< What ended the transaction.
  std::size_t since_sync_ = 0;
};

class PqStatement final : public Statement {
 public:
  PqStatement(PqDatabase& database, PqKnown& known)
      : database_(database), known_(known), bound_(known.text.names.size()) {
    ++known_.users;
  }
  ~PqStatement() override {
    database_.drop(*this);
    --known_.users;
  }
  PqStatement(PqStatement const&) = delete;
  PqStatement& operator=(PqStatement const&) = delete;

  Result<> bind(Param const& param) override {
    for (std::size_t i = 0; i < bound_.size(); ++i)
      if (known_.text.names[i] == param.name) bound_[i] = bound(param.value);
    return {};
  }
  Result<Step> step() override {
    if (!std::exchange(started_, true)) return database_.start(*this);
    if (kept_.empty()) return database_.next(*this);
    row_ = std::move(kept_.front());
    kept_.pop_front();
    return Step::row;
  }

  int columns() const override { return PQnfields(answer_.get()); }
  std::string_view name(int column) const override { return PQfname(answer_.get(), column); }
  bool is_null(int column) const override { return !view(column); }
  std::int64_t integer(int column) const override {
    auto const digits = view(column).value_or("0");
    std::int64_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
  }
  std::string text(int column) const override { return std::string(view(column).value_or("")); }

  std::vector<Cell> copy_of_row() const {
    std::vector<Cell> out;
    for (int i = 0; i < columns(); ++i) {
      auto const cell = view(i);
      out.push_back(cell ? Cell(*cell) : std::nullopt);
    }
    return out;
  }
  /// Keeps the row of `answer_` for later, because another statement wants the wire.
  Result<> keep() {
    kept_.push_back(copy_of_row());
    for (auto const& cell : kept_.back()) kept_bytes_ += sizeof cell + (cell ? cell->size() : 0);
    if (kept_bytes_ <= buffered_bytes_max) return {};
    return fail(Errc::invalid,
                "another statement runs while one stands before 256 MiB of rows: read a result "
                "that large on a connection of its own");
  }

 private:
  friend class PqDatabase;  // which fetches for it
  std::optional<std::string_view> view(int column) const {
    if (row_) {
      auto const& cell = (*row_)[std::size_t(column)];
      return cell ? std::optional<std::string_view>(*cell) : std::nullopt;
    }
    auto const* answer = answer_.get();
    if (PQgetisnull(answer, 0, column) == 1) return std::nullopt;
    std::string_view const text(PQgetvalue(answer, 0, column),
                                std::size_t(PQgetlength(answer, 0, column)));
    if (PQftype(answer, column) != oid_bool) return text;
    return text == "t" ? "1" : "0";
  }

  PqDatabase& database_;
  PqKnown& known_;
  std::vector<Bound> bound_;
  Answer answer_;  ///< The last that came: the row it stands on, if row_ is none.
  std::optional<std::vector<Cell>> row_;
  std::deque<std::vector<Cell>> kept_;
  std::size_t kept_bytes_ = 0;
  bool started_ = false;
};

Result<std::unique_ptr<Statement>> PqDatabase::prepare(std::string_view sql) {
  return std::make_unique<PqStatement>(*this, cache_.known(sql));
}

/// An error inside a transaction is the end of it: the server takes nothing more.
std::unexpected<Error> PqDatabase::failed(Error error) {
  if (!wire_.lost()) {
    // Whatever is still in the queue was skipped by the server.
    if (since_sync_ > 0) (void)wire_.send_sync();
    (void)wire_.settle();
  }
  since_sync_ = 0;
  streaming_ = nullptr;
  if (access_ && !doom_) doom_ = error;
  if (!access_) forget_prepared();
  return std::unexpected(std::move(error));
}

/// After an error nobody knows which of the queued names the server has got to. A failure here is
/// one of the connection, which the next call meets as well.
void PqDatabase::forget_prepared() {
  cache_.forget();
  if (!wire_.lost()) (void)wire_.script("deallocate all");
}

/// From here on the wire is free: who was reading from it has the rest of its rows.
Result<> PqDatabase::free_wire() {
  auto* const other = streaming_;
  if (!other) return {};
  auto current = other->copy_of_row();
  while (TRY(next(*other)) == Step::row) {
    auto kept = other->keep();
    if (!kept) return failed(std::move(kept).error());
  }
  other->row_ = std::move(current);
  return {};
}

Result<> PqDatabase::ready() {
  if (doom_) return std::unexpected(*doom_);
  TRY(free_wire());
  if (!wire_.lost() || access_) return {};
  wire_ = TRY(connect(url_, session_));
  cache_.forget();
  return {};
}

Result<std::string> PqDatabase::prepared(PqKnown& known, std::string const& types) {
  if (auto const at = known.prepared.find(types); at != known.prepared.end()) return at->second;
  for (auto const& name : cache_.take_evicted()) {
    TRY(wire_.send_text("deallocate " + name));
    ++since_sync_;
  }
  std::vector<unsigned> oids;
  for (char const type : types)
    if (type != 'n') oids.push_back(type == 'i' ? oid_bigint : oid_text);
  auto name = cache_.new_name();
  TRY(wire_.send_prepare(name, known.text.numbered(types), oids));
  ++since_sync_;
  known.prepared.emplace(types, name);
  return name;
}

Result<> PqDatabase::send(PqStatement& statement) {
  auto& known = statement.known_;
  if (only_reads() && !known.is_query) return std::unexpected(Error(known.is_query.error()));
  std::vector<char const*> values;
  std::vector<int> sizes;
  for (std::size_t i = 0; i < statement.bound_.size(); ++i) {
    auto const& [type, bytes] = statement.bound_[i];
    if (type != 'n') known.types[i] = type;
    if (known.types[i] == 'n') continue;  // stands as "null" in the text
    values.push_back(type == 'n' ? nullptr : bytes.data());
    sizes.push_back(int(bytes.size()));
  }
  auto const name = TRY(prepared(known, known.types));
  TRY(wire_.send(name, values, sizes));
  ++since_sync_;
  return {};
}

Result<> PqDatabase::enqueue(PqStatement& statement) {
  TRY(send(statement));
  if (since_sync_ < batch) return {};
  TRY(wire_.send_sync());
  since_sync_ = 0;
  return wire_.settle(2 * batch);
}

Result<Step> PqDatabase::start(PqStatement& statement) {
  TRY(ready());
  auto const& known = statement.known_;
  if (access_ == Access::bulk && known.text.silent) {
    auto queued = enqueue(statement);
    if (!queued) return failed(std::move(queued).error());
    return Step::done;
  }
  auto const go = [&]() -> Result<> {
    TRY(send(statement));
    TRY(wire_.send_sync());
    since_sync_ = 0;
    return wire_.settle(/*left: the statement and its sync*/ 2);
  };
  auto gone = go();
  if (!gone) return failed(std::move(gone).error());
  streaming_ = &statement;
  return next(statement);
}

Result<Step> PqDatabase::next(PqStatement& statement) {
  if (streaming_ != &statement) {
    if (doom_) return std::unexpected(*doom_);
    return Step::done;
  }
  auto answer = wire_.next_row();
  if (!answer) return failed(std::move(answer).error());
  if (PQresultStatus(answer->get()) == PGRES_EMPTY_QUERY)
    return failed(Error(Errc::invalid, "no statement"));
  statement.answer_ = *std::move(answer);
  if (PQresultStatus(statement.answer_.get()) == PGRES_SINGLE_TUPLE) return Step::row;
  streaming_ = nullptr;
  auto settled = wire_.settle();
  if (!settled) return failed(std::move(settled).error());
  return Step::done;
}

void PqDatabase::drop(PqStatement& statement) {
  if (streaming_ != &statement) return;
  streaming_ = nullptr;
  auto settled = wire_.settle();
  if (!settled) (void)failed(std::move(settled).error());  // the transaction tells
}

Result<> PqDatabase::finish_queue() {
  if (since_sync_ > 0) TRY(wire_.send_sync());
  since_sync_ = 0;
  return wire_.settle();
}

Result<> PqDatabase::execute(std::string_view script) {
  TRY(ready());
  if (only_reads()) return failed(Error(Errc::denied, "no scripts where one may only read"));
  auto done = finish_queue();
  if (done) done = wire_.script(std::string(script));
  if (!done) return failed(std::move(done).error());
  forget_prepared();  // the script may have changed what they mean
  return {};
}

Result<> PqDatabase::try_begin(std::string const& script) {
  TRY(ready());
  auto begun = wire_.script(script);
  // The part after "begin" may be what failed.
  if (!begun && !wire_.lost()) (void)wire_.script("rollback");
  return begun;
}

/// The lock is of this database and schema. Statements of "read committed" see what was committed
/// before the lock was got, which a snapshot taken before it would not.
std::string begin_script(Access access, Limit limit) {
  auto const ms = std::to_string(limit.count());
  auto const limited = limit.count() > 0 ? "; set local statement_timeout = " + ms : "";
  if (access == Access::read) return "begin isolation level repeatable read read only" + limited;
  std::string out = "begin isolation level read committed;";
  if (limit.count() > 0 && limit.count() < lock_wait_ms)
    out += "set local lock_timeout = " + ms + ";";
  // An import asks by keys alone. A plan is kept, and one made while a table was empty reads it
  // whole.
  if (access == Access::bulk) out += "set local enable_seqscan = off;";
  out += "select pg_advisory_xact_lock(hashtext('reeve'), hashtext(current_schema()))";
  return out + limited;
}

Result<> PqDatabase::begin(Access access, Limit limit) {
  if (access_) return fail(Errc::invalid, "transactions do not nest");
  if (session_.access == Access::read && access != Access::read)
    return fail(Errc::denied, "this connection only reads");
  auto const script = begin_script(access, limit);
  auto begun = try_begin(script);
  // The server may have gone and come back while nobody looked; nothing is lost by asking again.
  if (!begun && wire_.lost()) begun = try_begin(script);
  TRY_DURING(std::move(begun), "begin");
  access_ = access;
  return {};
}

Result<> PqDatabase::commit() {
  auto done = finish_queue();
  if (!done) return failed(std::move(done).error());
  done = wire_.script("commit");
  if (!done) {
    if (wire_.lost()) done.error().during("whether it was done is not known");
    return failed(std::move(done).error());
  }
  access_.reset();
  return {};
}

Result<> PqDatabase::rollback() {
  if (auto* const other = streaming_) drop(*other);
  if (!wire_.lost()) (void)finish_queue();
  access_.reset();
  bool const failed_before = std::exchange(doom_, std::nullopt).has_value();
  if (wire_.lost()) return {};  // the server does it
  auto done = wire_.script("rollback");
  if (failed_before) forget_prepared();
  return done;
}

Result<> PqDatabase::end(std::string_view how) {
  if (how == "rollback") return rollback();
  if (how == "undo") {
    if (auto* const other = streaming_) drop(*other);
    if (!wire_.lost()) (void)finish_queue();
    auto done = wire_.script("rollback to savepoint reeve; release savepoint reeve");
    if (done && std::exchange(doom_, std::nullopt)) forget_prepared();
    return done;
  }
  TRY(ready());
  if (how == "commit") return commit();
  auto done = finish_queue();
  if (done) done = wire_.script(std::string(how) + " reeve");
  if (!done) return failed(std::move(done).error());
  return {};
}

}  // namespace

Result<std::unique_ptr<Database>> open_postgres(std::string_view url, Durability durability,
                                                Access access) {
  auto parsed = TRY(parse_pq_url(url));
  Session const session{durability, access};
  auto wire = TRY(connect(parsed, session));
  return std::make_unique<PqDatabase>(std::move(parsed), session, std::move(wire));
}

}  // namespace reeve::sql
