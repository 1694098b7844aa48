#include "connectors/host/crontab.hpp"

#include <doctest/doctest.h>

namespace reeve::host {
namespace {

TEST_CASE("host crontab: the system form has a user, the user form has none") {
  std::string const text =
      "# comment\n"
      "SHELL=/bin/sh\n"
      "MAILTO = \"ops\"\n"
      "*/5 * * * * svc-deploy API_KEY=sk /opt/app/sync.sh --all\n"
      "@reboot root /sbin/boot\n"
      "17 *\t* * *\troot    cd / && run-parts --report /etc/cron.hourly\n";
  auto const got = parse_crontab(text, CronForm::system);
  CHECK(got.malformed.empty());
  REQUIRE(got.jobs.size() == 3);
  CHECK(got.jobs[0].line == 4);
  CHECK(got.jobs[0].schedule == "*/5 * * * *");
  CHECK(got.jobs[0].user == "svc-deploy");
  CHECK(got.jobs[0].command.reveal() == "API_KEY=sk /opt/app/sync.sh --all");
  CHECK(got.jobs[0].program == "/opt/app/sync.sh");
  CHECK(got.jobs[1].schedule == "@reboot");
  CHECK(got.jobs[2].schedule == "17 * * * *");
  REQUIRE(got.variables.size() == 2);
  CHECK(got.variables[1].name == "MAILTO");
  CHECK(got.variables[1].value.reveal() == "ops");

  auto const own = parse_crontab("0 3 * * mon-fri /opt/app/nightly a=b\n", CronForm::user);
  REQUIRE(own.jobs.size() == 1);
  CHECK(own.jobs[0].user.empty());
  CHECK(own.jobs[0].program == "/opt/app/nightly");
}

TEST_CASE("host crontab: what is no job is named") {
  auto const got =
      parse_crontab("* * * *\n@sometimes root x\n* * * * * root\nhello world\n$$ * * * * root x\n",
                    CronForm::system);
  CHECK(got.jobs.empty());
  std::string lines;
  for (auto const& bad : got.malformed) lines += std::to_string(bad.line) + " " + bad.why + "\n";
  CHECK(lines ==
        "1 neither NAME=value nor five fields of time\n"
        "2 neither NAME=value nor five fields of time\n"
        "3 no command\n"
        "4 neither NAME=value nor five fields of time\n"
        "5 neither NAME=value nor five fields of time\n");
}

TEST_CASE("host crontab: the program of a command line, without secrets around it") {
  struct Case {
    char const* command;
    char const* program;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"/opt/app/sync.sh", "/opt/app/sync.sh"},
           {"TOKEN=canary /opt/x --key=canary", "/opt/x"},
           {"TOKEN=\"can ary\" B='x y' exec nice /opt/x", "/opt/x"},
           {"[ -x /bin/y ] && /bin/y", "/bin/y"},
           {"(cd /; run)", "run"},
           {"cd / && run-parts --report /etc/cron.hourly", "run-parts"},
           {"test -x /usr/sbin/anacron || ( cd / && run-parts --report /etc/cron.daily )",
            "run-parts"},
           {"if [ -d /x ]; then /opt/x --key=canary; fi", "/opt/x"},
           {"cd /srv; flock -n /run/x.lock nice -n 5 ./sync --token=canary", "./sync"},
           {"flock -w 5 /run/x.lock -c 'cd /srv && ./sync'", "./sync"},
           {"sudo -u app TOKEN=canary /opt/x", "/opt/x"},
           {"sudo --user app -- /opt/x", "/opt/x"},
           {"su - app -c '/opt/x -p canary'", "/opt/x"},
           {"runuser -u app -- /opt/x", "/opt/x"},
           {"env -i -u HOME PATH=/bin timeout -k 5 60 /opt/x", "/opt/x"},
           {"bash -lc 'source /etc/env; exec /opt/x'", "/opt/x"},
           {"/usr/bin/python3 -u /opt/x.py --key canary", "/opt/x.py"},
           {"python3 -m backup canary", "python3"},
           {"php https://u:canary@a/b", "php"},
           {"echo canary | /usr/bin/mail -s x ops", "/usr/bin/mail"},
           {"mysqldump -pcanary db | gzip > /var/backups/db.gz", "mysqldump"},
           {"/opt/x >/dev/null 2>&1", "/opt/x"},
           {"2>/dev/null /opt/x &", "/opt/x"},
           {"sh -c \"sh -c 'sh -c \\\"sh -c /opt/x\\\"'\"", "/opt/x"},
           {"sleep 10", "sleep"},
           {"flock", "flock"},
           {"sudo -u", "sudo"},
           {"\"/opt/my app/run\" now", "/opt/my app/run"},
           {"/bin/mail%canary", "/bin/mail"},
           {"A=b", ""},
           {"   ", ""},
           {"|", ""},
       }) {
    CAPTURE(c.command);
    CHECK(program_of(c.command) == c.program);
  }
}

TEST_CASE("host crontab: anacron, at and run-parts") {
  auto const got = parse_anacrontab(
      "1\t5\tcron.daily\trun-parts /etc/cron.daily\n"
      "@monthly 15 x /bin/y\nbad line here now\n");
  REQUIRE(got.jobs.size() == 2);
  CHECK(got.jobs[0].schedule == "every 1 days");
  CHECK(got.jobs[0].user == "root");
  CHECK(got.malformed.size() == 1);
  CHECK(at_job_uid("#!/bin/sh\n# atrun uid=1000 gid=1000\n# mail bob 0\n") == 1000);
  CHECK(!at_job_uid("#!/bin/sh\necho\n").has_value());
  CHECK(!at_job_uid("#!/bin/sh\n# atrun uid=x\n").has_value());
  CHECK(run_parts_name("man-db"));
  CHECK(!run_parts_name("backup.sh"));
  CHECK(!run_parts_name(".placeholder"));
}

TEST_CASE("host crontab: too many lines and too long ones") {
  std::string text = std::string(70000, '*') + "\n";
  for (std::size_t i = 0; i < cron_lines_max + 10; ++i) text += "@daily x\n";
  auto const got = parse_crontab(text, CronForm::user);
  CHECK(got.jobs.size() == cron_lines_max - 1);
  REQUIRE(got.malformed.size() == 2);
  CHECK(got.malformed[0].why == "a line of more than 64 KiB");
  CHECK(got.malformed[1].why == "more than 20000 lines; the rest is not read");
}

}  // namespace
}  // namespace reeve::host
