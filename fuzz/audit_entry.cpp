// parse_entry over any bytes, and bundles of entries: what is accepted is written in the same way.

#include "audit/entry.hpp"
#include "audit/folder.hpp"
#include "check.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace reeve;
  auto const text = fuzz::text(data, size);
  if (auto const entry = audit::parse_entry(text)) fuzz::must(audit::to_json(*entry) == text);
  for (unsigned const count : {1u, 2u, audit::tile_width}) {
    auto const entries = audit::first_entries(text, count);
    if (!entries) continue;
    std::string again;
    for (auto const each : *entries) audit::append_entry(again, each);
    fuzz::must(text.starts_with(again));
  }
  return 0;
}
