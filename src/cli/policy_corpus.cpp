// `reeve policy corpus`: every test of the folders or .tar.gz files, taken together, in the form of
// cedar-policy/cedar-integration-tests. In the product, so that whoever doubts an answer can see
// the engine they run pass the reference's own tests.

#include <zlib.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/file.hpp"
#include "base/text.hpp"
#include "cedar/corpus.hpp"
#include "cli/policy.hpp"

namespace reeve::cli {
namespace {

namespace fs = std::filesystem;
using Files = std::map<std::string, std::string, std::less<>>;

constexpr std::size_t file_bytes_max = 64u << 20;
constexpr std::size_t archive_bytes_max = 1u << 30;
constexpr std::size_t differences_shown = 20;

Result<std::string> gunzip(std::string const& path) {
  auto* const file = gzopen(path.c_str(), "rb");
  if (!file) return fail(Errc::not_found, "cannot open " + path);
  std::string out;
  std::vector<char> buffer(1 << 20);
  int size = 0;
  while (out.size() <= archive_bytes_max &&
         (size = gzread(file, buffer.data(), static_cast<unsigned>(buffer.size()))) > 0)
    out.append(buffer.data(), static_cast<std::size_t>(size));
  gzclose(file);
  if (size < 0) return fail(Errc::invalid, path + " is no gzip file");
  if (out.size() > archive_bytes_max) return fail(Errc::invalid, path + " is over 1 GiB");
  return out;
}

std::size_t octal(std::string_view field) {
  std::size_t value = 0;
  for (char const c : field)
    if (c >= '0' && c <= '7') value = value * 8 + static_cast<std::size_t>(c - '0');
  return value;
}

/// Regular files of a ustar archive.
Files untar(std::string_view tar) {
  constexpr std::size_t block = 512;
  Files out;
  while (tar.size() >= block && tar[0] != '\0') {
    auto const field = [&](std::size_t at, std::size_t size) {
      auto const text = tar.substr(at, size);
      return std::string(text.substr(0, std::min(text.find('\0'), size)));
    };
    auto const size = octal(field(124, 12));
    auto const prefix = field(345, 155);
    auto name = (prefix.empty() ? "" : prefix + "/") + field(0, 100);
    if (name.starts_with("./")) name.erase(0, 2);
    char const type = tar[156];
    auto const used = block + (size + block - 1) / block * block;
    if (type == '0' || type == '\0') out[name] = tar.substr(block, size);
    tar.remove_prefix(std::min(used, tar.size()));
  }
  return out;
}

Result<Files> read_folder(std::string const& path) {
  Files out;
  for (auto const& entry : fs::recursive_directory_iterator(path)) {
    if (!entry.is_regular_file()) continue;
    auto const name = fs::relative(entry.path(), path).string();
    out[name] = TRY(read_file(entry.path().string(), file_bytes_max));
  }
  return out;
}

/// A test names its files from the root of the archive, and the folder may be a part of it.
std::string const* find(Files const& files, std::string_view path) {
  for (;;) {
    if (auto const it = files.find(path); it != files.end()) return &it->second;
    auto const slash = path.find('/');
    if (slash == path.npos) return nullptr;
    path.remove_prefix(slash + 1);
  }
}

/// The corpus as it is published: three archives side by side that belong together.
std::vector<std::string> archives_of(std::string const& folder) {
  std::vector<std::string> out;
  for (auto const& entry : fs::directory_iterator(folder)) {
    auto const name = entry.path().filename().string();
    if (name.starts_with("corpus-tests") && name.ends_with(".tar.gz"))
      out.push_back(entry.path().string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

Result<> read(std::string const& path, Files& files) {
  if (!fs::is_directory(path)) {
    files.merge(untar(TRY(gunzip(path))));
    return {};
  }
  auto const archives = archives_of(path);
  for (auto const& archive : archives) TRY(read(archive, files));
  if (archives.empty()) files.merge(TRY(read_folder(path)));
  return {};
}

std::string stem(std::string const& name) {
  return name.substr(0, name.rfind('.'));
}

cedar::CorpusCounts run(Files const& files) {
  cedar::CorpusCounts counts;
  for (auto const& [name, text] : files) {
    bool const is_test =
        text.contains("\"requests\"") || files.contains(stem(name) + ".parsing.json");
    if (!name.ends_with(".json") || name.ends_with(".entities.json") ||
        name.ends_with(".validation.json") || name.ends_with(".parsing.json") || !is_test)
      continue;
    auto const folder = name.substr(0, name.rfind('/') + 1);
    counts.add(cedar::run_corpus_test(name, text, [&](std::string_view p) -> std::string const* {
      auto const beside = files.find(folder + std::string(p.substr(p.rfind('/') + 1)));
      auto const* found = find(files, p);
      return found || beside == files.end() ? found : &beside->second;
    }));
  }
  return counts;
}

}  // namespace

Result<Exit> policy_corpus(Context const& context, PolicyOptions const& options) {
  Files files;
  for (auto const& path : options.files) {
    std::error_code missing;
    if (!fs::exists(path, missing)) return fail(Errc::not_found, "there is no " + path);
    TRY(read(path, files));
  }
  auto const counts = run(files);
  auto const& differences = counts.differences;
  auto const good = counts.requests > 0 && differences.empty();
  if (context.format != Format::table) {
    Json::Array all;
    for (auto const& each : differences) all.emplace_back(each);
    Json json;
    json.add("tests", counts.tests).add("verdicts", counts.verdicts);
    json.add("schemas", counts.schemas).add("requests", counts.requests);
    TRY(print(to_json_pretty(json.add("differences", std::move(all))) + "\n"));
    return good ? Exit::done : Exit::findings;
  }
  std::string text;
  for (std::size_t i = 0; i < std::min(differences.size(), differences_shown); ++i)
    text += printable(differences[i]) + "\n";
  text += std::to_string(counts.tests) + " tests, " + std::to_string(counts.verdicts) +
          " verdicts, " + std::to_string(counts.schemas) + " JSON schemas\n";
  text += std::to_string(counts.requests) + " requests, " + std::to_string(differences.size()) +
          " differences\n";
  TRY(print(text));
  return good ? Exit::done : Exit::findings;
}

}  // namespace reeve::cli
