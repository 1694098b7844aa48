// Pictures as inline SVG. Every one carries a title and a description for those who hear it, and
// its numbers as text, so colour is never the only carrier of a meaning.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "report/estate.hpp"

namespace reeve::report {

/// What a picture is called; `id` is unique in the page.
struct Caption {
  std::string_view id, title, text;
};

/// One row of a chart of bars: its parts stand behind one another.
struct Bar {
  struct Part {
    std::string_view css;  ///< Class that colours it: "critical".
    std::int64_t count = 0;
  };
  std::string label;
  std::vector<Part> parts;
};

/// Bars that lie, their label before them and their sum behind.
std::string bars(Caption const& caption, std::span<Bar const> rows);
/// Columns that stand, as a histogram; the last two (none, not reported) are set apart in grey.
std::string columns(Caption const& caption, std::span<Bucket const> buckets);
/// The 2×2 map of identities; a disc's area is their number.
std::string map(Caption const& caption, std::span<Quadrant const> quadrants);

}  // namespace reeve::report
