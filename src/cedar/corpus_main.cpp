// cedar_corpus PATH...: runs every test of the folders or .tar.gz files, taken together. Prints how
// many requests and how many differences; exit 1 on any.

#include <zlib.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <map>
#include <string>

#include "base/file.hpp"
#include "cedar/corpus.hpp"

namespace reeve::cedar {
namespace {

using Files = std::map<std::string, std::string, std::less<>>;

constexpr std::size_t file_bytes_max = 64u << 20;

Result<std::string> gunzip(std::string const& path) {
  auto* const file = gzopen(path.c_str(), "rb");
  if (!file) return fail(Errc::not_found, "cannot open " + path);
  std::string out;
  std::vector<char> buffer(1 << 20);
  int size = 0;
  while ((size = gzread(file, buffer.data(), static_cast<unsigned>(buffer.size()))) > 0)
    out.append(buffer.data(), static_cast<std::size_t>(size));
  gzclose(file);
  if (size < 0) return fail(Errc::corrupt, path + " is no gzip file");
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
  namespace fs = std::filesystem;
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

Result<Files> read(std::string const& path) {
  if (std::filesystem::is_directory(path)) return read_folder(path);
  return untar(TRY(gunzip(path)));
}

std::string stem(std::string const& name) {
  return name.substr(0, name.rfind('.'));
}

CorpusCounts run(Files const& files) {
  CorpusCounts counts;
  for (auto const& [name, text] : files) {
    bool const is_test =
        text.contains("\"requests\"") || files.contains(stem(name) + ".parsing.json");
    if (!name.ends_with(".json") || name.ends_with(".entities.json") ||
        name.ends_with(".validation.json") || name.ends_with(".parsing.json") || !is_test)
      continue;
    auto const folder = name.substr(0, name.rfind('/') + 1);
    counts.add(run_corpus_test(name, text, [&](std::string_view p) -> std::string const* {
      auto const beside = files.find(folder + std::string(p.substr(p.rfind('/') + 1)));
      auto const* found = find(files, p);
      return found || beside == files.end() ? found : &beside->second;
    }));
  }
  return counts;
}

}  // namespace
}  // namespace reeve::cedar

int main(int argc, char** argv) {
  reeve::cedar::Files files;
  for (int i = 1; i < argc; ++i) {
    auto one = reeve::cedar::read(argv[i]);
    if (!one) return std::fprintf(stderr, "%s\n", one.error().to_string().c_str()), 2;
    files.merge(*one);
  }
  auto const counts = reeve::cedar::run(files);
  auto const shown = std::min<std::size_t>(counts.differences.size(), 20);
  for (std::size_t i = 0; i < shown; ++i) std::printf("%s\n", counts.differences[i].c_str());
  std::printf("%zu tests, %zu verdicts, %zu JSON schemas\n", counts.tests, counts.verdicts,
              counts.schemas);
  std::printf("%zu requests, %zu differences\n", counts.requests, counts.differences.size());
  return counts.requests > 0 && counts.differences.empty() ? 0 : 1;
}
