#include "audit/log.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "audit/folder.hpp"
#include "audit/merkle.hpp"
#include "audit/recover.hpp"
#include "base/crash.hpp"
#include "base/descriptor.hpp"
#include "base/file.hpp"

namespace reeve::audit {
namespace {

// Half of what is promised, so that the other half is left for the disk.
constexpr auto gather = async_delay / 2;
constexpr std::size_t batch_max = 16384;
// Those who waited for the last commit come back at once with their next entry. Without this the
// first of them would have the next commit to himself, and the others wait for two.
constexpr auto regroup = std::chrono::milliseconds(1);

/// Entries that are committed together. Those who wait for it and the committer share it: either
/// may be the last to look.
struct Batch {
  std::vector<std::string> entries;
  std::uint64_t asyncs = 0;
  std::uint64_t waiting = 0;  ///< Callers who want it on disk.
  bool urgent = false, done = false;
  std::uint64_t first = 0;  ///< Index of its first entry, once it is done.
  std::optional<Error> error;
};

/// The lock of a folder is held for as long as what this gives is open.
Result<Descriptor> take_lock(std::string const& folder) {
  auto const path = folder + "/lock";
  Descriptor out(
      ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR));
  if (!out) return system_error(errno, "open " + path);
  if (::flock(out.get(), LOCK_EX | LOCK_NB) == 0) return out;
  if (errno != EWOULDBLOCK) return system_error(errno, "lock " + path);
  return fail(Errc::conflict, "another process writes the audit log " + folder +
                                  ": use the running server, or stop it");
}

/// What a commit appends to which file.
class Growths {
 public:
  explicit Growths(Tree tree) : tree_(std::move(tree)) {}

  void add(std::string_view entry) {
    auto const before = tree_.size();
    int const levels = tree_.push(leaf_hash(entry));
    append_entry(at(entries_level, before).bytes, entry);
    for (int level = 0; level < levels; ++level)
      at(level, before).bytes += crypto::bytes_of(tree_.last(level));
  }
  Tree const& tree() const { return tree_; }
  Result<> write(std::string const& folder) const {
    for (auto const& level : levels_)
      for (auto const& growth : level) TRY(grow(folder, growth));
    return {};
  }

 private:
  Growth& at(int level, std::uint64_t size_before) {
    auto const slot = static_cast<std::size_t>(level - entries_level);
    if (levels_.size() <= slot) levels_.resize(slot + 1);
    auto const [index, width] = edge_of(size_before, std::max(level, 0));
    auto& growths = levels_[slot];
    if (growths.empty() || growths.back().index != index)
      growths.push_back({level, index, width, width, ""});
    growths.back().to = width + 1;
    return growths.back();
  }

  Tree tree_;
  std::vector<std::vector<Growth>> levels_;  ///< Entries first.
};

}  // namespace

class Log::Impl {
 public:
  Impl(std::string folder, std::string origin, crypto::Ed25519Key key, Clock clock, Descriptor lock,
       Tree tree)
      : folder_(std::move(folder)),
        origin_(std::move(origin)),
        key_(std::move(key)),
        clock_(std::move(clock)),
        lock_(std::move(lock)),
        tree_(std::move(tree)) {
    publish();
    committer_ = std::thread([this] { run(); });
  }
  ~Impl() {
    {
      std::scoped_lock const hold(mutex_);
      stop_ = true;
    }
    wake_.notify_all();
    committer_.join();
  }

  Result<std::uint64_t> append(Entry entry, Class safety) {
    std::unique_lock hold(mutex_);
    settled_.wait(hold, [&] { return open_->entries.size() < batch_max; });
    if (broken_) return std::unexpected(*broken_);
    entry.time = clock_();
    auto const batch = open_;
    auto const at = batch->entries.size();
    batch->entries.push_back(to_json(entry));
    if (safety == Class::async) ++batch->asyncs;
    if (safety == Class::sync) {
      batch->urgent = true;
      ++batch->waiting;
    }
    if (batch->urgent || at == 0 || at + 1 == batch_max) wake_.notify_one();
    if (safety == Class::async) return size_ + in_flight_ + at;
    TRY(wait(hold, *batch));
    return batch->first + at;
  }

  Result<> flush() {
    std::unique_lock hold(mutex_);
    if (in_flight_ == 0 && open_->entries.empty()) return {};
    auto const batch = open_->entries.empty() ? committing_ : open_;
    batch->urgent = true;
    wake_.notify_one();
    return wait(hold, *batch);
  }

  std::string checkpoint() const {
    std::scoped_lock const hold(mutex_);
    return note_;
  }
  std::uint64_t size() const {
    std::scoped_lock const hold(mutex_);
    return size_;
  }
  std::uint64_t lost() const {
    std::scoped_lock const hold(mutex_);
    return lost_;
  }
  VerifierKey verifier() const { return {origin_, key_.public_key()}; }
  std::string const& folder() const { return folder_; }

 private:
  Result<> wait(std::unique_lock<std::mutex>& hold, Batch const& batch) {
    settled_.wait(hold, [&] { return batch.done; });
    if (batch.error) return std::unexpected(*batch.error);
    return {};
  }

  void run() {
    std::unique_lock hold(mutex_);
    for (;;) {
      wake_.wait(hold, [&] { return stop_ || !open_->entries.empty(); });
      if (open_->entries.empty()) return;
      wake_.wait_for(hold, gather,
                     [&] { return stop_ || open_->urgent || open_->entries.size() >= batch_max; });
      wake_.wait_for(hold, regroup, [&] {
        return stop_ || open_->waiting >= waited_ || open_->entries.size() >= batch_max;
      });
      waited_ = open_->waiting;
      committing_ = std::exchange(open_, std::make_shared<Batch>());
      in_flight_ = committing_->entries.size();
      hold.unlock();
      auto committed = commit(committing_->entries);
      hold.lock();
      settle(*committing_, std::move(committed));
      settled_.notify_all();
    }
  }

  /// Only this thread touches the tree and the files. Gives the index of the first entry.
  Result<std::uint64_t> commit(std::vector<std::string> const& entries) {
    auto const first = tree_.size();
    Growths growths(tree_);
    for (auto const& entry : entries) growths.add(entry);
    Checkpoint const next{origin_, growths.tree().size(), growths.tree().root()};
    TRY(write_intent(folder_, next, key_));
    crash_point("audit:intent");
    TRY(growths.write(folder_));
    crash_point("audit:tiles");
    TRY(write_checkpoint(folder_, sign_checkpoint(next, key_)));
    crash_point("audit:checkpoint");
    tree_ = growths.tree();
    return first;
  }

  // A commit that failed half way is what a kill leaves, and is settled in the same way.
  void settle(Batch& batch, Result<std::uint64_t> committed) {
    batch.done = true;
    in_flight_ = 0;
    if (committed) {
      batch.first = *committed;
    } else {
      lost_ += batch.asyncs;
      batch.error = std::move(committed).error();
      auto tree = recover(folder_, origin_, key_);
      if (tree)
        tree_ = *std::move(tree);
      else
        broken_ = std::move(tree.error().during("repair the audit log"));
    }
    publish();
  }

  void publish() {
    size_ = tree_.size();
    note_ = sign_checkpoint({origin_, tree_.size(), tree_.root()}, key_);
  }

  std::string const folder_, origin_;
  crypto::Ed25519Key const key_;
  Clock const clock_;
  Descriptor const lock_;
  Tree tree_;  ///< The committer's.

  mutable std::mutex mutex_;  ///< Of all that follows.
  std::condition_variable wake_, settled_;
  std::shared_ptr<Batch> open_ = std::make_shared<Batch>(), committing_;
  std::size_t in_flight_ = 0;
  std::uint64_t waited_ = 0;  ///< Of Batch::waiting, in the last commit.
  std::uint64_t size_ = 0, lost_ = 0;
  std::string note_;
  std::optional<Error> broken_;
  bool stop_ = false;
  std::thread committer_;
};

Log::Log(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Log::~Log() = default;

Result<std::unique_ptr<Log>> Log::open(std::string const& folder, crypto::Ed25519Key key,
                                       Clock clock, std::string_view origin) {
  TRY(make_private_folder(folder));
  auto lock = TRY(take_lock(folder));
  auto tree = TRY_DURING(recover(folder, origin, key), "open the audit log " + folder);
  auto impl = std::make_unique<Impl>(folder, std::string(origin), std::move(key), std::move(clock),
                                     std::move(lock), std::move(tree));
  return std::unique_ptr<Log>(new Log(std::move(impl)));
}

Result<std::uint64_t> Log::append(Entry entry, Class safety) {
  return impl_->append(std::move(entry), safety);
}
Result<> Log::flush() {
  return impl_->flush();
}
std::string Log::checkpoint() const {
  return impl_->checkpoint();
}
std::uint64_t Log::size() const {
  return impl_->size();
}
std::uint64_t Log::lost() const {
  return impl_->lost();
}
VerifierKey Log::verifier() const {
  return impl_->verifier();
}
std::string const& Log::folder() const {
  return impl_->folder();
}

}  // namespace reeve::audit
