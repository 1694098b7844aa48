#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "connectors/host/client.hpp"

namespace reeve::host {

struct FakeFile {
  std::string bytes;  ///< Of a link: its target.
  FileStat stat{.kind = FileKind::file, .mode = 0644};
};

/// A tree in memory. Folders exist by what lies in them; `directory` adds an empty one.
struct FakeFiles {
  std::map<std::string, FakeFile, std::less<>> files;
  std::set<std::string, std::less<>> denied;  ///< These, and all below them, may not be read.
  std::optional<Error> down;                  ///< Answers everything.
  bool live = false;

  FakeFiles& file(std::string path, std::string bytes, std::uint32_t mode = 0644,
                  std::uint32_t uid = 0) {
    auto const size = bytes.size();
    files[std::move(path)] = {std::move(bytes),
                              {.kind = FileKind::file, .mode = mode, .uid = uid, .size = size}};
    return *this;
  }
  FakeFiles& link(std::string path, std::string target) {
    files[std::move(path)] = {std::move(target), {.kind = FileKind::link, .mode = 0777}};
    return *this;
  }
  FakeFiles& special(std::string path) {
    files[std::move(path)] = {"", {.kind = FileKind::special, .mode = 0666}};
    return *this;
  }
  FakeFiles& directory(std::string path, std::uint32_t mode = 0755) {
    files[std::move(path)] = {"", {.kind = FileKind::directory, .mode = mode}};
    return *this;
  }
};

/// Refuses and answers as the real one does; links work when they are the last component or lead
/// to a folder. The files outlive it.
class FakeTree final : public Tree {
 public:
  explicit FakeTree(FakeFiles const& files) : files_(files) {}

  Result<std::string> read(std::string_view path, std::size_t bytes_max) override {
    auto const* file = TRY(regular(path));
    if (file->bytes.size() > bytes_max)
      return fail(Errc::invalid,
                  std::string(path) + " is larger than " + std::to_string(bytes_max) + " bytes");
    return file->bytes;
  }
  Result<std::string> read_at(std::string_view path, std::uint64_t offset,
                              std::size_t size) override {
    auto const* file = TRY(regular(path));
    if (offset >= file->bytes.size()) return std::string();
    return file->bytes.substr(std::size_t(offset), size);
  }
  Result<std::vector<DirEntry>> list(std::string_view path, std::size_t entries_max) override {
    auto const at = TRY(resolve(path, /*follow_last=*/true));
    if (TRY(stat_at(at)).kind != FileKind::directory)
      return fail(Errc::invalid, std::string(path) + " is not a directory");
    TRY(may(at));
    auto const prefix = at == "/" ? at : at + "/";
    std::map<std::string, FileKind> found;
    for (auto it = files_.files.lower_bound(prefix); it != files_.files.end(); ++it) {
      if (!it->first.starts_with(prefix)) break;
      auto const rest = it->first.substr(prefix.size());
      auto const name = rest.substr(0, rest.find('/'));
      bool const whole = name.size() == rest.size();
      if (!name.empty()) found.emplace(name, whole ? it->second.stat.kind : FileKind::directory);
    }
    if (found.size() > entries_max)
      return fail(Errc::invalid, std::string(path) + " holds more than " +
                                     std::to_string(entries_max) + " entries");
    std::vector<DirEntry> out;
    for (auto const& [name, kind] : found) out.push_back({name, kind});
    return out;
  }
  Result<FileStat> stat(std::string_view path) override {
    return stat_at(TRY(resolve(path, /*follow_last=*/true)));
  }
  Result<FileStat> lstat(std::string_view path) override {
    return stat_at(TRY(resolve(path, /*follow_last=*/false)));
  }
  Result<std::string> read_link(std::string_view path) override {
    auto const at = TRY(resolve(path, /*follow_last=*/false));
    if (TRY(stat_at(at)).kind != FileKind::link) return fail(Errc::invalid, at + " is not a link");
    return files_.files.find(at)->second.bytes;
  }
  bool live() const override { return files_.live; }

 private:
  Result<FakeFile const*> regular(std::string_view path) {
    auto const at = TRY(resolve(path, /*follow_last=*/true));
    if (TRY(stat_at(at)).kind != FileKind::file)
      return fail(Errc::invalid, std::string(path) + " is not a regular file");
    TRY(may(at));
    return &files_.files.find(at)->second;
  }

  Result<> may(std::string const& at) const {
    for (auto const& no : files_.denied)
      if (at == no || at.starts_with(no + "/"))
        return fail(Errc::denied, "open " + at + ": Permission denied");
    return {};
  }

  /// As in a real one, the folder must be searchable, the file itself need not be readable.
  Result<FileStat> stat_at(std::string const& at) const {
    for (auto const& no : files_.denied)
      if (at.starts_with(no + "/")) return fail(Errc::denied, "stat " + at + ": Permission denied");
    if (auto const found = files_.files.find(at); found != files_.files.end())
      return found->second.stat;
    auto const prefix = at == "/" ? at : at + "/";
    auto const below = files_.files.lower_bound(prefix);
    if (at != "/" && (below == files_.files.end() || !below->first.starts_with(prefix)))
      return fail(Errc::not_found, "stat " + at + ": No such file or directory");
    return FileStat{.kind = FileKind::directory, .mode = 0755};
  }

  Result<std::string> resolve(std::string_view path, bool follow_last) const {
    if (files_.down) return std::unexpected(*files_.down);
    if (!path.starts_with('/') || path.contains('\0'))
      return fail(Errc::invalid, "not an absolute path");
    std::string ahead(path), at;
    for (int links = 0; !ahead.empty();) {
      auto const slash = ahead.find('/', 1);
      auto const part = ahead.substr(0, slash);
      ahead = slash == std::string::npos ? "" : ahead.substr(slash);
      if (part == "/" || part == "/.") continue;
      if (part == "/..") {
        at.resize(at.empty() ? 0 : at.rfind('/'));
        continue;
      }
      auto const found = files_.files.find(at + part);
      bool const link = found != files_.files.end() && found->second.stat.kind == FileKind::link;
      if (!link || (ahead.empty() && !follow_last)) {
        at += part;
        continue;
      }
      if (++links > 40)
        return fail(Errc::invalid, std::string(path) + ": too many links, perhaps a loop");
      if (found->second.bytes.starts_with('/')) at.clear();
      ahead = (found->second.bytes.starts_with('/') ? "" : "/") + found->second.bytes + ahead;
    }
    return at.empty() ? "/" : at;
  }

  FakeFiles const& files_;
};

}  // namespace reeve::host
