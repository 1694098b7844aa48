// Stands in for libFuzzer where there is none: runs a fuzz target over every file of the folders
// named, and over no bytes at all. A folder without files fails, or a corpus that was moved away
// would be a test that cannot fail.

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

// The name and the types are libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size);

namespace {

bool replay(std::filesystem::path const& file) {
  std::ifstream in(file, std::ios::binary);
  std::vector<char> const bytes{std::istreambuf_iterator<char>(in), {}};
  if (in.bad() || !in.is_open()) return false;
  // An allocation of the exact size, so that ASan sees a read past the end.
  std::vector<std::uint8_t> const input(bytes.begin(), bytes.end());
  std::printf("%s\n", file.c_str());  // the last line names the input that killed us
  std::fflush(stdout);
  LLVMFuzzerTestOneInput(input.data(), input.size());
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  LLVMFuzzerTestOneInput(nullptr, 0);
  int count = 0;
  for (int at = 1; at < argc; ++at) {
    std::error_code error;
    for (auto const& entry : std::filesystem::directory_iterator(argv[at], error)) {
      if (!replay(entry.path())) {
        std::fprintf(stderr, "cannot read %s\n", entry.path().c_str());
        return 1;
      }
      ++count;
    }
  }
  std::printf("%d inputs\n", count);
  return count > 0 ? 0 : 1;
}
