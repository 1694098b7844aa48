#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/secret.hpp"
#include "connectors/host/lines.hpp"

namespace reeve::host {

inline constexpr std::size_t cron_lines_max = 20'000;  ///< Jobs and variables from one file.

/// The program that a shell command line is about: "cd / && nice -n 5 /opt/app/sync.sh --key=…"
/// gives
/// "/opt/app/sync.sh". No NAME=value and no argument is ever it, as either may hold a secret; what
/// only prepares (cd, test) and what runs another (env, flock, sudo -u x) is passed over. Empty:
/// nothing is run. Made in shell_program.cpp.
std::string program_of(std::string_view command);

struct CronJob {
  int line = 0;
  std::string schedule;  ///< "*/5 * * * *", "@reboot".
  std::string user;      ///< Of the system form; empty in a user's own crontab.
  Secret command;        ///< Everything after that, up to a line end; may hold secrets.
  std::string program;   ///< program_of(command).
};

/// NAME=value above the jobs; the value may be a secret.
struct CronVariable {
  int line = 0;
  std::string name;
  Secret value;
};

struct Crontab {
  std::vector<CronJob> jobs;
  std::vector<CronVariable> variables;
  std::vector<Malformed> malformed;
};

enum class CronForm : std::uint8_t {
  system,  ///< /etc/crontab, /etc/cron.d: the user is a column.
  user,    ///< /var/spool/cron/crontabs/NAME: it runs as NAME.
};

/// crontab(5) of Debian's cron 3.0pl1.
Crontab parse_crontab(std::string_view text, CronForm form);

/// /etc/anacrontab: period, delay, name, command, all as root; the schedule is the period.
Crontab parse_anacrontab(std::string_view text);

/// The uid in the head of an atjob file ("# atrun uid=1000 gid=1000"). Empty: not such a file.
std::optional<std::uint32_t> at_job_uid(std::string_view text);

/// Whether run-parts takes a file of that name in cron.daily and its like (run-parts(8)).
bool run_parts_name(std::string_view name);

}  // namespace reeve::host
