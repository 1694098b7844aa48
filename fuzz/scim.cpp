// Any bytes as SCIM users. No two persons share a native id, and a manager is one of them.

#include <algorithm>

#include "check.hpp"
#include "connectors/people/feed.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace reeve;
  auto read = people::read_scim_people(fuzz::text(data, size), "users.json");
  if (!read) return 0;
  auto const reading = people::settle(*std::move(read));
  auto const count = [&](std::string const& id) {
    return std::ranges::count(reading.told, id,
                              [](auto const& one) { return one.person.native_id; });
  };
  if (reading.told.size() > 500) return 0;
  for (auto const& one : reading.told) {
    fuzz::must(count(one.person.native_id) == 1);
    if (auto const* manager = std::get_if<std::string>(&one.person.manager))
      fuzz::must(count(*manager) == 1);
  }
  return 0;
}
