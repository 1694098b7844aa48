#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace reeve::sql {

/// A statement with names, cut at them: the text is pieces[0] names[at[0]] pieces[1] … pieces[n].
struct PqText {
  std::vector<std::string> pieces;
  std::vector<std::size_t> at;
  std::vector<std::string> names;  ///< ":source", each once.
  /// It gives no rows: insert, update or delete without returning.
  bool silent = false;

  /// As libpq wants it. `types` holds a letter for each name: i bigint, t text, and n for a null,
  /// which becomes the word, for PostgreSQL cannot guess the type of a parameter in ":x is null".
  std::string numbered(std::string_view types) const;
};

PqText parse_pq_text(std::string_view sql);

/// The read-only transactions of PostgreSQL still let a statement end the transaction, end other
/// sessions or read files by function. So under Access::read a statement is a query, and names no
/// function but those of the portable subset, nor a catalog. Errors: denied, with what it met.
Result<> refuse_unless_query(std::string_view sql);

}  // namespace reeve::sql
