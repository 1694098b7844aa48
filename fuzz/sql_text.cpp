// The readers of SQL over any text: the tokens are the text, cut; numbering loses nothing but the
// names; and what passes as a query names no catalog of the server.

#include "sql/pq_text.hpp"

#include <string>

#include "check.hpp"
#include "sql/portable.hpp"
#include "sql/token.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace reeve;
  auto const text = fuzz::text(data, size);
  std::string again;
  for (auto const& token : sql::tokens(text)) {
    fuzz::must(!token.text.empty());
    again += token.text;
  }
  fuzz::must(again == text);

  auto const cut = sql::parse_pq_text(text);
  fuzz::must(cut.pieces.size() == cut.at.size() + 1);
  again = cut.pieces[0];
  for (std::size_t i = 0; i < cut.at.size(); ++i) again += cut.names[cut.at[i]] + cut.pieces[i + 1];
  fuzz::must(again == text);
  (void)cut.numbered(std::string(cut.names.size(), 'n'));

  (void)sql::unportable(text);
  if (!sql::refuse_unless_query(text)) return 0;
  for (auto const& token : sql::tokens(text))
    if (token.kind == sql::TokenKind::word) fuzz::must(!token.text.starts_with("pg_"));
  return 0;
}
