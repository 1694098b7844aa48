// Secrets that programs are started with: variables and command lines of units and jobs, and the
// environments of running processes. Everybody on the host may read a unit file and a command line
// in /proc; a process's environment is for its owner and root.

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "connectors/host/secrets_files.hpp"
#include "connectors/host/secrets_rows.hpp"
#include "scan/command.hpp"

namespace reeve::host {
namespace {

constexpr std::size_t environ_bytes_max = 1u << 20;

/// Names of accounts by uid.
using Owners = std::map<std::uint32_t, std::string>;

struct Start {
  std::string consumer;  ///< native_id, as consumer_rows gives it.
  std::string identity, path;
};

class Environments {
 public:
  Environments(Tree& tree, connect::Fingerprint const& fingerprint)
      : tree_(tree), fingerprint_(fingerprint) {}

  Result<std::vector<Row>> rows() && {
    auto const text = TRY(tree_.read("/etc/passwd", 16u << 20));
    for (auto const& entry : parse_passwd(text).entries) {
      names_.insert(entry.name);
      owners_.emplace(entry.uid, entry.name);
    }
    std::vector<Gap> known;  // told by consumer_rows
    for (auto const& unit : load_units(tree_, known)) of_unit(unit);
    for (auto const& cron : load_cron(tree_, known)) of_cron(cron);
    for (auto const& running : load_running(tree_, known)) running_.insert(running);
    if (tree_.live()) processes();
    return std::move(rows_);
  }

 private:
  std::string identity(std::string_view user) const {
    if (names_.contains(user)) return account_id(user);
    auto const uid = number<std::uint32_t>(user.substr(user.starts_with('#') ? 1 : 0));
    auto const found = uid ? owners_.find(*uid) : owners_.end();
    return found == owners_.end() ? "" : account_id(found->second);
  }

  std::string exposure_of(std::string const& path) const {
    auto const stat = tree_.stat(path);
    return stat ? exposure(stat->mode) : "";
  }

  void keep(std::string_view key, FoundInFile const& found, std::string const& where,
            std::string const& readable, Start const& start) {
    Row row{.key = shortened(clean_utf8(key), 2000)};
    for (auto const& one : found.found) {
      auto seen = sighting_of(one, where);
      auto& sighting = std::get<Sighting>(seen.object);
      sighting.identity = start.identity;
      if (!start.consumer.empty()) {
        sighting.native_id = start.consumer + "@" + sighting.native_id;
        sighting.consumer = start.consumer;
      }
      if (!readable.empty()) sighting.exposure = readable;
      row.observations.push_back(std::move(seen));
    }
    add_malformed(row.gaps, ObjectClass::sighting, start.path, found.malformed);
    if (!row.observations.empty() || !row.gaps.empty()) rows_.push_back(std::move(row));
  }

  void of_unit(LoadedUnit const& unit) {
    auto const& service = unit.service;
    auto const user = resolve_specifiers(service.user, unit.name);
    Start const start{"unit:" + unit.name,
                      service.dynamic_user ? "" : identity(user.empty() ? "root" : user),
                      unit.path};
    Finder finder(fingerprint_);
    for (auto const& [name, value] : service.environment)
      finder.setting(name, value.reveal(), {.key = "Environment " + name}, scan::Place::anywhere);
    for (auto const& [name, value] : service.set_credentials)
      finder.setting("secret", value.reveal(), {.key = "SetCredential " + name},
                     scan::Place::value);
    // Without a path it is what a container's manager may pass in, not a place on this host.
    for (auto const& [name, path] : service.loaded_paths)
      if (path.starts_with('/'))
        finder.reference("secret", path, {.key = "LoadCredential " + name});
    for (auto const& command : service.commands)
      finder.command(scan::split_command(command.reveal()), {.key = "ExecStart"});
    keep(start.consumer, finder.take(), "file:" + clean_utf8(unit.path), exposure_of(unit.path),
         start);
    for (auto const& path : service.environment_files) environment_file(path, unit.name, start);
  }

  void environment_file(std::string const& path, std::string const& unit, Start const& start) {
    auto const resolved = resolve_specifiers(path, unit);
    auto bytes = tree_.read(resolved, secret_file_bytes_max);
    if (!bytes) {
      if (bytes.error().code() != Errc::not_found)
        rows_.push_back({.key = start.consumer + "=" + shortened(clean_utf8(resolved), 1500),
                         .gaps = {gap_of(ObjectClass::sighting, "", read_homes, bytes.error())}});
      return;
    }
    auto const found = find_in_file({"", Format::env}, *bytes, fingerprint_);
    wipe(*bytes);
    keep(start.consumer + "=" + resolved, found, "file:" + clean_utf8(resolved),
         exposure_of(resolved), {start.consumer, start.identity, resolved});
  }

  struct Job {
    Start start;
    int line = 0;
  };

  /// With the ids that consumer_rows gives to the same jobs: table, user, program, which of
  /// several.
  std::vector<Job> jobs_of(LoadedCron const& cron) const {
    std::map<std::string, int> ids;
    std::vector<Job> out;
    for (auto const& job : cron.table.jobs) {
      auto const& user = cron.user.empty() ? job.user : cron.user;
      auto const base = "cron:" + cron.path + ":" + shortened(clean_utf8(user), 256) + ":" +
                        shortened(clean_utf8(job.program), 512);
      auto const again = ++ids[base];
      auto id = again > 1 ? base + "#" + std::to_string(again) : base;
      out.push_back({{std::move(id), identity(user), cron.path}, job.line});
    }
    return out;
  }

  void of_cron(LoadedCron const& cron) {
    auto const where = "file:" + clean_utf8(cron.path), readable = exposure_of(cron.path);
    auto const jobs = jobs_of(cron);
    for (std::size_t n = 0; n < jobs.size(); ++n) {
      Finder finder(fingerprint_);
      finder.command(scan::split_command(cron.table.jobs[n].command.reveal()),
                     {.key = "command", .line = jobs[n].line});
      keep(jobs[n].start.consumer, finder.take(), where, readable, jobs[n].start);
    }
    for (auto const& variable : cron.table.variables) cron_variable(cron, variable, jobs, readable);
  }

  /// A variable is in the environment of each job below it, and of nobody's when there is none.
  void cron_variable(LoadedCron const& cron, CronVariable const& variable,
                     std::vector<Job> const& jobs, std::string const& readable) {
    Finder finder(fingerprint_);
    finder.setting(variable.name, variable.value.reveal(),
                   {.key = variable.name, .line = variable.line}, scan::Place::anywhere);
    auto const found = finder.take();
    auto const where = "file:" + clean_utf8(cron.path), key = "=" + std::to_string(variable.line);
    bool used = false;
    for (auto const& job : jobs) {
      if (job.line <= variable.line) continue;
      used = true;
      keep(job.start.consumer + key, found, where, readable, job.start);
    }
    if (!used)
      keep("cron:" + shortened(clean_utf8(cron.path), 1900) + key, found, where, readable,
           {"", cron.user.empty() ? "" : identity(cron.user), cron.path});
  }

  // --- /proc

  void processes() {
    auto const all = tree_.list("/proc", 200'000);
    for (auto const& entry : all.value_or(std::vector<DirEntry>()))
      if (number<std::uint32_t>(entry.name)) process("/proc/" + entry.name);
    for (auto& [consumer, found] : by_consumer_)
      keep(consumer, FoundInFile{.found = std::move(found.found)}, "environ:" + consumer, "owner",
           {consumer, found.identity, "/proc"});
  }

  /// Many processes of one program hold the same secrets: they are one consumer.
  void process(std::string const& folder) {
    auto const stat = tree_.stat(folder);
    if (!stat) return;
    auto const consumer = consumer_of(folder, stat->uid);
    if (consumer.empty()) return;
    Finder finder(fingerprint_);
    variables(folder, finder);
    arguments(folder, finder);
    auto& known = by_consumer_[consumer];
    known.identity = identity("#" + std::to_string(stat->uid));
    for (auto& one : finder.take().found)
      if (std::ranges::find(known.found, one) == known.found.end())
        known.found.push_back(std::move(one));
  }

  void variables(std::string const& folder, Finder& finder) {
    auto environ = tree_.read(folder + "/environ", environ_bytes_max);
    if (!environ) return;
    for (auto const pair : split(*environ, '\0')) {
      auto const equals = pair.find('=');
      if (equals == std::string_view::npos || equals == 0) continue;
      auto const name = pair.substr(0, equals);
      finder.setting(name, pair.substr(equals + 1), {.key = std::string(name)},
                     scan::Place::anywhere);
    }
    wipe(*environ);
  }

  void arguments(std::string const& folder, Finder& finder) {
    auto line = tree_.read(folder + "/cmdline", environ_bytes_max);
    if (!line) return;
    std::vector<std::string> argv;
    for (auto const word : split(*line, '\0')) argv.emplace_back(word);
    finder.command(argv, {.key = "command line"});
    for (auto& word : argv) wipe(word);
    wipe(*line);
  }

  /// The native id that consumer_rows gave to this process; empty: it gave none.
  std::string consumer_of(std::string const& folder, std::uint32_t uid) const {
    auto program = tree_.read_link(folder + "/exe").value_or("");
    constexpr std::string_view gone = " (deleted)";
    if (program.ends_with(gone)) program.resize(program.size() - gone.size());
    if (program.empty())
      program = std::string(trim(tree_.read(folder + "/comm", 256).value_or("")));
    auto const group = tree_.read(folder + "/cgroup", 64u << 10).value_or("");
    for (auto const& running : running_)
      if (running.uid == uid && running.program == program &&
          (running.unit.empty() ? !group.contains(".service") : group.contains("/" + running.unit)))
        return "process:" + std::to_string(uid) + ":" + shortened(clean_utf8(program), 512) +
               (running.unit.empty() ? "" : ":" + running.unit);
    return {};
  }

  struct Gathered {
    std::string identity;
    std::vector<Found> found;
  };

  Tree& tree_;
  connect::Fingerprint const& fingerprint_;
  std::set<std::string, std::less<>> names_;
  Owners owners_;
  std::set<Running> running_;
  std::map<std::string, Gathered> by_consumer_;
  std::vector<Row> rows_;
};

}  // namespace

Result<std::vector<Row>> environment_rows(Tree& tree, connect::Fingerprint const& fingerprint) {
  return Environments(tree, fingerprint).rows();
}

}  // namespace reeve::host
