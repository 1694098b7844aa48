#include "connectors/host/changer_file.hpp"

#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <vector>

#include "base/file.hpp"
#include "base/text.hpp"

namespace reeve::host {
namespace {

constexpr std::size_t depth_max = 256;

std::unexpected<Error> not_followed(std::string_view path, std::string const& part) {
  return fail(Errc::invalid, shortened(clean_utf8(path), 500) + ": " + clean_utf8(part) +
                                 " is a link or no folder; changing follows no links, name the "
                                 "real path");
}

Result<Handle> enter(int folder, std::string const& name, std::string_view path) {
  Handle out(::openat(folder, name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (out.ok()) return out;
  if (errno == ELOOP || errno == ENOTDIR) return not_followed(path, name);
  return system_error(errno, "open " + clean_utf8(path));
}

/// The folders of a path and the name at its end.
Result<std::vector<std::string>> parts_of(std::string_view path) {
  std::vector<std::string> out;
  if (!path.starts_with('/') || path.contains('\0'))
    return fail(Errc::invalid, "not an absolute path: " + shortened(clean_utf8(path), 200));
  for (auto const part : split(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part == "..") return fail(Errc::invalid, "a path with ..: " + clean_utf8(path));
    out.emplace_back(part);
  }
  if (out.empty() || out.size() > depth_max)
    return fail(Errc::invalid, "not the path of a file: " + shortened(clean_utf8(path), 200));
  return out;
}

Result<> copy_attribute(HeldFile const& held, int to, char const* name) {
  auto const size = ::fgetxattr(held.file.get(), name, nullptr, 0);
  if (size < 0) return system_error(errno, "read attribute " + std::string(name));
  std::vector<char> value(std::size_t(size) + 1);
  auto const got = ::fgetxattr(held.file.get(), name, value.data(), value.size());
  if (got < 0 || ::fsetxattr(to, name, value.data(), std::size_t(got), 0) != 0)
    return system_error(errno, "copy attribute " + std::string(name) + " of " + held.path);
  return {};
}

/// All but the signatures of the content, which is another one now.
Result<> copy_attributes(HeldFile const& held, int to) {
  auto const size = ::flistxattr(held.file.get(), nullptr, 0);
  if (size == 0 || (size < 0 && errno == ENOTSUP)) return {};
  if (size < 0) return system_error(errno, "list attributes of " + held.path);
  std::string names(std::size_t(size), '\0');
  auto const got = ::flistxattr(held.file.get(), names.data(), names.size());
  if (got < 0) return system_error(errno, "list attributes of " + held.path);
  names.resize(std::size_t(got));
  for (auto const name : split(names, '\0'))
    if (!name.empty() && name != "security.ima" && name != "security.evm")
      TRY(copy_attribute(held, to, std::string(name).c_str()));
  return {};
}

Result<> write_all(int file, std::string_view bytes, std::string const& path) {
  while (!bytes.empty()) {
    auto const wrote = ::write(file, bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return system_error(errno, "write " + path);
    bytes.remove_prefix(std::size_t(wrote));
  }
  return {};
}

/// Owner first: changing it may clear bits of the mode.
Result<> fill(HeldFile const& held, int file, std::string_view bytes) {
  TRY(write_all(file, bytes, held.path));
  struct stat now{};
  if (::fstat(file, &now) != 0) return system_error(errno, "stat the new " + held.path);
  bool const same = now.st_uid == held.raw.st_uid && now.st_gid == held.raw.st_gid;
  if (!same && ::fchown(file, held.raw.st_uid, held.raw.st_gid) != 0)
    return system_error(errno, "give the new " + held.path + " its owner");
  TRY(copy_attributes(held, file));
  if (::fchmod(file, held.raw.st_mode & 07777U) != 0)
    return system_error(errno, "chmod the new " + held.path);
  if (::fsync(file) != 0) return system_error(errno, "sync " + held.path);
  return {};
}

Result<> still_there(HeldFile const& held) {
  struct stat now{};
  if (::fstatat(held.folder.get(), held.name.c_str(), &now, AT_SYMLINK_NOFOLLOW) != 0)
    return system_error(errno, "stat " + held.path);
  bool const same = now.st_ino == held.raw.st_ino && now.st_dev == held.raw.st_dev &&
                    now.st_size == held.raw.st_size &&
                    now.st_mtim.tv_sec == held.raw.st_mtim.tv_sec &&
                    now.st_mtim.tv_nsec == held.raw.st_mtim.tv_nsec;
  if (!same) return fail(Errc::conflict, held.path + " was changed meanwhile by somebody else");
  return {};
}

/// Best effort: the rename has happened, and what the folder holds is synced as well as it can be.
Result<> sync_folder(HeldFile const& held) {
  Handle const folder(::openat(held.folder.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.ok() || ::fsync(folder.get()) != 0)
    return system_error(errno, "sync the folder of " + held.path);
  return {};
}

}  // namespace

Handle::~Handle() {
  if (fd_ >= 0) ::close(fd_);
}

Result<HeldFile> hold_file(int root, std::string_view path) {
  auto const parts = TRY(parts_of(path));
  HeldFile out{.path = clean_utf8(path), .name = parts.back()};
  out.folder = Handle(::fcntl(root, F_DUPFD_CLOEXEC, 0));
  if (!out.folder.ok()) return system_error(errno, "open the root of the tree");
  for (std::size_t n = 0; n + 1 < parts.size(); ++n)
    out.folder = TRY(enter(out.folder.get(), parts[n], path));
  struct stat seen{};
  if (::fstatat(out.folder.get(), out.name.c_str(), &seen, AT_SYMLINK_NOFOLLOW) != 0)
    return system_error(errno, "stat " + out.path);
  if (S_ISLNK(seen.st_mode)) return not_followed(path, out.name);
  if (!S_ISREG(seen.st_mode)) return fail(Errc::invalid, out.path + " is not a regular file");
  constexpr int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  out.file = Handle(::openat(out.folder.get(), out.name.c_str(), flags));
  if (!out.file.ok()) return system_error(errno, "open " + out.path);
  if (::fstat(out.file.get(), &out.raw) != 0) return system_error(errno, "stat " + out.path);
  if (out.raw.st_ino != seen.st_ino || out.raw.st_dev != seen.st_dev)
    return fail(Errc::conflict, out.path + " was changed while it was opened");
  return out;
}

Result<std::string> read_all(HeldFile const& held, std::size_t bytes_max) {
  std::string out;
  for (;;) {
    constexpr std::size_t step = 64 * 1024;
    auto const had = out.size();
    out.resize(had + step);
    auto const got = ::pread(held.file.get(), out.data() + had, step, off_t(had));
    if (got < 0 && errno != EINTR) return system_error(errno, "read " + held.path);
    out.resize(had + (got > 0 ? std::size_t(got) : 0));
    if (got == 0) return out;
    if (out.size() > bytes_max)
      return fail(Errc::invalid, held.path + " is larger than " + std::to_string(bytes_max));
  }
}

Result<> replace(HeldFile const& held, std::string_view bytes) {
  if (held.raw.st_nlink > 1)
    return fail(Errc::conflict, held.path + " has hard links, which a new file would part from it");
  // What a killed attempt left is ours to take away; the name is nobody else's.
  auto const made = "." + held.name + ".reeve-new";
  if (::unlinkat(held.folder.get(), made.c_str(), 0) != 0 && errno != ENOENT)
    return system_error(errno, "clear the way for a new " + held.path);
  Handle const file(::openat(held.folder.get(), made.c_str(),
                             O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.ok()) return system_error(errno, "create a new file beside " + held.path);
  auto done = fill(held, file.get(), bytes);
  if (done) done = still_there(held);
  if (done &&
      ::renameat(held.folder.get(), made.c_str(), held.folder.get(), held.name.c_str()) != 0)
    done = Result<>(system_error(errno, "replace " + held.path));
  if (done) return sync_folder(held);
  if (::unlinkat(held.folder.get(), made.c_str(), 0) != 0 && errno != ENOENT)
    done.error().during("and take the new file away again");
  return done;
}

}  // namespace reeve::host
