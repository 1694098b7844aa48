// A file of systemd's journal, and what gzip packs: any bytes end, and what is read is what could
// be.

#include "connectors/host/journal.hpp"

#include "check.hpp"
#include "connectors/host/gzip.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace reeve;
  auto const text = fuzz::text(data, size);
  auto const read = [&](std::uint64_t offset, std::size_t count) -> Result<std::string> {
    if (offset >= text.size()) return std::string();
    return std::string(std::string_view(text).substr(std::size_t(offset), count));
  };
  if (auto const found = host::read_journal(read))
    for (auto const& event : found->events) fuzz::must(!event.user.empty());
  if (auto const plain = host::unzip_tail(text, 1000)) fuzz::must(plain->size() <= 1000);
  return 0;
}
