// Any bytes as CSV, and as a list of people. Every record that is kept has as many fields as the
// header, and every person a native id.

#include "connectors/people/csv.hpp"

#include "check.hpp"
#include "connectors/people/feed.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace reeve;
  auto const bytes = fuzz::text(data, size);
  if (auto const csv = people::parse_csv(bytes))
    for (auto const& record : csv->records)
      fuzz::must(record.fields.size() == csv->header.size() && record.line > 1);
  if (auto read = people::read_csv_people(bytes, "people.csv", {}))
    for (auto const& one : people::settle(*std::move(read)).told)
      fuzz::must(!one.person.native_id.empty() && !one.person.name.empty());
  return 0;
}
