// Cron tables of both forms, anacron, at: any bytes parse; a job has a time and a command.

#include "connectors/host/crontab.hpp"

#include "check.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace reeve;
  auto const text = fuzz::text(data, size);
  for (auto const& table : {host::CronForm::system, host::CronForm::user})
    for (auto const& job : host::parse_crontab(text, table).jobs) {
      fuzz::must(!job.schedule.empty() && !job.command.empty());
      fuzz::must(job.program.size() <= job.command.reveal().size());
    }
  for (auto const& job : host::parse_anacrontab(text).jobs) fuzz::must(job.user == "root");
  fuzz::must(host::program_of(text).size() <= text.size());
  host::at_job_uid(text);
  return 0;
}
