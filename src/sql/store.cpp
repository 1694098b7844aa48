// Group commit. A durable commit waits for the disk, a millisecond or ten; while one thread waits
// others arrive. Whoever is first in line runs the works of all who wait, each in a savepoint, in
// one transaction, and they all return when it is on disk:
//
//   turns:   A            A runs alone
//   turns:   B C D        came meanwhile; B runs B, C, D and commits once
//   turns:   L E F        L wants the writer itself: it has it alone; then E runs E, F
//
// No thread of its own: an idle store costs nothing, and nobody waits for a thread to wake up.
//
// Source: the leader-and-followers write path of LevelDB (doc/impl.md) is the same idea.

#include "sql/store.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace reeve::sql {

Lease::Lease(Lease&& other) noexcept
    : store_(std::exchange(other.store_, nullptr)),
      database_(other.database_),
      writes_(other.writes_) {}

Lease::~Lease() {
  if (store_) store_->give_back(*database_, writes_);
}

Store::Store(std::string url, Durability durability, StoreLimits limits,
             std::unique_ptr<Database> writer)
    : url_(std::move(url)), durability_(durability), limits_(limits), writer_(std::move(writer)) {}

Result<std::unique_ptr<Store>> Store::open(std::string url, Durability durability,
                                           StoreLimits limits) {
  if (url == "sqlite://:memory:")
    return fail(Errc::invalid, "a store needs a file: sqlite:///FOLDER/FILE");
  auto writer = TRY(sql::open(url, durability));
  return std::unique_ptr<Store>(new Store(std::move(url), durability, limits, std::move(writer)));
}

Result<> Store::wait_for_turn(std::unique_lock<std::mutex>& lock, Turn& turn) {
  turns_.push_back(&turn);
  auto const has_turn = [&] { return turn.result || (!writing_ && turns_.front() == &turn); };
  if (turn_over_.wait_for(lock, limits_.wait, has_turn)) return {};
  if (turn.taken) {  // it runs: no way back
    turn_over_.wait(lock, has_turn);
    return {};
  }
  std::erase(turns_, &turn);
  turn_over_.notify_all();  // the next may have waited for this one to go
  return fail(Errc::unavailable, "no turn to write within " + std::to_string(limits_.wait.count()) +
                                     " ms: another write takes long");
}

/// The first in line, which is a work, and those behind it that are works as well.
std::vector<Store::Turn*> Store::take_batch() {
  std::vector<Turn*> batch;
  for (auto* turn : turns_) {
    if (!turn->work || batch.size() == limits_.batch) break;
    turn->taken = true;
    batch.push_back(turn);
  }
  turns_.erase(turns_.begin(), turns_.begin() + std::ptrdiff_t(batch.size()));
  return batch;
}

namespace {

Result<> alone(Database& db, Store::Work const& work) {
  auto transaction = TRY(Transaction::begin(db));
  TRY(work(db));
  return transaction.commit();
}

Result<> one_of_many(Database& db, Store::Work const& work) {
  auto savepoint = TRY(Savepoint::begin(db));
  TRY(work(db));
  return savepoint.keep();
}

}  // namespace

void Store::run(std::vector<Turn*> const& batch) {
  if (batch.size() == 1) {
    batch.front()->result = alone(*writer_, *batch.front()->work);
    return;
  }
  auto const all = [&]() -> Result<> {
    auto transaction = TRY(Transaction::begin(*writer_));
    for (auto* turn : batch) turn->result = one_of_many(*writer_, *turn->work);
    return transaction.commit();
  };
  auto const committed = all();
  if (committed) return;
  for (auto* turn : batch)
    if (!turn->result || *turn->result) turn->result = std::unexpected(Error(committed.error()));
}

Result<> Store::commit(Work const& work) {
  Turn turn{.work = &work};
  std::unique_lock lock(mutex_);
  TRY(wait_for_turn(lock, turn));
  if (turn.result) return *std::move(turn.result);
  writing_ = true;
  auto const batch = take_batch();
  lock.unlock();
  // Results are written without the lock: their owners look at them under it, after writing_ is
  // false again, and has_turn is asked under it.
  std::vector<Turn> done(batch.size());
  std::vector<Turn*> ours;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    done[i].work = batch[i]->work;
    ours.push_back(&done[i]);
  }
  run(ours);
  lock.lock();
  for (std::size_t i = 0; i < batch.size(); ++i) batch[i]->result = std::move(done[i].result);
  writing_ = false;
  turn_over_.notify_all();
  return *std::move(turn.result);  // NOLINT(bugprone-unchecked-optional-access): run() fills it
}

Result<Lease> Store::writer() {
  Turn turn;
  std::unique_lock lock(mutex_);
  TRY(wait_for_turn(lock, turn));
  turns_.pop_front();
  writing_ = true;
  return Lease(*this, *writer_, /*writes=*/true);
}

Result<Lease> Store::reader() {
  std::unique_lock lock(mutex_);
  auto const free = [&] { return !idle_.empty() || readers_.size() + opening_ < limits_.readers; };
  if (!reader_back_.wait_for(lock, limits_.wait, free))
    return fail(Errc::unavailable, "no reader within " + std::to_string(limits_.wait.count()) +
                                       " ms: all " + std::to_string(limits_.readers) +
                                       " are in use");
  if (!idle_.empty()) {
    auto* const database = idle_.back();
    idle_.pop_back();
    return Lease(*this, *database, /*writes=*/false);
  }
  ++opening_;
  lock.unlock();
  auto opened = sql::open(url_, durability_, Access::read);
  lock.lock();
  --opening_;
  if (!opened) {
    reader_back_.notify_one();
    return std::unexpected(std::move(opened).error());
  }
  readers_.push_back(*std::move(opened));
  return Lease(*this, *readers_.back(), /*writes=*/false);
}

std::size_t Store::waiting() {
  std::scoped_lock const lock(mutex_);
  return turns_.size();
}

void Store::give_back(Database& database, bool writes) {
  std::scoped_lock const lock(mutex_);
  if (writes) {
    writing_ = false;
    turn_over_.notify_all();
    return;
  }
  idle_.push_back(&database);
  reader_back_.notify_one();
}

}  // namespace reeve::sql
