// What starts programs on a host: systemd's units, cron's tables, at's jobs, and what runs now.
//
// systemd takes a unit from the first of its folders that has it (/etc before /run before /usr), a
// link to /dev/null masks it. Drop-ins come from "NAME.d" of all folders, for an instance also
// from its template's, and apply in the order of their file names; of two with one name the one in
// the earlier folder counts. Instances exist by what wants them: "multi-user.target.wants/app@blue.
// service" is a link to the template.
//
// Sources: systemd.unit(5) of systemd 252; cron(8) and at(1) of Debian 12; proc(5).

#include "connectors/host/jobs.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.hpp"
#include "connectors/host/system.hpp"

namespace reeve::host {
namespace {

constexpr std::size_t folder_max = 20'000;
constexpr std::size_t unit_bytes_max = 1 << 20;
constexpr std::size_t cron_bytes_max = 4 << 20;
constexpr std::size_t processes_max = 20'000;

constexpr char const* unit_folders[] = {"/etc/systemd/system", "/run/systemd/system",
                                        "/usr/local/lib/systemd/system", "/usr/lib/systemd/system",
                                        "/lib/systemd/system"};

/// Entries of a folder that may be absent.
std::vector<DirEntry> entries(Tree& tree, std::string const& path, std::string_view permission,
                              std::vector<Gap>& gaps) {
  auto found = tree.list(path, folder_max);
  if (found) return std::move(*found);
  if (found.error().code() != Errc::not_found)
    gaps.push_back(gap_of(ObjectClass::consumer, "", permission, found.error()));
  return {};
}

bool wanted_type(std::string_view name) {
  return name.ends_with(".service") || name.ends_with(".timer");
}

class Units {
 public:
  Units(Tree& tree, std::vector<Gap>& gaps) : tree_(tree), gaps_(gaps) {}

  std::vector<LoadedUnit> load() && {
    for (auto const* folder : unit_folders) scan(folder);
    for (auto const& name : wanted_) instance(name);
    std::vector<LoadedUnit> out;
    for (auto const& [name, path] : paths_)
      if (!path.empty() && !name.contains("@.")) load(name, path, out);
    return out;
  }

 private:
  void scan(std::string const& folder) {
    for (auto const& entry : entries(tree_, folder, read_units, gaps_)) {
      auto const path = folder + "/" + entry.name;
      if (entry.name.ends_with(".wants") || entry.name.ends_with(".requires"))
        for (auto const& link : entries(tree_, path, read_units, gaps_)) wanted_.insert(link.name);
      else if (entry.name.ends_with(".d"))
        for (auto const& file : entries(tree_, path, read_units, gaps_))
          drop_in(entry.name.substr(0, entry.name.size() - 2), file.name, path + "/" + file.name);
      else if (wanted_type(entry.name) && entry.kind != FileKind::directory)
        paths_.emplace(entry.name, masked(path, entry.kind) ? "" : path);
    }
  }

  bool masked(std::string const& path, FileKind kind) {
    if (kind != FileKind::link) return false;
    auto const target = tree_.read_link(path);
    return target && *target == "/dev/null";
  }

  void drop_in(std::string const& unit, std::string const& file, std::string const& path) {
    if (file.ends_with(".conf")) drop_ins_[unit].emplace(file, path);
  }

  /// "app@blue.service" is there when its template is.
  void instance(std::string const& name) {
    auto const parsed = parse_unit_name(name);
    if (!wanted_type(name) || !parsed.templated || parsed.instance.empty()) return;
    auto const found = paths_.find(parsed.template_name());
    if (found != paths_.end()) paths_.emplace(name, found->second);
  }

  UnitFile const* file(std::string const& path, std::string const& unit) {
    auto const known = files_.find(path);
    if (known != files_.end()) return &known->second;
    auto bytes = tree_.read(path, unit_bytes_max);
    if (!bytes) {
      if (bytes.error().code() != Errc::not_found)
        gaps_.push_back(
            gap_of(ObjectClass::consumer, "unit:" + clean_utf8(unit), read_units, bytes.error()));
      return nullptr;
    }
    auto parsed = parse_unit(*bytes);
    wipe(*bytes);
    add_malformed(gaps_, ObjectClass::consumer, path, parsed.malformed);
    return &(files_[path] = std::move(parsed));
  }

  /// Of the unit itself and, for an instance, of its template, in the order of file names.
  std::map<std::string, std::string> drop_ins(std::string const& name) const {
    std::map<std::string, std::string> out;
    auto const parsed = parse_unit_name(name);
    for (auto const& unit : {name, parsed.templated ? parsed.template_name() : name})
      if (auto const found = drop_ins_.find(unit); found != drop_ins_.end())
        out.insert(found->second.begin(), found->second.end());
    return out;
  }

  void load(std::string const& name, std::string const& path, std::vector<LoadedUnit>& out) {
    std::vector<UnitFile const*> files;
    if (auto const* main = file(path, name)) files.push_back(main);
    if (files.empty()) return;
    for (auto const& [file_name, at] : drop_ins(name))
      if (auto const* more = file(at, name)) files.push_back(more);
    LoadedUnit unit{.name = name, .path = path, .wanted = wanted_.contains(name)};
    if (name.ends_with(".timer"))
      unit.starts = timer_target(name, files);
    else
      unit.service = service_unit(files);
    out.push_back(std::move(unit));
  }

  Tree& tree_;
  std::vector<Gap>& gaps_;
  std::map<std::string, std::string> paths_;  ///< Unit to main file; "" is masked.
  std::map<std::string, std::map<std::string, std::string>> drop_ins_;  ///< Unit, file to path.
  std::set<std::string> wanted_;
  std::map<std::string, UnitFile> files_;
};

class Cron {
 public:
  Cron(Tree& tree, std::vector<Gap>& gaps) : tree_(tree), gaps_(gaps) {}

  std::vector<LoadedCron> load() && {
    table("/etc/crontab", CronForm::system, "");
    for (auto const& file : entries(tree_, "/etc/cron.d", read_crontabs, gaps_))
      if (run_parts_name(file.name)) table("/etc/cron.d/" + file.name, CronForm::system, "");
    for (auto const* folder : {"/var/spool/cron/crontabs", "/var/spool/cron"})
      for (auto const& file : entries(tree_, folder, read_crontabs, gaps_))
        if (file.kind == FileKind::file)
          table(std::string(folder) + "/" + file.name, CronForm::user, file.name);
    anacron();
    for (auto const* period : {"hourly", "daily", "weekly", "monthly"}) scripts(period);
    for (auto const* folder : {"/var/spool/cron/atjobs", "/var/spool/at"}) at_jobs(folder);
    return std::move(out_);
  }

 private:
  std::optional<std::string> text(std::string const& path) {
    auto bytes = tree_.read(path, cron_bytes_max);
    if (bytes) return std::move(*bytes);
    if (bytes.error().code() != Errc::not_found)
      gaps_.push_back(gap_of(ObjectClass::consumer, "", read_crontabs, bytes.error()));
    return {};
  }

  void add(std::string const& path, std::string const& user, Crontab table) {
    add_malformed(gaps_, ObjectClass::consumer, path, table.malformed);
    out_.push_back({path, user, std::move(table)});
  }

  void table(std::string const& path, CronForm form, std::string const& user) {
    if (auto found = text(path)) {
      add(path, user, parse_crontab(*found, form));
      wipe(*found);
    }
  }

  void anacron() {
    if (auto const found = text("/etc/anacrontab"))
      add("/etc/anacrontab", "", parse_anacrontab(*found));
  }

  void scripts(std::string const& period) {
    auto const folder = "/etc/cron." + period;
    for (auto const& file : entries(tree_, folder, read_crontabs, gaps_)) {
      auto const path = folder + "/" + file.name;
      auto const about = tree_.stat(path);
      if (!run_parts_name(file.name) || !about || (about->mode & 0111U) == 0) continue;
      Crontab one;
      one.jobs.push_back({.schedule = period, .user = "root", .program = path});
      add(path, "", std::move(one));
    }
  }

  void at_jobs(std::string const& folder) {
    for (auto const& file : entries(tree_, folder, read_crontabs, gaps_)) {
      auto const path = folder + "/" + file.name;
      if (file.kind != FileKind::file || file.name.starts_with('.')) continue;
      auto found = text(path);
      auto const uid = found ? at_job_uid(*found) : std::nullopt;
      if (!uid) continue;
      Crontab one;
      one.jobs.push_back({.schedule = "once", .user = "#" + std::to_string(*uid), .program = "at"});
      one.jobs.back().command = Secret::take(*found);
      add(path, "", std::move(one));
    }
  }

  Tree& tree_;
  std::vector<Gap>& gaps_;
  std::vector<LoadedCron> out_;
};

/// The second number behind "Uid:", the effective one.
std::optional<std::uint32_t> effective_uid(std::string_view status) {
  for (Lines lines(status); lines.next();) {
    if (!lines.text().starts_with("Uid:")) continue;
    auto rest = lines.text().substr(4);
    next_word(rest);
    return number<std::uint32_t>(next_word(rest));
  }
  return {};
}

std::string status_name(std::string_view status) {
  Lines lines(status);
  return lines.next() && lines.text().starts_with("Name:")
             ? std::string(trim(lines.text().substr(5)))
             : "";
}

/// "app.service" of "0::/system.slice/app.service".
std::string unit_of(std::string_view cgroup) {
  for (auto const part : split(cgroup.substr(0, cgroup.find('\n')), '/'))
    if (part.ends_with(".service")) return std::string(part);
  return "";
}

/// Empty: gone in the meantime, or a thread of the kernel, which has no command line.
std::optional<Running> process(Tree& tree, std::string const& folder) {
  auto const status = tree.read(folder + "/status", 64 * 1024);
  auto const line = tree.read_at(folder + "/cmdline", 0, 1);
  if (!status || !line || line->empty()) return {};
  auto const uid = effective_uid(*status);
  if (!uid) return {};
  Running out{.uid = *uid, .program = status_name(*status)};
  if (auto exe = tree.read_link(folder + "/exe")) {
    constexpr std::string_view gone = " (deleted)";
    if (exe->ends_with(gone)) exe->resize(exe->size() - gone.size());
    out.program = std::move(*exe);
  }
  if (auto const cgroup = tree.read(folder + "/cgroup", 64 * 1024)) out.unit = unit_of(*cgroup);
  return out;
}

}  // namespace

std::vector<LoadedUnit> load_units(Tree& tree, std::vector<Gap>& gaps) {
  return Units(tree, gaps).load();
}

std::vector<LoadedUnit> load_user_units(Tree& tree, std::string const& home,
                                        std::vector<Gap>& gaps) {
  std::vector<LoadedUnit> out;
  if (!home.starts_with('/')) return out;
  auto const folder = home + "/.config/systemd/user";
  for (auto const& entry : entries(tree, folder, read_homes, gaps)) {
    auto const path = folder + "/" + entry.name;
    if (!entry.name.ends_with(".service") || entry.kind != FileKind::file) continue;
    auto bytes = tree.read(path, unit_bytes_max);
    if (!bytes) {
      gaps.push_back(gap_of(ObjectClass::consumer, "", read_homes, bytes.error()));
      continue;
    }
    auto const parsed = parse_unit(*bytes);
    wipe(*bytes);
    add_malformed(gaps, ObjectClass::consumer, path, parsed.malformed);
    UnitFile const* files[] = {&parsed};
    out.push_back({.name = entry.name, .path = path, .service = service_unit(files)});
  }
  return out;
}

std::vector<LoadedCron> load_cron(Tree& tree, std::vector<Gap>& gaps) {
  return Cron(tree, gaps).load();
}

std::vector<Running> load_running(Tree& tree, std::vector<Gap>& gaps) {
  if (!tree.live()) return {};
  auto const all = tree.list("/proc", 10 * processes_max);
  if (!all) {
    gaps.push_back(gap_of(ObjectClass::consumer, "", "", all.error()));
    return {};
  }
  std::set<Running> out;
  std::size_t looked = 0;
  for (auto const& entry : *all) {
    if (!number<std::uint32_t>(entry.name)) continue;
    if (++looked > processes_max) {
      gaps.push_back({ObjectClass::consumer, "", "", "more than 20000 processes run"});
      break;
    }
    if (auto found = process(tree, "/proc/" + entry.name)) out.insert(std::move(*found));
  }
  return {out.begin(), out.end()};
}

}  // namespace reeve::host
