// Works on tokens, not on the tree: parentheses, escapes and the order of things stay as written,
// only blanks change. A comment belongs to a token: those on lines before it lead it, one behind it
// on its line trails it; whatever is printed for the token carries them along. The layout is that
// of the reference's formatter 4.12, whose output is the test.

#include "cedar/format.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "cedar/doc.hpp"
#include "cedar/lexer.hpp"
#include "cedar/parser.hpp"

namespace reeve::cedar {
namespace {

constexpr std::size_t width = 80;
constexpr int indent = 2;
using Id = Docs::Id;

struct Commented {
  Tok tok;
  std::string_view text;
  std::vector<std::string_view> leading;
  std::string_view trailing;
};

/// The comments in a stretch without tokens.
std::vector<std::string_view> comments_in(std::string_view text) {
  std::vector<std::string_view> out;
  for (auto at = text.find("//"); at != text.npos; at = text.find("//", at)) {
    auto const end = std::min(text.find_first_of("\r\n", at), text.size());
    out.push_back(trim(text.substr(at, end - at)));
    at = end;
  }
  return out;
}

struct Stream {
  std::vector<Commented> tokens;  ///< The last one is `end`; its leading comments end the file.
};

Stream attach(std::string_view text, Tokens const& tokens) {
  Stream out;
  std::string_view before = text.substr(0, tokens.tokens[0].span.begin);
  for (std::size_t i = 0; i < tokens.tokens.size(); ++i) {
    auto const [tok, span] = tokens.tokens[i];
    Commented one{tok, text.substr(span.begin, span.end - span.begin), comments_in(before), {}};
    auto const next = i + 1 < tokens.tokens.size() ? tokens.tokens[i + 1].span.begin : text.size();
    auto const behind = text.substr(span.end, next - span.end);
    auto const line = std::min(behind.find('\n'), behind.size());
    if (tok != Tok::end) one.trailing = trim(behind.substr(0, line));
    before = behind.substr(std::min(line + 1, behind.size()));
    out.tokens.push_back(std::move(one));
  }
  return out;
}

class Formatter {
 public:
  explicit Formatter(Stream stream) : tokens_(std::move(stream.tokens)) {}

  bool at_end() const { return tok() == Tok::end; }
  std::vector<std::string_view> const& leading_here() const { return tokens_[at_].leading; }

  std::string policy() {
    docs_ = Docs();
    return docs_.render(policy_doc(), width);
  }

 private:
  // ── tokens ──

  Tok tok(std::size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)].tok;
  }
  bool word(std::string_view w) const { return tok() == Tok::identifier && tokens_[at_].text == w; }

  Id lines(std::vector<std::string_view> const& comments) {
    if (comments.empty()) return docs_.nil();
    auto out = docs_.hardline();
    for (auto const& comment : comments)
      out = docs_.cat(out, docs_.text(comment), docs_.hardline());
    return out;
  }
  Id trail(std::string_view comment, Id otherwise) {
    if (comment.empty()) return otherwise;
    return docs_.cat(docs_.space(), docs_.text(comment), docs_.hardline());
  }
  /// Takes the leading comments off the next token.
  Id leading() {
    auto const out = lines(tokens_[at_].leading);
    tokens_[at_].leading.clear();
    return out;
  }
  /// The next token with its comments; `then` follows when no comment ends the line.
  Id take(Id then = 0) {
    auto& token = tokens_[at_];
    if (at_ + 1 < tokens_.size()) ++at_;
    return docs_.cat(lines(token.leading), docs_.text(token.text), trail(token.trailing, then));
  }
  /// Leaves a token out; its comments go to the next one.
  void drop() {
    auto& token = tokens_[at_];
    auto& next = tokens_[++at_].leading;
    if (!token.trailing.empty()) token.leading.push_back(token.trailing);
    next.insert(next.begin(), token.leading.begin(), token.leading.end());
  }

  // ── policies ──

  Id policy_doc() {
    auto notes = docs_.nil();
    while (tok() == Tok::at) notes = docs_.cat(notes, annotation());
    auto const before = leading();
    auto const effect = take();
    auto const head = docs_.group(docs_.cat(effect, docs_.line(), take()));
    auto const scope = this->scope();
    bool const conditions = tok(1) == Tok::identifier;
    auto const close = take(conditions ? docs_.hardline() : docs_.nil());
    auto body = docs_.nil();
    for (bool first = true; tok() == Tok::identifier; first = false)
      body = docs_.cat(body, first ? docs_.nil() : docs_.hardline(), condition());
    auto const end = take();
    return docs_.cat(notes, before, head, scope, close, body, end);
  }

  Id annotation() {
    auto const at = take();
    auto const key = take();
    if (tok() != Tok::left_paren) return docs_.cat(at, key, docs_.hardline());
    auto const open = take();
    auto const value = take();
    return docs_.cat(at, key, open, value, take(docs_.hardline()));
  }

  Id scope() {
    bool const plain = plain_scope();
    auto const between = [&] { return plain ? docs_.space() : docs_.hardline(); };
    auto out = variable();
    auto const first = take(between());
    auto const action = variable();
    auto const second = take(between());
    out = docs_.cat(out, first, action, second, variable());
    if (tok() == Tok::comma) drop();
    if (plain) return docs_.group(docs_.nest(indent, out));
    return docs_.cat(docs_.nest(indent, docs_.cat(docs_.hardline(), out)), docs_.hardline());
  }

  /// `principal, action, resource` and nothing else.
  bool plain_scope() const {
    return tok(1) == Tok::comma && tok(3) == Tok::comma &&
           (tok(5) == Tok::right_paren || tok(5) == Tok::comma);
  }

  Id variable() {
    auto& name = tokens_[at_++];
    auto const before = lines(name.leading);
    auto const text = docs_.text(name.text);
    auto const behind = trail(name.trailing, docs_.nil());
    auto is = docs_.nil();
    if (word("is")) {
      auto const sign = docs_.group(docs_.cat(docs_.line(), take()));
      is = docs_.group(docs_.nest(indent, docs_.cat(sign, docs_.line(), sum())));
    }
    if (tok() == Tok::comma || tok() == Tok::right_paren)
      return docs_.cat(before, text, behind, is);
    auto const left = docs_.group(docs_.cat(text, behind, is, docs_.line(), take()));
    auto const right = docs_.nest(indent, docs_.cat(docs_.line(), expression()));
    return docs_.cat(before, docs_.group(docs_.cat(left, right)));
  }

  Id condition() {
    auto const before = leading();
    auto& when = tokens_[at_++];
    auto const word = docs_.cat(docs_.text(when.text), trail(when.trailing, docs_.line()));
    auto const before_brace = leading();
    auto& brace = tokens_[at_++];
    auto const open = trail(brace.trailing, docs_.line());
    auto const before_body = leading();
    auto const body = docs_.group(expression());
    auto const inner = docs_.nest(indent, docs_.cat(open, before_body, body));
    auto const block = docs_.group(docs_.cat(docs_.text("{"), inner, docs_.line(), take()));
    return docs_.cat(before, docs_.group(docs_.cat(word, before_brace, block)));
  }

  // ── expressions ──

  Id expression() {
    if (!word("if")) return disjunction();
    auto const part = [&] {
      auto const sign = take();
      return docs_.cat(sign, docs_.nest(indent, docs_.cat(docs_.line(), expression())));
    };
    auto const test = part();
    auto const yes = part();
    auto const no = part();
    return docs_.group(docs_.cat(test, docs_.line(), yes, docs_.line(), no));
  }

  template <class Operand>
  Id chain(Tok sign, Operand operand) {
    auto out = operand();
    while (tok() == sign) {
      auto const op = take(docs_.line());
      out = docs_.cat(out, docs_.space(), op, operand());
    }
    return out;
  }
  Id disjunction() {
    return chain(Tok::or_or, [this] { return conjunction(); });
  }
  Id conjunction() {
    return chain(Tok::and_and, [this] { return relation(); });
  }

  bool at_comparison() const {
    switch (tok()) {
      case Tok::equal_equal:
      case Tok::not_equal:
      case Tok::less:
      case Tok::less_equal:
      case Tok::greater:
      case Tok::greater_equal: return true;
      default: return word("in");
    }
  }

  Id relation() {
    auto const left = sum();
    if (at_comparison()) {
      auto const op = take();
      return docs_.cat(left, docs_.space(), op, docs_.space(), sum());
    }
    if (word("has") || word("like")) {
      auto const op = take();
      return docs_.group(
          docs_.cat(left, docs_.line(), op, docs_.line(), docs_.nest(indent, sum())));
    }
    if (!word("is")) return left;
    auto const op = take();
    auto out = docs_.cat(left, docs_.space(), op, docs_.space(), docs_.nest(indent, sum()));
    if (word("in")) {
      auto const in = take();
      out = docs_.cat(out, docs_.line(), in, docs_.space(), docs_.nest(indent, sum()));
    }
    return docs_.group(out);
  }

  template <class Operand>
  Id operations(std::initializer_list<Tok> signs, Operand operand) {
    auto out = operand();
    while (std::find(signs.begin(), signs.end(), tok()) != signs.end()) {
      auto const op = take();
      out = docs_.cat(out, docs_.space(), op, docs_.line(), operand());
    }
    return docs_.group(out);
  }
  Id sum() {
    return operations({Tok::plus, Tok::minus}, [this] { return product(); });
  }
  Id product() {
    return operations({Tok::star}, [this] { return unary(); });
  }

  Id unary() {
    auto out = docs_.nil();
    while (tok() == Tok::bang || tok() == Tok::minus) out = docs_.cat(out, take());
    return docs_.cat(out, member());
  }

  Id member() {
    auto const first = primary();
    auto rest = docs_.nil();
    for (bool more = false;
         tok() == Tok::dot || tok() == Tok::left_paren || tok() == Tok::left_bracket; more = true)
      rest = docs_.cat(rest, more ? docs_.softline() : docs_.nil(), access());
    return docs_.group(docs_.cat(first, docs_.nest(indent, rest)));
  }

  Id access() {
    auto const kind = tok();
    auto const open = take();
    if (kind == Tok::dot) return docs_.cat(open, take());
    if (kind == Tok::left_bracket) {
      auto const inner = expression();
      return docs_.cat(open, inner, take());
    }
    if (tok() == Tok::right_paren) return docs_.cat(open, take());
    auto const items = list(Tok::right_paren, [this] { return expression(); });
    auto const inner =
        docs_.cat(docs_.nest(indent, docs_.cat(docs_.softline(), items)), docs_.softline());
    return docs_.cat(open, inner, take());
  }

  /// Items up to `close`, which is not taken.
  template <class Item>
  Id list(Tok close, Item item) {
    if (tok() == close) return docs_.nil();
    auto out = item();
    while (tok() == Tok::comma) {
      if (tok(1) == close) {
        drop();
        break;
      }
      auto const comma = take();
      out = docs_.cat(out, comma, docs_.line(), item());
    }
    return out;
  }

  Id primary() {
    if (tok() == Tok::left_paren) {
      auto const open = take();
      auto const inner = docs_.nest(1, expression());
      return docs_.group(docs_.cat(open, inner, take()));
    }
    if (tok() == Tok::left_bracket) {
      auto const open = take();
      auto const items = docs_.nest(1, list(Tok::right_bracket, [this] { return expression(); }));
      return docs_.cat(open, items, take());
    }
    if (tok() == Tok::left_brace) return record();
    auto out = take();
    while (tok() == Tok::double_colon) {
      auto const sign = take();
      out = docs_.cat(out, sign, take());
    }
    return out;
  }

  Id record() {
    auto const open = take();
    auto inner = docs_.nil();
    if (tok() != Tok::right_brace) {
      auto const items = list(Tok::right_brace, [this] {
        auto const key = expression();
        auto const colon = take();
        return docs_.cat(key, colon, docs_.space(), expression());
      });
      inner = docs_.nest(indent, docs_.group(docs_.cat(docs_.line(), items, docs_.line())));
    }
    return docs_.cat(open, inner, take());
  }

  std::vector<Commented> tokens_;
  std::size_t at_ = 0;
  Docs docs_;
};

/// Text between strings and comments, without its empty lines.
std::string without_empty(std::string_view text) {
  std::string out = text.starts_with('\n') ? "\n" : "";
  while (!text.empty()) {
    auto const line = text.substr(0, std::min(text.find('\n'), text.size() - 1) + 1);
    if (!trim(line).empty() || !line.ends_with('\n')) out += line;
    text.remove_prefix(line.size());
  }
  return out;
}

/// Empty lines go, but not those inside strings.
std::string tidy(std::string_view text) {
  auto const tokens = tokenize(text);
  std::vector<Span> kept;
  for (auto const& token : tokens.tokens)
    if (token.tok == Tok::string) kept.push_back(token.span);
  for (auto const& comment : tokens.comments) kept.push_back(comment.span);
  std::sort(kept.begin(), kept.end(), [](Span a, Span b) { return a.begin < b.begin; });
  std::string out;
  std::uint32_t at = 0;
  for (auto const& span : kept) {
    out += without_empty(text.substr(at, span.begin - at));
    out += text.substr(span.begin, span.end - span.begin);
    at = span.end;
  }
  out += without_empty(text.substr(at));
  return std::string(trim(out));
}

Result<> check_same(std::string_view before, std::string_view after) {
  auto const was = parse_policies_with_errors(before);
  auto const is = parse_policies_with_errors(after);
  bool same = is.errors.empty() && was.policies.size() == is.policies.size();
  for (std::size_t i = 0; same && i < was.policies.size(); ++i)
    same = was.policies[i].same_as(is.policies[i]);
  if (same) return {};
  return fail(Errc::internal, "formatting would change the policies");
}

}  // namespace

Result<std::string> format_policies(std::string_view text) {
  auto const parsed = parse_policies_with_errors(text);
  if (!parsed.errors.empty()) return std::unexpected(as_error(text, parsed.errors));
  Formatter formatter(attach(text, tokenize(text)));
  std::string out;
  while (!formatter.at_end()) out += (out.empty() ? "" : "\n\n") + tidy(formatter.policy());
  out += "\n";
  for (auto const comment : formatter.leading_here()) out.append(comment).append("\n");
  TRY(check_same(text, out));
  return out;
}

}  // namespace reeve::cedar
