// From units, jobs and processes to consumers: what runs, as whom, and how we know. Arguments of
// commands stay out, as secrets are given there.

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "connectors/host/code_owners.hpp"
#include "connectors/host/rows.hpp"

namespace reeve::host {
namespace {

/// The account of a name or "#uid" or plain uid; empty: no local file knows it.
std::string identity_of(System const& system, std::string_view user) {
  if (auto const* account = system.account(user)) return account_id(account->entry.name);
  auto const uid = number<std::uint32_t>(user.substr(user.starts_with('#') ? 1 : 0));
  auto const* account = uid ? system.account_of_uid(*uid) : nullptr;
  return account ? account_id(account->entry.name) : "";
}

Row row_of(Consumer consumer, std::string evidence) {
  Row row{.key = clean_utf8(consumer.native_id)};
  row.observations.push_back({std::move(consumer), std::move(evidence)});
  return row;
}

/// Whom a service runs as, and why we think so.
struct RunsAs {
  std::string identity, how;
};

RunsAs runs_as(System const& system, LoadedUnit const& unit) {
  auto const user = resolve_specifiers(unit.service.user, unit.name);
  if (unit.service.dynamic_user)
    return {"", "DynamicUser= in " + unit.path + ": an account made when it starts"};
  if (!unit.service.root_directory.empty())
    return {"", "User=" + user + " in " + unit.path + ", within RootDirectory="};
  if (user.empty()) return {identity_of(system, "root"), "no User= in " + unit.path};
  return {identity_of(system, user), "User=" + user + " in " + unit.path};
}

/// "; CODEOWNERS: ada by /srv/app/CODEOWNERS", for what that program is; or empty.
std::string answered_by(Tree& tree, std::string_view program) {
  auto const owners = code_owners_near(tree, program);
  return owners.empty() ? "" : "; CODEOWNERS: " + owners;
}

void add_unit(std::vector<Row>& out, Tree& tree, LoadedUnit const& unit,
              std::map<std::string, RunsAs> const& services) {
  RunsAs by{"", "starts " + unit.starts};
  auto const started = services.find(unit.starts.empty() ? unit.name : unit.starts);
  if (started != services.end()) {
    by.identity = started->second.identity;
    by.how = (unit.starts.empty() ? "" : by.how + ": ") + started->second.how;
  }
  if (unit.wanted) by.how += "; starts by itself";
  if (!unit.service.commands.empty())
    by.how += answered_by(tree, program_of(unit.service.commands.front().reveal()));
  out.push_back(row_of({.native_id = "unit:" + unit.name,
                        .name = unit.name,
                        .kind = "systemd_unit",
                        .identity = by.identity,
                        .how = by.how},
                       unit.path));
}

/// A user manager runs its units as its user, whatever they say.
void add_user_units(std::vector<Row>& out, Tree& tree, Account const& account,
                    std::vector<Gap>& gaps) {
  auto const& name = account.entry.name;
  for (auto const& unit : load_user_units(tree, account.entry.home, gaps))
    out.push_back(row_of({.native_id = "unit:" + clean_utf8(name) + ":" + unit.name,
                          .name = unit.name,
                          .kind = "systemd_unit",
                          .identity = account_id(name),
                          .how = "user unit " + unit.path},
                         unit.path));
}

/// Jobs have no names: a job is its table, whom it runs as and what; the second alike gets "#2".
void add_jobs(std::vector<Row>& out, Tree& tree, System const& system, LoadedCron const& cron) {
  std::map<std::string, int> ids;
  for (auto const& job : cron.table.jobs) {
    auto const& user = cron.user.empty() ? job.user : cron.user;
    auto const where = job.line > 0 ? cron.path + ":" + std::to_string(job.line) : cron.path;
    auto const base = "cron:" + cron.path + ":" + shortened(clean_utf8(user), 256) + ":" +
                      shortened(clean_utf8(job.program), 512);
    auto const again = ++ids[base];
    out.push_back(row_of(
        {.native_id = again > 1 ? base + "#" + std::to_string(again) : base,
         .name = job.program.empty() ? where : job.program,
         .kind = "cron_job",
         .identity = identity_of(system, user),
         .how = job.schedule + " as " + user + " in " + cron.path + answered_by(tree, job.program)},
        where));
  }
}

void add_process(std::vector<Row>& out, System const& system, Running const& running) {
  auto const uid = std::to_string(running.uid);
  auto const program = shortened(clean_utf8(running.program), 512);
  auto const unit = running.unit.empty() ? "" : ":" + running.unit;
  out.push_back(
      row_of({.native_id = "process:" + uid + ":" + program + unit,
              .name = program,
              .kind = "process",
              .identity = identity_of(system, "#" + uid),
              .how = "runs as uid " + uid + (running.unit.empty() ? "" : " in " + running.unit)},
             "/proc"));
}

}  // namespace

std::vector<Row> consumer_rows(Tree& tree, System const& system) {
  std::vector<Gap> gaps;
  std::vector<Row> out(1);
  auto const units = load_units(tree, gaps);
  std::map<std::string, RunsAs> services;
  for (auto const& unit : units)
    if (unit.starts.empty()) services[unit.name] = runs_as(system, unit);
  for (auto const& unit : units) add_unit(out, tree, unit, services);
  for (auto const& [name, account] : system.accounts) add_user_units(out, tree, account, gaps);
  for (auto const& cron : load_cron(tree, gaps)) add_jobs(out, tree, system, cron);
  for (auto const& running : load_running(tree, gaps)) add_process(out, system, running);
  out.front().gaps = std::move(gaps);
  return out;
}

}  // namespace reeve::host
