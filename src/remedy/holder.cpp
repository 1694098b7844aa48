// Whether the process that held a plan still lives. After kill -9 the plan should go on at once,
// and never while the holder is only slow: a pid alone is used again, so its start time goes with
// it (proc(5), stat field 22), and a pid of another machine or namespace says nothing.

#include "remedy/holder.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <vector>

#include "base/text.hpp"

namespace reeve::remedy {
namespace {

/// At most 4 KiB of a file of /proc; empty: it is not there.
std::string small_file(std::string const& path) {
  int const file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return "";
  std::string out(4096, '\0');
  auto const size = ::read(file, out.data(), out.size());
  ::close(file);
  out.resize(size > 0 ? std::size_t(size) : 0);
  return out;
}

std::string place() {
  std::string space(256, '\0');
  auto const size = ::readlink("/proc/self/ns/pid", space.data(), space.size());
  space.resize(size > 0 ? std::size_t(size) : 0);
  return std::string(trim(small_file("/proc/sys/kernel/random/boot_id"))) + "/" + space;
}

/// Empty: there is no such process, or it is a zombie. The name in parentheses may hold anything,
/// so fields are counted from the last ")": state is the first behind it.
std::string start_of(std::string const& pid) {
  auto const stat = small_file("/proc/" + pid + "/stat");
  auto const end = stat.rfind(')');
  if (end == std::string::npos) return "";
  auto const fields = split(trim(std::string_view(stat).substr(end + 1)), ' ');
  constexpr std::size_t start = 19;
  if (fields.size() <= start || fields[0] == "Z" || fields[0] == "X") return "";
  return std::string(fields[start]);
}

}  // namespace

std::string this_holder() {
  auto const pid = std::to_string(::getpid());
  return place() + "/" + pid + "/" + start_of(pid);
}

Life life_of(std::string_view holder) {
  auto const parts = split(holder, '/');
  if (parts.size() != 4) return Life::unknown;
  if (std::string(parts[0]) + "/" + std::string(parts[1]) != place()) return Life::unknown;
  return start_of(std::string(parts[2])) == parts[3] && !parts[3].empty() ? Life::alive
                                                                          : Life::gone;
}

}  // namespace reeve::remedy
