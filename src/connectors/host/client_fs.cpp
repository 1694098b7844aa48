// The real tree: descends one component at a time from the root's descriptor and never lets the
// kernel follow a link or a "..". What is read can therefore not lie outside the root, whatever
// links the tree holds and whoever swaps a folder for a link while we look: a chroot that the
// scanned tree cannot influence, on every kernel and without root. (openat2 with RESOLVE_IN_ROOT
// does the same in one call, but needs Linux 5.6 and a seccomp filter that knows it; one way that
// always works is less to trust than two.)
//
// A path is resolved like this. `open` holds the folders from the root down to where we are:
//
//     /home/../etc/pki/x   open: root | root home | root | root etc | link pki -> /srv/p | root srv
//     p
//
// ".." pops (never below the root), an absolute link empties the stack to the root, a relative
// one goes on where the link lies. Only O_PATH descriptors are opened on the way; a file is opened
// when lstat has said that it is a regular one, with O_NONBLOCK in case it is swapped for a pipe.
// Access times stay as they are where we are allowed to ask for that (O_NOATIME).
//
// Sources: path_resolution(7), openat(2), Linux man-pages 6.03.

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <limits>

#include "base/file.hpp"
#include "base/secret.hpp"
#include "base/text.hpp"
#include "connectors/host/client.hpp"

namespace reeve::host {
namespace {

constexpr int links_max = 40;           ///< As the kernel's own limit.
constexpr std::size_t depth_max = 256;  ///< Folders open at once.
constexpr std::size_t path_bytes_max = 65536;

class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

FileKind kind_of(mode_t mode) {
  if (S_ISREG(mode)) return FileKind::file;
  if (S_ISDIR(mode)) return FileKind::directory;
  return S_ISLNK(mode) ? FileKind::link : FileKind::special;
}

FileStat stat_of(struct stat const& raw) {
  auto const since =
      std::chrono::seconds(raw.st_mtim.tv_sec) + std::chrono::nanoseconds(raw.st_mtim.tv_nsec);
  return {.kind = kind_of(raw.st_mode),
          .mode = raw.st_mode & 07777U,
          .uid = raw.st_uid,
          .gid = raw.st_gid,
          .size = std::uint64_t(std::max<off_t>(raw.st_size, 0)),
          .modified = Instant(std::chrono::duration_cast<Duration>(since))};
}

Result<std::string> link_target(int dir, std::string const& name, std::string const& path) {
  std::string target(4096, '\0');
  auto const size = ::readlinkat(dir, name.c_str(), target.data(), target.size());
  if (size < 0) return system_error(errno, "read link " + path);
  target.resize(std::size_t(size));
  return target;
}

/// The components of a path, to be walked in order.
void prepend(std::deque<std::string>& ahead, std::string_view path) {
  auto const parts = split(path, '/');
  for (auto at = parts.rbegin(); at != parts.rend(); ++at)
    if (!at->empty() && *at != ".") ahead.emplace_front(*at);
}

/// Where a path ends: the folder that holds it, its name there, what it is. The root itself has
/// no name.
struct Place {
  std::vector<Fd> open;
  std::string name;
  struct stat raw{};

  int dir() const { return open.back().get(); }
};

class FsTree final : public Tree {
 public:
  FsTree(Fd root, bool live) : root_(std::move(root)), live_(live) {}

  Result<std::string> read(std::string_view path, std::size_t bytes_max) override {
    auto const file = TRY(open_file(path));
    auto bytes = TRY(bytes_from(file.get(), 0, bytes_max + 1, path));
    if (bytes.size() > bytes_max) {
      wipe(bytes);
      return fail(Errc::invalid,
                  std::string(path) + " is larger than " + std::to_string(bytes_max) + " bytes");
    }
    return bytes;
  }

  Result<std::string> read_at(std::string_view path, std::uint64_t offset,
                              std::size_t size) override {
    auto const file = TRY(open_file(path));
    return bytes_from(file.get(), offset, size, path);
  }

  Result<std::vector<DirEntry>> list(std::string_view path, std::size_t entries_max) override {
    auto const place = TRY(resolve(path, /*follow_last=*/true));
    if (kind_of(place.raw.st_mode) != FileKind::directory)
      return fail(Errc::invalid, std::string(path) + " is not a directory");
    Fd dir(::openat(place.dir(), place.name.empty() ? "." : place.name.c_str(),
                    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!dir.ok()) return system_error(errno, "list " + std::string(path));
    return entries(std::move(dir), path, entries_max);
  }

  Result<FileStat> stat(std::string_view path) override {
    return stat_of(TRY(resolve(path, /*follow_last=*/true)).raw);
  }
  Result<FileStat> lstat(std::string_view path) override {
    return stat_of(TRY(resolve(path, /*follow_last=*/false)).raw);
  }

  Result<std::string> read_link(std::string_view path) override {
    auto const place = TRY(resolve(path, /*follow_last=*/false));
    if (!S_ISLNK(place.raw.st_mode))
      return fail(Errc::invalid, std::string(path) + " is not a link");
    return link_target(place.dir(), place.name, std::string(path));
  }

  bool live() const override { return live_; }

 private:
  Result<Place> resolve(std::string_view path, bool follow_last) const {
    if (!path.starts_with('/') || path.contains('\0') || path.size() > path_bytes_max)
      return fail(Errc::invalid, "not an absolute path: " + shortened(clean_utf8(path), 200));
    std::deque<std::string> ahead;
    prepend(ahead, path);
    Place place;
    place.open.push_back(TRY(reopen_root()));
    int links = 0;
    while (!ahead.empty()) {
      auto name = std::move(ahead.front());
      ahead.pop_front();
      if (name == "..") {
        if (place.open.size() > 1) place.open.pop_back();
        continue;
      }
      TRY(look(place, name, path));
      bool const last = ahead.empty();
      if (S_ISLNK(place.raw.st_mode) && (!last || follow_last)) {
        if (++links > links_max)
          return fail(Errc::invalid, std::string(path) + ": too many links, perhaps a loop");
        TRY(follow(place, name, ahead, path));
      } else if (last) {
        place.name = std::move(name);
        return place;
      } else {
        TRY(enter(place, name, path));
      }
    }
    if (::fstat(place.dir(), &place.raw) != 0) return system_error(errno, std::string(path));
    return place;
  }

  static Result<> look(Place& place, std::string const& name, std::string_view path) {
    if (::fstatat(place.dir(), name.c_str(), &place.raw, AT_SYMLINK_NOFOLLOW) != 0)
      return system_error(errno, "stat " + std::string(path));
    return {};
  }

  static Result<> follow(Place& place, std::string const& name, std::deque<std::string>& ahead,
                         std::string_view path) {
    auto const target = TRY(link_target(place.dir(), name, std::string(path)));
    if (target.starts_with('/')) place.open.resize(1);
    prepend(ahead, target);
    return {};
  }

  static Result<> enter(Place& place, std::string const& name, std::string_view path) {
    if (place.open.size() >= depth_max)
      return fail(Errc::invalid, shortened(clean_utf8(path), 200) + ": too deep");
    Fd next(::openat(place.dir(), name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!next.ok()) return system_error(errno, "open " + std::string(path));
    place.open.push_back(std::move(next));
    return {};
  }

  Result<Fd> reopen_root() const {
    Fd root(::fcntl(root_.get(), F_DUPFD_CLOEXEC, 0));
    if (!root.ok()) return system_error(errno, "open the root of the tree");
    return root;
  }

  Result<Fd> open_file(std::string_view path) const {
    auto const place = TRY(resolve(path, /*follow_last=*/true));
    if (!S_ISREG(place.raw.st_mode))
      return fail(Errc::invalid, std::string(path) + " is not a regular file");
    constexpr int flags = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY;
    Fd file(::openat(place.dir(), place.name.c_str(), flags | O_NOATIME));
    if (!file.ok() && errno == EPERM) file = Fd(::openat(place.dir(), place.name.c_str(), flags));
    if (!file.ok()) return system_error(errno, "open " + std::string(path));
    struct stat now{};
    if (::fstat(file.get(), &now) != 0 || !S_ISREG(now.st_mode))
      return fail(Errc::invalid, std::string(path) + " changed while it was opened");
    return file;
  }

  static Result<std::string> bytes_from(int file, std::uint64_t offset, std::size_t size,
                                        std::string_view path) {
    if (offset > std::uint64_t(std::numeric_limits<off_t>::max()) - size) return std::string();
    std::string bytes;
    for (std::size_t got = 0; got < size;) {
      constexpr std::size_t step = 64 * 1024;
      bytes.resize(got + std::min(step, size - got));
      auto const n = ::pread(file, bytes.data() + got, bytes.size() - got, off_t(offset + got));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return system_error(errno, "read " + std::string(path));
      bytes.resize(got + std::size_t(n));
      if (n == 0) break;
      got += std::size_t(n);
    }
    return bytes;
  }

  static Result<std::vector<DirEntry>> entries(Fd dir, std::string_view path, std::size_t max) {
    struct Close {
      void operator()(DIR* open) const { ::closedir(open); }
    };
    int const raw = ::fcntl(dir.get(), F_DUPFD_CLOEXEC, 0);  // fdopendir takes its own
    if (raw < 0) return system_error(errno, "list " + std::string(path));
    std::unique_ptr<DIR, Close> const open(::fdopendir(raw));
    if (!open) {
      ::close(raw);
      return system_error(errno, "list " + std::string(path));
    }
    std::vector<DirEntry> out;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): one stream, one thread; that is all readdir(3) asks.
    for (errno = 0; auto const* entry = ::readdir(open.get()); errno = 0) {
      std::string name(static_cast<char const*>(entry->d_name));
      if (name == "." || name == "..") continue;
      if (out.size() == max)
        return fail(Errc::invalid,
                    std::string(path) + " holds more than " + std::to_string(max) + " entries");
      out.push_back({std::move(name), kind_of(dir.get(), *entry)});
    }
    if (errno != 0) return system_error(errno, "list " + std::string(path));
    std::ranges::sort(out, {}, &DirEntry::name);
    return out;
  }

  static FileKind kind_of(int dir, dirent const& entry) {
    if (entry.d_type != DT_UNKNOWN) return host::kind_of(mode_t(DTTOIF(entry.d_type)));
    struct stat raw{};  // some file systems do not say
    if (::fstatat(dir, entry.d_name, &raw, AT_SYMLINK_NOFOLLOW) != 0) return FileKind::special;
    return host::kind_of(raw.st_mode);
  }
  static FileKind kind_of(mode_t mode) { return host::kind_of(mode); }

  Fd root_;
  bool live_;
};

Result<std::unique_ptr<Tree>> open_at(std::string const& root, bool live) {
  Fd dir(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!dir.ok()) return system_error(errno, "open " + root);
  return std::make_unique<FsTree>(std::move(dir), live);
}

}  // namespace

Result<std::unique_ptr<Tree>> open_live() {
  return open_at("/", /*live=*/true);
}

Result<std::unique_ptr<Tree>> open_tree(std::string const& root) {
  return open_at(root, /*live=*/false);
}

}  // namespace reeve::host
