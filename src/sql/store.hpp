#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "sql/database.hpp"

namespace reeve::sql {

struct StoreLimits {
  std::size_t readers = 4;  ///< Connections; each may keep 64 MiB of pages.
  std::size_t batch = 64;   ///< Commits that share one.
  Limit wait{30'000};       ///< For a turn to write, or a reader; then unavailable.
};

class Store;

/// A connection lent by a Store until the lease dies; its statements and transactions die first.
class Lease {
 public:
  Lease(Lease&& other) noexcept;
  Lease& operator=(Lease&&) = delete;
  ~Lease();
  Database& operator*() const { return *database_; }
  Database* operator->() const { return database_; }

 private:
  friend class Store;
  Lease(Store& store, Database& database, bool writes)
      : store_(&store), database_(&database), writes_(writes) {}
  Store* store_;  ///< Null: moved from.
  Database* database_;
  bool writes_;
};

/// One database for all threads: one connection that writes, several that read.
///
/// All methods may be called from any thread, and block it. A thread takes one lease at a time: two
/// may wait for each other. Writers get their turns in the order they came.
class Store {
 public:
  using Work = std::function<Result<>(Database&)>;

  /// The URL of open(); not ":memory:", which each connection would have to itself.
  static Result<std::unique_ptr<Store>> open(std::string url, Durability durability,
                                             StoreLimits limits = {});

  /// A small write. `work` runs once, in a transaction it neither begins nor ends, perhaps on
  /// another thread: works that wait together share one commit, so one wait for the disk. When
  /// `work` fails only what it wrote is undone. It has happened when this returns.
  /// Errors: those of `work`, of the commit, unavailable (no turn within limits.wait).
  Result<> commit(Work const& work);

  /// The writer, alone; for work with transactions of its own. Keep it for one page of an import
  /// and no longer: commits wait meanwhile. Errors: unavailable.
  Result<Lease> writer();

  /// A connection that cannot write, on the snapshot of each of its transactions. Errors:
  /// unavailable, and those of open().
  Result<Lease> reader();

  /// How many threads wait for a turn to write; for metrics and tests.
  std::size_t waiting();

  Kind kind() const { return writer_->kind(); }

 private:
  friend class Lease;
  struct Turn {
    Work const* work = nullptr;        ///< Null: the writer itself is wanted.
    std::optional<Result<>> result{};  ///< Of the work.
    bool taken = false;                ///< By whoever runs the batch.
  };
  Store(std::string url, Durability durability, StoreLimits limits,
        std::unique_ptr<Database> writer);
  Result<> wait_for_turn(std::unique_lock<std::mutex>& lock, Turn& turn);
  std::vector<Turn*> take_batch();
  void run(std::vector<Turn*> const& batch);
  void give_back(Database& database, bool writes);

  std::string const url_;
  Durability const durability_;
  StoreLimits const limits_;
  std::unique_ptr<Database> writer_;  ///< Used by whoever made writing_ true.

  std::mutex mutex_;
  std::condition_variable turn_over_, reader_back_;
  std::deque<Turn*> turns_;                         // under mutex_
  bool writing_ = false;                            // under mutex_
  std::vector<std::unique_ptr<Database>> readers_;  // under mutex_; all that are open
  std::vector<Database*> idle_;                     // under mutex_
  std::size_t opening_ = 0;                         // under mutex_
};

}  // namespace reeve::sql
