#include "base/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/descriptor.hpp"

namespace reeve {
namespace {

Errc code_of(int number) {
  switch (number) {
    case ENOENT:
    case ENOTDIR: return Errc::not_found;
    case EACCES:
    case EPERM:
    case EROFS: return Errc::denied;
    case ELOOP:
    case EISDIR:
    case ENAMETOOLONG: return Errc::invalid;
    case ETIMEDOUT: return Errc::timeout;
    default: return Errc::unavailable;
  }
}

Result<> write_synced(std::string const& path, std::string_view bytes, unsigned mode) {
  Descriptor const file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
                               static_cast<mode_t>(mode)));
  if (!file) return system_error(errno, "create " + path);
  if (::fchmod(file.get(), static_cast<mode_t>(mode)) != 0)
    return system_error(errno, "chmod " + path);
  TRY(write_all(file, bytes, path));
  if (::fsync(file.get()) != 0) return system_error(errno, "sync " + path);
  return {};
}

}  // namespace

std::unexpected<Error> system_error(int number, std::string const& what) {
  return fail(code_of(number), what + ": " + std::generic_category().message(number));
}

Result<std::string> read_file(std::string const& path, std::size_t bytes_max) {
  // O_NONBLOCK: opening a FIFO that nobody writes to would wait for ever.
  Descriptor const file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file) return system_error(errno, "open " + path);
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return system_error(errno, "stat " + path);
  if (!S_ISREG(status.st_mode)) return fail(Errc::invalid, path + " is no regular file");
  std::string out;
  char buffer[65536];
  for (;;) {
    auto const got = ::read(file.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(errno, "read " + path);
    if (got == 0) return out;
    if (out.size() + std::size_t(got) > bytes_max)
      return fail(Errc::invalid, path + " is longer than " + std::to_string(bytes_max) + " bytes");
    out.append(buffer, std::size_t(got));
  }
}

Result<> write_file_atomically(std::string const& path, std::string_view bytes, unsigned mode) {
  auto const fresh = path + ".new." + std::to_string(::getpid());
  if (auto written = write_synced(fresh, bytes, mode); !written) {
    ::unlink(fresh.c_str());
    return written;
  }
  if (::rename(fresh.c_str(), path.c_str()) != 0) {
    int const why = errno;
    ::unlink(fresh.c_str());
    return system_error(why, "rename to " + path);
  }
  return sync_folder(std::filesystem::path(path).parent_path().string());
}

Result<> make_private_folder(std::string const& path) {
  std::string at;
  for (auto const& part : std::filesystem::path(path)) {
    at = at.empty() ? part.string() : (std::filesystem::path(at) / part).string();
    if (::mkdir(at.c_str(), S_IRWXU) != 0 && errno != EEXIST && errno != EISDIR)
      return system_error(errno, "make folder " + at);
  }
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return system_error(errno, "stat " + path);
  if (!S_ISDIR(status.st_mode)) return fail(Errc::invalid, path + " is no folder");
  return {};
}

}  // namespace reeve
