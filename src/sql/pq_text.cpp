// SQL with names made into what the wire wants, and what a query may not say.

#include "sql/pq_text.hpp"

#include <algorithm>
#include <cctype>
#include <span>

#include "sql/portable.hpp"
#include "sql/token.hpp"

namespace reeve::sql {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return char(std::tolower(c)); });
  return out;
}

std::size_t index_of(std::vector<std::string>& names, std::string_view name) {
  auto const at = std::ranges::find(names, name);
  auto const index = std::size_t(at - names.begin());
  if (at == names.end()) names.emplace_back(name);
  return index;
}

bool is_silent(std::span<Token const> all) {
  auto const is = [](std::string_view wanted) {
    return
        [wanted](Token const& t) { return t.kind == TokenKind::word && lower(t.text) == wanted; };
  };
  auto const first =
      std::ranges::find_if(all, [](Token const& t) { return t.kind != TokenKind::space; });
  if (first == all.end()) return false;
  bool const changes = is("insert")(*first) || is("update")(*first) || is("delete")(*first);
  return changes && std::ranges::none_of(all, is("returning"));
}

/// The name at `at` is that of a common table expression with its columns: "n (a, b) as (select".
bool names_columns(std::span<Token const> all, std::size_t at) {
  auto close = at;
  while (close < all.size() && all[close].text != ")") ++close;
  auto const is = [&](std::size_t offset, std::string_view wanted) {
    return close + offset < all.size() && lower(all[close + offset].text) == wanted;
  };
  return is(1, "as") && is(2, "(") && (is(3, "select") || is(3, "values") || is(3, "with"));
}

std::vector<Token> without_space(std::string_view sql) {
  auto out = tokens(sql);
  std::erase_if(out, [](Token const& t) { return t.kind == TokenKind::space; });
  return out;
}

}  // namespace

PqText parse_pq_text(std::string_view sql) {
  PqText out;
  out.pieces.emplace_back();
  auto const all = tokens(sql);
  for (auto const& token : all) {
    if (token.kind != TokenKind::parameter) {
      out.pieces.back() += token.text;
      continue;
    }
    out.at.push_back(index_of(out.names, token.text));
    out.pieces.emplace_back();
  }
  out.silent = is_silent(all);
  return out;
}

std::string PqText::numbered(std::string_view types) const {
  std::vector<std::string> shown(names.size());
  int number = 0;
  for (std::size_t i = 0; i < names.size(); ++i)
    shown[i] = types[i] == 'n' ? "null" : "$" + std::to_string(++number);
  std::string out = pieces[0];
  for (std::size_t i = 0; i < at.size(); ++i) out += shown[at[i]] + pieces[i + 1];
  return out;
}

Result<> refuse_unless_query(std::string_view sql) {
  auto const denied = [](std::string_view what) {
    return fail(Errc::denied, "only a query may run here: " + std::string(what));
  };
  auto const all = without_space(sql);
  if (all.empty()) return denied("there is none");
  auto const first = lower(all[0].text);
  if (first != "select" && first != "with" && first != "values" && first != "(")
    return denied(first + " is not the start of one");
  for (std::size_t i = 0; i < all.size(); ++i) {
    auto const& token = all[i];
    auto const follows = i + 1 < all.size() ? all[i + 1].text : "";
    auto const before = i > 0 ? lower(all[i - 1].text) : "";
    auto const name = lower(token.text);
    bool const touches = token.text.data() + token.text.size() == follows.data();
    if (token.text == "$") return denied("$ starts a string that hides what is in it");
    if (token.kind != TokenKind::word && token.kind != TokenKind::quoted) continue;
    if (touches && (follows[0] == '\'' || (follows[0] == '"' && token.kind == TokenKind::word)))
      return denied(name + " before a quote is a form that hides what is in it");
    if (name.contains("pg_")) return denied(name + " belongs to the server");
    if (follows == "(" && before != "as" && !known_function(name) && !names_columns(all, i))
      return denied("function " + name + " is not one of the portable ones");
  }
  return {};
}

}  // namespace reeve::sql
