// Keys that reeve holds for itself, one file each in the state folder.
//
// "Sealed" means sealed against other accounts of this machine: the mode is the seal, so it is
// checked on the open file (a check by name could be of another file) and never repaired in
// silence, because a key that others could read may have been read. Whoever can read as root or as
// the account of reeve has the key; a passphrase or a hardware token is the vault's business.
//
// A new key gets its name by link(2), not by rename(2): link fails when the name is taken, which
// decides the race of two first starts, and a key once handed out is never overwritten.

#include "crypto/key_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "base/descriptor.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "crypto/encode.hpp"
#include "crypto/random.hpp"

namespace reeve::crypto {
namespace {

constexpr std::string_view magic = "reeve-key-1";
constexpr std::size_t file_bytes_max = 256;

Result<> check_seal(int file, std::string const& path) {
  struct stat status{};
  if (::fstat(file, &status) != 0) return system_error(errno, "stat " + path);
  if (!S_ISREG(status.st_mode)) return fail(Errc::corrupt, path + " is no regular file");
  if (status.st_uid != ::geteuid() && status.st_uid != 0)
    return fail(Errc::denied, path + " belongs to user " + std::to_string(status.st_uid) +
                                  ", who could change it; make it ours with chown");
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return fail(Errc::denied, path +
                                  " is open to other users, who may know the key: close it with "
                                  "chmod 600 " +
                                  shell_quote(path) + ", or replace it");
  return {};
}

Result<Secret> read_line(int file, std::string const& path) {
  std::string text(file_bytes_max + 1, '\0');
  std::size_t size = 0;
  for (;;) {
    auto const got = ::read(file, text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(errno, "read " + path);
    size += std::size_t(got);
    if (got == 0 || size == text.size()) break;
  }
  Secret line{std::string_view(text).substr(0, size)};
  wipe(text);
  return line;
}

Result<Secret> parse(std::string_view line, std::string_view purpose, std::string const& path) {
  auto const head = std::string(magic) + " " + std::string(purpose) + " ";
  if (!line.starts_with(std::string(magic) + " "))
    return fail(Errc::corrupt, path + " is no key file of reeve");
  if (!line.starts_with(head))
    return fail(Errc::corrupt,
                path + " holds a key for another purpose than " + std::string(purpose));
  line.remove_prefix(head.size());
  auto bytes = from_base64(line.ends_with('\n') ? line.substr(0, line.size() - 1) : line);
  if (!bytes || bytes->size() != key_bytes)
    return fail(Errc::corrupt, path + " does not hold 32 bytes in base64");
  return Secret::take(*bytes);
}

Result<> write_new(Descriptor const& file, std::string const& path, Secret const& line) {
  TRY(write_all(file, line.reveal(), path));
  if (::fsync(file.get()) != 0) return system_error(errno, "sync " + path);
  return {};
}

Secret new_line(std::string_view purpose, Random& random) {
  auto key = random.bytes(key_bytes);
  auto text = to_base64(key);
  auto line = std::string(magic) + " " + std::string(purpose) + " ";
  line.reserve(line.size() + text.size() + 1);
  line += text;
  line += '\n';
  wipe(key);
  wipe(text);
  return Secret::take(line);
}

/// Makes the file, unless somebody did meanwhile.
Result<> create(std::string const& path, std::string_view purpose, Random& random) {
  // Not our process id: in a container that is the same after a crash that left the file behind.
  auto const fresh = path + ".new." + to_hex(random.bytes(8));
  Descriptor const file(
      ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return system_error(errno, "create " + fresh);
  auto written = write_new(file, fresh, new_line(purpose, random));
  int const why = written && ::link(fresh.c_str(), path.c_str()) != 0 ? errno : 0;
  ::unlink(fresh.c_str());
  if (!written) return written;
  if (why != 0 && why != EEXIST) return system_error(why, "create " + path);
  return sync_folder(std::filesystem::path(path).parent_path().string());
}

}  // namespace

Result<Secret> load_key(std::string const& path, std::string_view purpose) {
  Descriptor const file(
      ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
  if (!file && errno == ELOOP)
    return fail(Errc::denied, path + " is a link; a key file must not be one");
  if (!file) return system_error(errno, "open " + path);
  TRY(check_seal(file.get(), path));
  auto const line = TRY(read_line(file.get(), path));
  return parse(line.reveal(), purpose, path);
}

Result<Secret> load_or_create_key(std::string const& path, std::string_view purpose,
                                  Random& random) {
  auto key = load_key(path, purpose);
  if (key || key.error().code() != Errc::not_found) return key;
  TRY(create(path, purpose, random));
  return load_key(path, purpose);
}

}  // namespace reeve::crypto
