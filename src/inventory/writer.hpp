#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "crypto/hash.hpp"
#include "inventory/columns.hpp"
#include "inventory/run.hpp"
#include "model/observation.hpp"
#include "sql/database.hpp"

namespace reeve::inventory {

/// Writes one page of a run, inside a transaction of its caller's.
class Writer {
 public:
  Writer(sql::Database& database, Run const& run) : db_(database), run_(run) {}

  /// Once. `page` must outlive the Writer.
  Result<> put(Page const& page);

 private:
  /// The newest version of an object.
  struct Version {
    std::int64_t id = 0;  ///< 0: never seen before.
    std::int64_t from_run = 0;
    bool current = false, same = false;
  };
  struct Pending {
    Pending(Observation const& object, std::int64_t owner) : seen(object), columns(object, owner) {}
    Observation const& seen;
    Columns columns;
    Version last{};
  };
  /// What one class needs while its objects go by.
  struct Batch {
    std::string find;                            ///< Made of the columns' names.
    std::vector<std::vector<sql::Param>> fresh;  ///< Rows to add; borrow from those that wait.
    std::deque<Pending> waiting;
    std::unordered_map<std::string_view, Pending*> by_id;  ///< Those that wait.
    std::vector<std::int64_t> met;                         ///< Unchanged since an earlier run.
    std::int64_t next_id = 0;                              ///< 0: not asked for yet.
  };

  Result<> put_class(ObjectClass at, Page const& page);
  Result<> put(Observation const& seen);
  Result<> put(Gap const& gap);
  Result<> write_waiting(ObjectClass at);
  Result<> find_waiting(ObjectClass at);
  Result<> write(ObjectClass at, Pending const& one);
  Result<> end(ObjectClass at, Pending const& one);
  Result<> write_met(ObjectClass at);
  Result<> close();
  Result<std::int64_t> fresh_id(ObjectClass at);
  Result<> know_identities(Page const& page);
  Result<> find_identities(std::vector<std::string_view> const& names);
  void hash(ObjectClass at, sql::Params params);
  Result<> run(std::string_view text, ObjectClass at, std::vector<sql::Param> params);
  Batch& batch(ObjectClass at) { return batches_[std::size_t(at)]; }

  sql::Database& db_;
  Run const& run_;
  std::array<Batch, object_classes> batches_;
  std::unordered_map<std::string_view, std::int64_t> identities_;  ///< 0: not reported.
  std::int64_t changes_ = 0;
  crypto::Sha256 hash_;
  std::string hashed_;  ///< Of one object; kept for its memory.
};

/// How identities are looked up (:source, :k0), for the test that reads its plan.
std::string import_lookup_sql();

/// Makes runs.change_root the hash of itself and `link`, and counts the changes.
Result<> link(sql::Database& db, RunId run, std::string_view link, std::int64_t changes);

/// Ends the objects of a class that this run did not meet. For a class that ended complete only.
Result<> end_unmet(sql::Database& db, Run const& run, ObjectClass at);

}  // namespace reeve::inventory
