// One line of a text file that is taken out, put back, or changed: its state as a plan keeps it.
//
// A state holds the line itself (base64: a file may hold any bytes, the store text only), how often
// it and the line of the other state stand in the file, and where: its number and the hashes of its
// neighbours, so that it comes back to its place after others wrote to the file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace reeve::host {

struct LineState {
  std::optional<std::string> text;  ///< Empty: no line.
  std::int64_t own = 0, other = 0;  ///< How often this line, and that of the other state, stand.
  std::int64_t number = 0;          ///< From 0.
  std::string previous, next;       ///< SHA-256 of the neighbours; empty: none.
  std::string file;                 ///< SHA-256 of the whole file; empty: it does not matter.

  bool operator==(LineState const&) const = default;
};

std::string spell(LineState const& state);
/// Errors: conflict (not written by spell).
Result<LineState> parse_line_state(std::string_view text);

/// The states before and after line `number` of `text` becomes `to` (empty: goes), and the text.
struct LineChange {
  LineState before, after;
  std::string text;
};
LineChange change_line(std::string_view text, std::size_t number, std::optional<std::string> to);

/// Whether `text` is as `state`; `other` is the line of the other state.
bool stands(std::string_view text, LineState const& state, LineState const& other);

/// `text` taken from one state to the other. Errors: conflict, saying what is not as it was.
Result<std::string> move_line(std::string_view text, LineState const& from, LineState const& to);

}  // namespace reeve::host
