// What a person sees: tables, the first screen, progress, errors. Everything that came from a
// source passes `printable`, so no name can move a cursor or hide a line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"

namespace reeve::cli {

/// sarif and ocsf are for findings, junit for what `reeve policy` checks.
enum class Format : std::uint8_t { table, json, csv, sarif, ocsf, junit };

/// The columns of a list that a table shows; JSON and CSV have all of them.
struct View {
  std::string_view name;  ///< "identities".
  std::vector<std::string_view> columns;
};
/// Empty columns: all of the first row.
View const& view_of(std::string_view name);

/// `items` in the format; a table is as wide as `width` allows.
std::string print_list(Json::Array const& items, View const& view, Format format, int width);
/// One object as "name: value" lines, or as JSON.
std::string print_object(Json const& object, Format format);
/// The first screen: map, findings, what could not be seen, what to do next.
std::string print_overview(Json const& overview, int width);
/// `reeve identity explain`.
std::string print_explanation(Json const& explanation, int width);

/// Columns of the terminal; 100 when it is none.
int terminal_width();

}  // namespace reeve::cli
