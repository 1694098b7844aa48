// Walks over the places where credentials lie and makes rows of what it finds there.
//
// Three ways lead to a file: the lists of exact places below each home and in the system, the
// names that tell (".env", "*.pem") met on a bounded walk through homes and the folders of
// services, and the projects that agent configurations name. A file is read once, whichever way
// led to it. The walk follows no link, and what it did not reach for want of budget is a gap.

#include "connectors/host/secrets_rows.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "connectors/host/agents_files.hpp"
#include "connectors/host/secrets_files.hpp"
#include "scan/token.hpp"

namespace reeve::host {
namespace {

constexpr std::size_t folder_max = 20'000;         ///< Entries of one folder.
constexpr std::size_t folders_max = 4'000;         ///< Folders of one walk.
constexpr std::size_t entries_seen_max = 100'000;  ///< Entries of one walk.
constexpr int depth_max = 6;
constexpr std::size_t projects_max = 2'000;
constexpr std::size_t logs_max = 300, log_bytes_max = 1 << 20;

constexpr std::string_view service_folders[] = {"/etc",     "/opt",           "/srv",
                                                "/var/www", "/usr/local/etc", "/var/lib/secrets"};

/// Folders in which nobody's own credentials lie: caches, packages, what others' tools unpacked.
constexpr std::string_view skipped[] = {
    ".cache",     ".git",        ".gradle",      ".hg",           ".local",
    ".m2",        ".mozilla",    ".npm",         ".nvm",          ".pyenv",
    ".rustup",    ".svn",        ".tox",         ".venv",         ".cargo",
    "Trash",      "__pycache__", "node_modules", "site-packages", "target",
    "venv",       "vendor",      "go",           "snap",          "ca-certificates",
    "extensions", "testdata",    "pki-cacerts"};

/// Homes of accounts that have none of their own.
bool is_home(std::string_view path) {
  constexpr std::string_view no[] = {"/",    "/bin",         "/sbin", "/dev", "/proc",
                                     "/sys", "/run",         "/etc",  "/usr", "/var",
                                     "/tmp", "/nonexistent", "/home"};
  if (!path.starts_with('/') || std::ranges::find(no, path) != std::end(no)) return false;
  return std::ranges::none_of(std::initializer_list<std::string_view>{"/usr/", "/proc/", "/dev/",
                                                                      "/bin/", "/sbin/", "/sys/"},
                              [&](auto head) { return path.starts_with(head); });
}

class Search {
 public:
  Search(Tree& tree, connect::Fingerprint const& fingerprint)
      : tree_(tree), fingerprint_(fingerprint) {}

  Result<std::vector<Row>> rows() && {
    TRY(accounts());
    rows_.push_back({.key = ""});
    for (auto const& home : homes_) at_home(home);
    for (auto const& file : system_agent_files())
      expand("", file.path.substr(1), [&](auto& path) { agent(path, file); });
    for (auto const& file : system_secret_files())
      expand("", file.path.substr(1), [&](auto& path) { secrets(path, file); });
    for (auto const folder : service_folders) walk(std::string(folder));
    logs("/var/log", 0);
    for (std::size_t i = 0; i < projects_.size(); ++i) project(projects_[i]);  // grows meanwhile
    return std::move(rows_);
  }

 private:
  Result<> accounts() {
    auto const text = TRY(tree_.read("/etc/passwd", 16u << 20));
    for (auto const& entry : parse_passwd(text).entries) {
      owners_.emplace(entry.uid, account_id(entry.name));
      auto home = entry.home;
      while (home.size() > 1 && home.ends_with('/')) home.pop_back();
      if (is_home(home)) homes_.insert(home);
    }
    return {};
  }

  // --- ways to files

  void at_home(std::string const& home) {
    auto const entries = tree_.list(home, folder_max);
    if (!entries) gap(home, entries.error());
    if (!entries && entries.error().code() == Errc::not_found) return;
    std::set<std::string, std::less<>> first;
    for (auto const& entry : entries.value_or(std::vector<DirEntry>())) first.insert(entry.name);
    auto const there = [&](std::string_view path) {
      auto const part = path.substr(0, path.find('/'));
      return entries && (part.contains('*') || first.contains(part));
    };
    for (auto const& file : home_agent_files())
      if (there(file.path)) expand(home, file.path, [&](auto& path) { agent(path, file); });
    for (auto const& file : home_secret_files())
      if (there(file.path)) expand(home, file.path, [&](auto& path) { secrets(path, file); });
    if (entries) walk(home);
  }

  /// Each existing path below `base` that a pattern stands for; `base` is "" for the root.
  template <class Use>
  void expand(std::string const& base, std::string_view pattern, Use const& use) {
    auto const slash = pattern.find('/');
    auto const part = pattern.substr(0, slash);
    auto const rest = slash == std::string_view::npos ? "" : pattern.substr(slash + 1);
    auto const go_on = [&](std::string_view name) {
      auto const path = base + "/" + std::string(name);
      if (rest.empty())
        use(path);
      else
        expand(path, rest, use);
    };
    if (!part.contains('*')) return go_on(part);
    auto const entries = tree_.list(base.empty() ? "/" : base, folder_max);
    if (!entries) return gap(base, entries.error());
    for (auto const& entry : *entries)
      if (matches(part, entry.name)) go_on(entry.name);
  }

  struct Folder {
    std::string path;
    int depth;
  };

  void walk(std::string const& root) {
    if (!walked_.insert(root).second) return;
    std::deque<Folder> ahead{{root, 0}};
    std::size_t folders = 0, seen = 0;
    while (!ahead.empty()) {
      auto const folder = std::move(ahead.front());
      ahead.pop_front();
      if (++folders > folders_max || seen > entries_seen_max)
        return told(root,
                    "is larger than a look goes: " + folder.path + " and more was not searched");
      auto const entries = tree_.list(folder.path, folder_max);
      if (!entries) {
        gap(folder.path, entries.error());
        continue;
      }
      seen += entries->size();
      for (auto const& entry : *entries) met(folder, entry, ahead);
    }
  }

  void met(Folder const& folder, DirEntry const& entry, std::deque<Folder>& ahead) {
    auto const path = (folder.path == "/" ? "" : folder.path) + "/" + entry.name;
    if (entry.kind == FileKind::directory) {
      bool const skip = std::ranges::find(skipped, entry.name) != std::end(skipped) ||
                        path == "/etc/ssl/certs" || homes_.contains(path);
      if (entry.name == ".git") secrets(path + "/config", {"config", Format::ini});
      if (!skip && folder.depth < depth_max) ahead.push_back({path, folder.depth + 1});
      return;
    }
    if (entry.kind != FileKind::file || host_key(path)) return;
    for (auto const& file : project_agent_files())
      if (ends_like(path, file.path)) return agent(path, file);
    if (auto const file = secret_file_named(entry.name)) secrets(path, *file);
  }

  // --- logs

  /// Text files of a folder of logs and of the folders in it: the end of each, for tokens that tell
  /// by their shape. Nothing else counts: a log says "password" all day.
  void logs(std::string const& folder, int depth) {
    auto const entries = tree_.list(folder, folder_max);
    if (!entries) return log_gap(folder, entries.error());
    for (auto const& entry : *entries) {
      auto const path = folder + "/" + entry.name;
      if (entry.kind == FileKind::directory && depth < 2 && entry.name != "journal")
        logs(path, depth + 1);
      if (entry.kind == FileKind::file && is_text_log(entry.name)) log(path);
    }
  }

  static bool is_text_log(std::string_view name) {
    constexpr std::string_view binary[] = {"wtmp*", "btmp*", "lastlog*", "faillog*",  "*.gz",
                                           "*.xz",  "*.zst", "*.bz2",    "*.journal*"};
    return std::ranges::none_of(binary, [&](auto pattern) { return matches(pattern, name); });
  }

  void log(std::string const& path) {
    auto const stat = tree_.stat(path);
    if (!stat || stat->kind != FileKind::file || logs_read_ == logs_max) return;
    if (++logs_read_ == logs_max) told("/var/log", "has more logs than a look reads");
    auto const skip = stat->size > log_bytes_max ? stat->size - log_bytes_max : 0;
    auto bytes = tree_.read_at(path, skip, log_bytes_max);
    if (!bytes) return log_gap(path, bytes.error());
    std::map<std::string, std::string> found;  // by fingerprint, so that a log may grow
    for (auto const& token : scan::tokens(*bytes))
      if (!token.is_public)
        found.emplace(fingerprint_(std::string_view(*bytes).substr(token.at, token.size)),
                      token.kind);
    wipe(*bytes);
    auto const owner = owners_.find(stat->uid);
    Row row{.key = shortened(clean_utf8(path), 2000)};
    auto const where = "file:" + clean_utf8(path);
    for (auto const& [fingerprint, kind] : found)
      row.observations.push_back(
          {Sighting{.native_id = where + "#" + kind + " " + fingerprint.substr(0, 16),
                    .identity = owner == owners_.end() ? "" : owner->second,
                    .fingerprint = fingerprint,
                    .kind = kind,
                    .where = where,
                    .exposure = exposure(stat->mode),
                    .consumer = None{}},
           "in the text of a log"});
    keep(std::move(row));
  }

  void log_gap(std::string const& path, Error const& error) {
    if (error.code() == Errc::not_found || !told_.insert(path).second) return;
    rows_.front().gaps.push_back(gap_of(ObjectClass::sighting, "", read_logs, error));
  }

  /// The keys of sshd itself are told with the accounts and the host.
  static bool host_key(std::string_view path) { return path.starts_with("/etc/ssh/ssh_host_"); }

  static bool ends_like(std::string_view path, std::string_view pattern) {
    auto const parts = std::ranges::count(pattern, '/');
    auto from = path.size();
    for (auto i = parts; i >= 0 && from != std::string_view::npos; --i)
      from = from == 0 ? std::string_view::npos : path.rfind('/', from - 1);
    return from != std::string_view::npos && matches(pattern, path.substr(from + 1));
  }

  /// A folder that a client has worked in, and those above it up to a home.
  void project(std::string path) {
    for (int up = 0; up < 16 && is_home(path) && !homes_.contains(path); ++up) {
      if (!visited_.insert(path).second) return;
      for (auto const& file : project_agent_files())
        expand(path, file.path, [&](auto& at) { agent(at, file); });
      path.resize(path.rfind('/'));
    }
  }

  // --- files

  struct File {
    std::string path, bytes, where, owner;
    FileStat stat;
  };

  /// A regular file that was not read before.
  std::optional<File> open(std::string const& path) {
    auto const stat = tree_.stat(path);
    if (!stat) gap(path, stat.error());
    if (!stat || stat->kind != FileKind::file || !read_.insert(path).second) return {};
    auto bytes = tree_.read(path, secret_file_bytes_max);
    if (!bytes) {
      gap(path, bytes.error());
      return {};
    }
    auto const owner = owners_.find(stat->uid);
    return File{path, std::move(*bytes), "file:" + clean_utf8(path),
                owner == owners_.end() ? "" : owner->second, *stat};
  }

  Row row_of(File const& file) const { return {.key = shortened(clean_utf8(file.path), 2000)}; }

  void sightings(File const& file, std::vector<Found> const& all, Row& row,
                 std::string const& identity, Known<std::string> const& consumer) const {
    for (auto const& found : all) {
      auto seen = sighting_of(found, file.where);
      auto& sighting = std::get<Sighting>(seen.object);
      sighting.identity = identity;
      sighting.exposure = exposure(file.stat.mode);
      sighting.consumer = consumer;
      row.observations.push_back(std::move(seen));
    }
  }

  void malformed(File const& file, std::vector<Malformed> const& all, Row& row) const {
    add_malformed(row.gaps, ObjectClass::sighting, file.path, all);
  }

  void secrets(std::string const& path, SecretFile const& kind) {
    auto file = open(path);
    if (!file) return;
    auto const found = find_in_file(kind, file->bytes, fingerprint_);
    wipe(file->bytes);
    auto row = row_of(*file);
    sightings(*file, found.found, row, file->owner, {});
    malformed(*file, found.malformed, row);
    keep(std::move(row));
  }

  void agent(std::string const& path, AgentFile const& kind) {
    auto file = open(path);
    if (!file) return;
    auto config = read_agent_config(kind.syntax, file->bytes, fingerprint_);
    wipe(file->bytes);
    for (auto& found : config.projects)
      if (projects_.size() < projects_max) projects_.push_back(std::move(found));
    auto row = row_of(*file);
    std::set<std::string, std::less<>> ids;
    for (auto& server : config.servers) one_server(*file, kind.client, server, ids, row);
    sightings(*file, config.secrets, row, file->owner, {});
    malformed(*file, config.malformed, row);
    std::ranges::stable_sort(row.observations, {}, [](auto const& o) { return object_class(o); });
    keep(std::move(row));
  }

  void one_server(File const& file, std::string_view client, McpServer& server,
                  std::set<std::string, std::less<>>& ids, Row& row) const {
    auto id = std::string(client) + ":" + clean_utf8(file.path) + ":" +
              (server.project.empty() ? "" : server.project + ":") + server.name;
    if (!ids.insert(id).second) return;
    auto const evidence = clean_utf8(file.path) + " line " + std::to_string(server.line);
    auto const of = file.owner.empty() ? "uid " + std::to_string(file.stat.uid) : file.owner;
    row.observations.push_back({Identity{.native_id = "agent:" + id,
                                         .name = std::string(client) + "/" + server.name,
                                         .kind = "agent",
                                         .enabled = server.enabled,
                                         .note = "of " + of + "; runs " + server.runs,
                                         .declared_person = false,
                                         .interactive = false},
                                evidence});
    row.observations.push_back(
        {Resource{.native_id = "mcp_server:" + id,
                  .name = server.package.empty()   ? server.runs
                          : server.version.empty() ? server.package
                                                   : server.package + "@" + server.version,
                  .kind = "mcp_server",
                  .pinned = server.pinned,
                  .authenticated = server.authenticated},
         evidence});
    row.observations.push_back({Grant{.native_id = "use:" + id,
                                      .identity = "agent:" + id,
                                      .actions = {"use"},
                                      .resource = "mcp_server:" + id,
                                      .conditions = None{},
                                      .until = None{}},
                                evidence});
    row.observations.push_back({Consumer{.native_id = "agent:" + id,
                                         .name = std::string(client) + "/" + server.name,
                                         .kind = "agent",
                                         .identity = "agent:" + id,
                                         .how = "MCP server in " + clean_utf8(file.path)},
                                evidence});
    for (auto& found : server.secrets)
      found.key =
          (server.project.empty() ? "" : server.project + ":") + server.name + "." + found.key;
    sightings(file, server.secrets, row, "agent:" + id, "agent:" + id);
  }

  void keep(Row row) {
    if (!row.observations.empty() || !row.gaps.empty()) rows_.push_back(std::move(row));
  }

  // --- what was not seen

  /// What does not exist, and links that lead nowhere, hide nothing.
  void gap(std::string const& path, Error const& error) {
    if (error.code() == Errc::not_found || !told_.insert(path).second) return;
    if (tree_.stat(path) && error.code() == Errc::invalid && !error.message().contains("larger") &&
        !error.message().contains("more than"))
      return;  // a folder where a file might be, or the other way round
    rows_.front().gaps.push_back(gap_of(ObjectClass::sighting, "", read_homes, error));
  }

  void told(std::string const& path, std::string const& why) {
    rows_.front().gaps.push_back({ObjectClass::sighting, "", "", clean_utf8(path + " " + why)});
  }

  Tree& tree_;
  connect::Fingerprint const& fingerprint_;
  std::map<std::uint32_t, std::string> owners_;
  std::set<std::string, std::less<>> homes_, walked_, visited_, read_, told_;
  std::vector<std::string> projects_;
  std::size_t logs_read_ = 0;
  std::vector<Row> rows_;
};

}  // namespace

std::string exposure(std::uint32_t mode) {
  return mode & 0004 ? "others" : mode & 0040 ? "group" : "owner";
}

Observation sighting_of(Found const& found, std::string const& where) {
  auto evidence = found.key;
  if (!found.account.empty()) evidence += ", for " + found.account;
  if (!found.target.empty()) evidence += ", at " + found.target;
  if (!found.refers_to.empty()) evidence += ", refers to " + found.refers_to;
  if (found.encrypted) evidence += ", under a passphrase";
  if (auto const* end = std::get_if<Instant>(&found.expires))
    evidence += ", until " + rfc3339(*end);
  return {Sighting{.native_id = where + "#" + found.key,
                   .fingerprint = found.fingerprint,
                   .kind = found.kind,
                   .where = found.line > 0 ? where + ":" + std::to_string(found.line) : where,
                   .mode = found.mode},
          std::move(evidence)};
}

Result<std::vector<Row>> secret_file_rows(Tree& tree, connect::Fingerprint const& fingerprint) {
  return Search(tree, fingerprint).rows();
}

std::vector<Family> secret_families(Tree& tree, connect::Fingerprint const& fingerprint) {
  return {{"files", [&tree, fingerprint] { return secret_file_rows(tree, fingerprint); }},
          {"environments", [&tree, fingerprint] { return environment_rows(tree, fingerprint); }}};
}

}  // namespace reeve::host
