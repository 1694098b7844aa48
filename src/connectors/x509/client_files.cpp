// Finds the files below a root without being led out of it.
//
// A root is a folder, a file, or a pattern; its base is the folder that bounds it, with its links
// resolved once. A link below is followed when what it leads to lies below the same base (Debian
// and certbot keep certificates so: live/a/cert.pem -> ../../archive/a/cert1.pem); the file is then
// told under its real path, once. A link that leads out is counted and told, not followed.
//
// Between looking and reading a link may be swapped in, so a file is opened one component at a
// time, never through a link.

#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <map>

#include "base/file.hpp"
#include "base/text.hpp"
#include "connectors/x509/client.hpp"

namespace reeve::x509 {
namespace {

constexpr std::size_t files_max = 50'000;
constexpr int depth_max = 32;

class Fd {
 public:
  explicit Fd(int number) : number_(number) {}
  Fd(Fd&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Fd() {
    if (number_ >= 0) ::close(number_);
  }
  int get() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }

 private:
  int number_;
};

struct Root {
  std::string base;     ///< Real path of the folder that bounds it.
  std::string pattern;  ///< Below base; empty: everything.
};

/// Real path; "/" stays.
Result<std::string> real_path(std::string const& path) {
  std::unique_ptr<char, void (*)(void*)> const real(::realpath(path.c_str(), nullptr), std::free);
  if (!real) return system_error(errno, "open " + path);
  return std::string(real.get());
}

std::string below(std::string const& base, std::string const& name) {
  return base == "/" ? base + name : base + "/" + name;
}
bool lies_below(std::string const& path, std::string const& base) {
  return base == "/" || path == base || path.starts_with(base + "/");
}

Result<Root> parse_root(std::string const& text) {
  if (!text.starts_with('/') || text.contains('\0'))
    return fail(Errc::invalid,
                "root " + shortened(clean_utf8(text), 200) + " is not an absolute path");
  auto const wild = text.find_first_of("*?[");
  if (wild != std::string::npos) {
    auto const slash = text.rfind('/', wild);
    auto const base = TRY(real_path(slash == 0 ? "/" : text.substr(0, slash)));
    return Root{base, text.substr(slash + 1)};
  }
  auto const real = TRY(real_path(text));
  if (std::filesystem::is_directory(real)) return Root{real, ""};
  std::filesystem::path const path(real);
  return Root{path.parent_path().string(), path.filename().string()};
}

class Walk {
 public:
  explicit Walk(Root root) : root_(std::move(root)) {}

  FileList run() {
    folder(root_.base, 0);
    if (links_out_ > 0)
      obstacle(first_link_out_,
               Error(Errc::invalid,
                     std::to_string(links_out_) + " links lead out of " + root_.base +
                         " and were not followed; name what they lead to as a root of its own"));
    for (auto& [path, file] : found_) out_.files.push_back(std::move(file));
    return std::move(out_);
  }

 private:
  void obstacle(std::string path, Error why) {
    out_.obstacles.push_back({std::move(path), std::move(why)});
  }

  void folder(std::string const& path, int depth) {
    if (depth > depth_max)
      return obstacle(path, Error(Errc::invalid, path + ": deeper than 32 folders"));
    std::unique_ptr<DIR, int (*)(DIR*)> const open(::opendir(path.c_str()), ::closedir);
    if (!open) return obstacle(path, system_error(errno, "list " + path).error());
    // NOLINTNEXTLINE(concurrency-mt-unsafe): one stream, one thread; that is all readdir(3) asks.
    for (errno = 0; auto const* entry = full_ ? nullptr : ::readdir(open.get()); errno = 0) {
      std::string_view const name(static_cast<char const*>(entry->d_name));
      if (name != "." && name != "..") visit(below(path, std::string(name)), depth);
    }
    if (errno != 0) obstacle(path, system_error(errno, "list " + path).error());
  }

  void visit(std::string const& path, int depth) {
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0) return;  // gone meanwhile
    if (S_ISDIR(status.st_mode)) {
      if (root_.pattern.empty() || root_.pattern.contains('/')) folder(path, depth + 1);
    } else if (matches(path)) {
      if (S_ISLNK(status.st_mode)) return link(path);
      if (S_ISREG(status.st_mode)) add(path, status);
    }
  }

  bool matches(std::string const& path) const {
    auto const relative = path.substr(root_.base == "/" ? 1 : root_.base.size() + 1);
    return root_.pattern.empty() ||
           ::fnmatch(root_.pattern.c_str(), relative.c_str(), FNM_PATHNAME) == 0;
  }

  /// A file behind a link; folders behind links are met by their own path when they lie below.
  void link(std::string const& path) {
    auto const real = real_path(path);
    if (!real) return;  // leads nowhere, or in a circle
    struct stat status{};
    if (::lstat(real->c_str(), &status) != 0) return;
    if (!lies_below(*real, root_.base)) {
      if (links_out_++ == 0) first_link_out_ = path;
    } else if (S_ISREG(status.st_mode)) {
      add(*real, status);
    }
  }

  void add(std::string const& path, struct stat const& status) {
    if (found_.size() >= files_max) {
      full_ = true;
      return obstacle(root_.base,
                      Error(Errc::invalid, root_.base + ": more than 50,000 files; the " +
                                               "rest was not looked at"));
    }
    found_.emplace(path, File{path, status.st_mode & 07777U, std::size_t(status.st_size)});
  }

  Root root_;
  FileList out_;
  std::map<std::string, File> found_;
  std::size_t links_out_ = 0;
  std::string first_link_out_;
  bool full_ = false;
};

Result<Fd> open_below(std::string const& base, std::string const& path) {
  if (!lies_below(path, base)) return fail(Errc::invalid, path + " is not below " + base);
  constexpr int folder_flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  Fd at(::open(base.c_str(), folder_flags));
  if (!at) return system_error(errno, "open " + base);
  auto const parts = split(std::string_view(path).substr(base == "/" ? 1 : base.size() + 1), '/');
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    at = Fd(::openat(at.get(), std::string(parts[i]).c_str(), folder_flags));
    if (!at) return system_error(errno, "open " + path);
  }
  Fd file(::openat(at.get(), std::string(parts.back()).c_str(),
                   O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC));
  if (!file) return system_error(errno, "open " + path);
  return file;
}

}  // namespace

Result<FileList> list_files(std::string const& root) {
  return Walk(TRY(parse_root(root))).run();
}

Result<std::string> read_file_below(std::string const& root, std::string const& path,
                                    std::size_t bytes_max) {
  auto const base = TRY(parse_root(root)).base;
  auto const file = TRY(open_below(base, path));
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return system_error(errno, "stat " + path);
  if (!S_ISREG(status.st_mode)) return fail(Errc::invalid, path + " is no regular file");
  std::string out(bytes_max + 1, '\0');
  std::size_t size = 0;
  while (size < out.size()) {
    auto const got = ::read(file.get(), out.data() + size, out.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(errno, "read " + path);
    if (got == 0) break;
    size += std::size_t(got);
  }
  if (size > bytes_max)
    return fail(Errc::invalid, path + " is longer than " + std::to_string(bytes_max) + " bytes");
  out.resize(size);
  return out;
}

}  // namespace reeve::x509
