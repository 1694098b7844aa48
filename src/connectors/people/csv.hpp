#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace reeve::people {

struct CsvLimits {
  std::size_t bytes_max = 256u << 20;
  std::size_t field_bytes_max = 64u << 10;
  std::size_t fields_max = 512;  ///< Of one record.
};

struct Csv {
  struct Record {
    std::vector<std::string> fields;  ///< As many as the header has.
    std::size_t line = 0;             ///< Where it begins, from 1.
  };
  std::vector<std::string> header;
  std::vector<Record> records;
  std::vector<std::string> refused;  ///< "line 12: 3 fields, the header has 4".
};

/// RFC 4180, strictly, with what spreadsheets add: a BOM, line ends of one byte, and semicolons or
/// tabs in place of commas when the header has no comma. A record that breaks the format in
/// itself is refused and the rest is read. Errors: invalid, with the line: a quote that is never
/// closed, a NUL byte, beyond the limits, no header.
Result<Csv> parse_csv(std::string_view text, CsvLimits const& limits = {});

}  // namespace reeve::people
