// Recursive descent over the tokens. After a syntax error `failed_` is set, every function returns
// at once, and the loop over policies goes on behind the next `;`. What is well-formed but wrong
// (an unknown function, a repeated key) is noted and reading continues.

#include "cedar/parser.hpp"

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <unordered_set>

#include "base/text.hpp"
#include "cedar/lexer.hpp"

namespace reeve::cedar {
namespace {

constexpr std::size_t errors_max = 100;
constexpr std::uint16_t tree_depth_max =
    1000;  // chains of `.a` and `+` nest without recursion here
constexpr std::uint64_t int_max = std::uint64_t{1} << 63;

std::string suggest(std::string_view word, std::vector<std::string_view> const& choices) {
  auto const near = closest(word, choices);
  return near.empty() ? "" : "; did you mean `" + std::string(near) + "`?";
}
std::string ticked(std::string_view word) {
  return "`" + std::string(word) + "`";
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text), tokens_(tokenize(text)) {
    errors_ = std::move(tokens_.errors);
    failed_ = !errors_.empty();
  }

  std::vector<Diagnostic>& errors() { return errors_; }
  bool at_end() const { return peek() == Tok::end; }

  std::vector<Policy> policies() {
    std::vector<Policy> out;
    failed_ = false;
    while (!at_end() && errors_.size() < errors_max) {
      auto policy = this->policy();
      policy.id = "policy" + std::to_string(out.size());
      out.push_back(std::move(policy));
      if (failed_) recover();
    }
    return out;
  }

  Policy policy() {
    Policy out;
    auto const begin = here().begin;
    annotations(out);
    effect(out);
    expect(Tok::left_paren);
    scope(out);
    expect(Tok::right_paren);
    while (!failed_ && peek() == Tok::identifier) out.conditions.push_back(condition());
    expect(Tok::semicolon);
    out.span = {begin, last_end()};
    return out;
  }

  Expr expression() {
    Nested const level(*this);
    if (failed_) return {};
    if (!peek_word("if")) return disjunction();
    auto const begin = here().begin;
    next();
    std::vector<Expr> args;
    args.push_back(expression());
    expect_word("then");
    args.push_back(expression());
    expect_word("else");
    args.push_back(expression());
    return node(Op::if_then_else, std::move(args), begin);
  }

  EntityUid entity_uid() {
    EntityUid uid{.type = entity_type()};
    expect(Tok::double_colon);
    uid.id = string();
    return uid;
  }

  void expect_end() {
    if (!failed_ && !at_end()) syntax("expected the end of the text, found " + found());
  }

 private:
  /// Counts how deep the parser stands on its own stack.
  struct Nested {
    explicit Nested(Parser& owner) : parser(owner) {
      if (++parser.depth_ > depth_max)
        parser.syntax("nested too deeply: at most 250 levels", "depth");
    }
    ~Nested() { --parser.depth_; }
    Nested(Nested const&) = delete;
    Nested& operator=(Nested const&) = delete;
    Parser& parser;
  };

  // ── tokens ──

  Tok peek(std::size_t ahead = 0) const {
    return tokens_.tokens[std::min(at_ + ahead, tokens_.tokens.size() - 1)].tok;
  }
  Span here() const { return tokens_.tokens[at_].span; }
  std::string_view text_of(Span span) const {
    return text_.substr(span.begin, span.end - span.begin);
  }
  std::string_view word() const { return text_of(here()); }
  bool peek_word(std::string_view w) const { return peek() == Tok::identifier && word() == w; }
  std::uint32_t last_end() const { return at_ == 0 ? 0 : tokens_.tokens[at_ - 1].span.end; }
  void next() {
    if (at_ + 1 < tokens_.tokens.size()) ++at_;
  }
  bool take(Tok tok) {
    if (failed_ || peek() != tok) return false;
    next();
    return true;
  }
  bool take_word(std::string_view w) {
    if (failed_ || !peek_word(w)) return false;
    next();
    return true;
  }
  std::string found() const {
    return at_end() ? std::string(name(Tok::end)) : ticked(word().substr(0, 40));
  }
  bool expect(Tok tok) {
    if (failed_) return false;
    if (take(tok)) return true;
    syntax("expected " + std::string(name(tok)) + ", found " + found());
    return false;
  }
  void expect_word(std::string_view w) {
    if (!failed_ && !take_word(w)) syntax("expected " + ticked(w) + ", found " + found());
  }

  void syntax(std::string message, std::string code = "syntax") {
    if (!failed_) errors_.push_back({here(), std::move(code), std::move(message)});
    failed_ = true;
  }
  void wrong(Span span, std::string code, std::string message) {
    if (!failed_ && errors_.size() < errors_max)
      errors_.push_back({span, std::move(code), std::move(message)});
  }
  void recover() {
    while (!at_end() && peek() != Tok::semicolon) next();
    next();
    failed_ = false;
  }

  // ── small parts ──

  Expr node(Op op, std::vector<Expr> args, std::uint32_t begin) {
    auto expr = make_expr(op, std::move(args), {begin, last_end()});
    if (expr.depth > tree_depth_max) syntax("this chain is too long: at most 1000 links", "depth");
    return expr;
  }
  template <class Data>
  Expr node_with(Op op, Data data, std::vector<Expr> args, std::uint32_t begin) {
    auto expr = node(op, std::move(args), begin);
    expr.data = std::move(data);
    return expr;
  }
  static std::vector<Expr> args_of(Expr first) {
    std::vector<Expr> args;
    args.push_back(std::move(first));
    return args;
  }
  static std::vector<Expr> args_of(Expr first, Expr second) {
    auto args = args_of(std::move(first));
    args.push_back(std::move(second));
    return args;
  }

  std::string string() {
    auto const span = here();
    if (!expect(Tok::string)) return {};
    auto text = unescape(text_.substr(span.begin + 1, span.end - span.begin - 2));
    if (text) return *std::move(text);
    wrong(span, "escape", std::string(text.error().message()));
    return {};
  }

  /// An identifier that is no reserved word.
  std::string identifier(std::string_view what) {
    auto const span = here();
    if (failed_ || !expect(Tok::identifier)) return {};
    auto const text = text_of(span);
    if (is_reserved(text))
      wrong(span, "reserved",
            ticked(text) + " is a reserved word and cannot be " + std::string(what));
    return std::string(text);
  }

  std::string entity_type() {
    auto out = identifier("part of a type's name");
    while (!failed_ && peek() == Tok::double_colon && peek(1) == Tok::identifier) {
      next();
      out += "::" + identifier("part of a type's name");
    }
    return out;
  }

  // ── policies ──

  void annotations(Policy& out) {
    std::unordered_set<std::string> keys;
    while (take(Tok::at)) {
      auto const span = here();
      if (!expect(Tok::identifier)) return;
      Annotation a{.key = std::string(text_of(span)), .value = {}};
      if (take(Tok::left_paren)) {
        a.value = string();
        expect(Tok::right_paren);
      }
      if (!keys.insert(a.key).second)
        wrong(span, "duplicate_annotation", "the annotation @" + a.key + " is given twice");
      out.annotations.push_back(std::move(a));
    }
  }

  void effect(Policy& out) {
    if (failed_) return;
    if (take_word("permit")) return;
    if (take_word("forbid")) {
      out.effect = Effect::forbid;
    } else {
      auto const hint = peek() == Tok::identifier ? suggest(word(), {"permit", "forbid"}) : "";
      syntax("expected `permit` or `forbid`, found " + found() + hint);
    }
  }

  void scope(Policy& out) {
    out.principal = entity_scope(Variable::principal);
    expect(Tok::comma);
    out.action = action_scope();
    expect(Tok::comma);
    out.resource = entity_scope(Variable::resource);
    take(Tok::comma);
  }

  void scope_variable(std::string_view variable) {
    if (failed_ || take_word(variable)) return;
    auto const hint = peek() == Tok::identifier ? suggest(word(), {variable}) : "";
    syntax("the scope is `principal, action, resource` in this order: expected " +
           ticked(variable) + ", found " + found() + hint);
  }

  EntityScope entity_scope(Variable variable) {
    using Kind = EntityScope::Kind;
    EntityScope out;
    auto const begin = here().begin;
    scope_variable(name(variable));
    if (take_word("is")) {
      out.type = entity_type();
      out.kind = take_word("in") ? Kind::is_in : Kind::is;
      if (out.kind == Kind::is && peek() == Tok::equal_equal)
        syntax("`is` cannot be combined with `==`; use `in`");
    } else if (take(Tok::equal_equal)) {
      out.kind = Kind::equal;
    } else if (take_word("in")) {
      out.kind = Kind::in;
    } else {
      no_other_operator("`==`, `in`, `is`");
    }
    if (out.needs_entity()) out.entity = reference(variable);
    out.span = {begin, last_end()};
    return out;
  }

  void no_other_operator(std::string_view choices) {
    if (failed_ || peek() == Tok::comma || peek() == Tok::right_paren) return;
    std::string const hint = peek() == Tok::equal ? "; did you mean `==`?" : "";
    syntax(found() + " cannot stand in the scope; one of: " + std::string(choices) + hint);
  }

  template <class Read>
  auto in_parentheses(Read read) {
    Nested const level(*this);
    auto out = read();
    expect(Tok::right_paren);
    return out;
  }

  /// An entity, or empty for the variable's own slot.
  std::optional<EntityUid> reference(Variable variable) {
    if (take(Tok::left_paren)) return in_parentheses([&] { return reference(variable); });
    if (failed_ || peek() != Tok::slot) {
      if (!failed_ && peek() == Tok::left_bracket)
        syntax("only the action can be compared with a list");
      return entity_uid();
    }
    if (word().substr(1) != name(variable))
      wrong(here(), "slot",
            "only ?" + std::string(name(variable)) + " can stand here, not " + found());
    next();
    return {};
  }

  EntityUid action_uid() {
    if (take(Tok::left_paren)) return in_parentheses([this] { return action_uid(); });
    auto const begin = here().begin;
    if (!failed_ && peek() == Tok::slot) syntax("an action cannot be a slot");
    auto uid = entity_uid();
    bool const action = uid.type == "Action" || uid.type.ends_with("::Action");
    if (!failed_ && !action)
      wrong({begin, last_end()}, "action_type",
            "the type of an action ends in `Action`; " + ticked(uid.type) + " does not");
    return uid;
  }

  ActionScope action_scope() {
    using Kind = ActionScope::Kind;
    ActionScope out;
    auto const begin = here().begin;
    scope_variable("action");
    if (take(Tok::equal_equal)) {
      out.kind = Kind::equal;
      out.entities.push_back(action_uid());
    } else if (take_word("in")) {
      out.kind = take(Tok::left_bracket) ? Kind::in_set : Kind::in;
      if (out.kind == Kind::in)
        out.entities.push_back(action_uid());
      else
        list(Tok::right_bracket, [&] { out.entities.push_back(action_uid()); });
    } else {
      no_other_operator("`==`, `in`");
    }
    out.span = {begin, last_end()};
    return out;
  }

  /// Items between commas up to `close`; a comma may stand before it.
  template <class Item>
  void list(Tok close, Item item) {
    while (!failed_ && !take(close)) {
      item();
      if (peek() != close) expect(Tok::comma);
    }
  }

  Condition condition() {
    Condition out;
    if (take_word("unless")) {
      out.unless = true;
    } else if (!take_word("when")) {
      syntax("expected `when`, `unless` or `;`, found " + found() +
             suggest(word(), {"when", "unless"}));
    }
    expect(Tok::left_brace);
    if (!failed_ && peek() == Tok::right_brace) syntax("the condition is empty");
    out.body = expression();
    expect(Tok::right_brace);
    return out;
  }

  // ── expressions ──

  Expr disjunction() {
    return chain(Op::or_, Tok::or_or, [this] { return conjunction(); });
  }
  Expr conjunction() {
    return chain(Op::and_, Tok::and_and, [this] { return relation(); });
  }

  template <class Operand>
  Expr chain(Op op, Tok tok, Operand operand) {
    auto const begin = here().begin;
    auto first = operand();
    if (failed_ || peek() != tok) return first;
    std::vector<Expr> args = args_of(std::move(first));
    while (take(tok)) args.push_back(operand());
    return node(op, std::move(args), begin);
  }

  static std::optional<Op> comparison(Tok tok) {
    switch (tok) {
      case Tok::equal_equal: return Op::equal;
      case Tok::not_equal: return Op::not_equal;
      case Tok::less: return Op::less;
      case Tok::less_equal: return Op::less_equal;
      case Tok::greater: return Op::greater;
      case Tok::greater_equal: return Op::greater_equal;
      default: return {};  // tokens are many; only these compare
    }
  }

  bool at_relation() const {
    return comparison(peek()) || peek() == Tok::equal || peek_word("in") || peek_word("has") ||
           peek_word("like") || peek_word("is");
  }

  Expr relation() {
    auto const begin = here().begin;
    auto left = sum();
    if (failed_ || !at_relation()) return left;
    auto out = relation_after(std::move(left), begin);
    if (!failed_ && at_relation())
      syntax("relations cannot be chained; put one of them in parentheses");
    return out;
  }

  Expr relation_after(Expr left, std::uint32_t begin) {
    if (auto const op = comparison(peek())) {
      next();
      return node(*op, args_of(std::move(left), sum()), begin);
    }
    if (peek() == Tok::equal) syntax("`=` is not an operator; did you mean `==`?");
    if (take_word("in")) return node(Op::in, args_of(std::move(left), sum()), begin);
    if (take_word("has")) return has(std::move(left), begin);
    if (take_word("like")) return like(std::move(left), begin);
    expect_word("is");
    auto type = entity_type();
    if (!take_word("in"))
      return node_with(Op::is, std::move(type), args_of(std::move(left)), begin);
    auto args = args_of(std::move(left), sum());
    return node_with(Op::is_in, std::move(type), std::move(args), begin);
  }

  Expr has(Expr left, std::uint32_t begin) {
    Names path;
    if (!failed_ && peek() == Tok::string) {
      path.push_back(string());
    } else {
      do path.push_back(identifier("an attribute; write it in quotes"));
      while (take(Tok::dot));
    }
    if (path.size() > depth_max) syntax("this path is too long", "depth");
    return node_with(Op::has, std::move(path), args_of(std::move(left)), begin);
  }

  Expr like(Expr left, std::uint32_t begin) {
    auto const span = here();
    if (!failed_ && peek() != Tok::string)
      syntax("`like` takes a pattern in quotes, found " + found());
    if (!expect(Tok::string)) return left;
    auto pattern = unescape_pattern(text_.substr(span.begin + 1, span.end - span.begin - 2));
    if (!pattern) wrong(span, "escape", std::string(pattern.error().message()));
    return node_with(Op::like, pattern ? *std::move(pattern) : Pattern{}, args_of(std::move(left)),
                     begin);
  }

  Expr sum() {
    auto const begin = here().begin;
    auto out = product();
    while (!failed_ && (peek() == Tok::plus || peek() == Tok::minus)) {
      auto const op = peek() == Tok::plus ? Op::add : Op::subtract;
      next();
      out = node(op, args_of(std::move(out), product()), begin);
    }
    return out;
  }

  Expr product() {
    auto const begin = here().begin;
    auto out = unary();
    while (take(Tok::star)) out = node(Op::multiply, args_of(std::move(out), unary()), begin);
    if (!failed_ && (peek() == Tok::slash || peek() == Tok::percent))
      syntax("the language has no " + found() + ": only `+`, `-` and `*`");
    return out;
  }

  Expr unary() {
    auto const begin = here().begin;
    auto const sign = peek();
    if (failed_ || (sign != Tok::bang && sign != Tok::minus)) return member();
    std::size_t count = 0;
    while (take(sign)) ++count;
    if (count > 4) syntax("at most four `!` or four `-` in a row");
    bool const literal = sign == Tok::minus && peek() == Tok::number && !continues(peek(1));
    auto out = literal ? number(/*negative=*/true) : member();
    for (auto left = literal ? count - 1 : count; left > 0; --left)
      out = node(sign == Tok::bang ? Op::not_ : Op::negate, args_of(std::move(out)), begin);
    return out;
  }
  static bool continues(Tok tok) {
    return tok == Tok::dot || tok == Tok::left_paren || tok == Tok::left_bracket;
  }

  Expr number(bool negative) {
    auto const span = here();
    auto const digits = word();
    std::uint64_t size = 0;
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size);
    next();
    if (error != std::errc() || size > (negative ? int_max : int_max - 1))
      wrong(span, "number",
            "the number " + std::string(digits.substr(0, 30)) + " does not fit in 64 bits");
    auto const value = static_cast<std::int64_t>(negative ? 0 - size : size);
    return make_literal(value, span);
  }

  Expr member() {
    auto const begin = here().begin;
    auto out = primary();
    while (!failed_) {
      if (take(Tok::dot)) {
        out = attribute_or_call(std::move(out), begin);
      } else if (take(Tok::left_bracket)) {
        if (peek() != Tok::string) syntax("only an attribute's name in quotes can stand in `[ ]`");
        auto attribute = string();
        expect(Tok::right_bracket);
        out = node_with(Op::get, std::move(attribute), args_of(std::move(out)), begin);
      } else {
        if (peek() == Tok::left_paren) syntax("only functions and methods can be called");
        break;
      }
    }
    return out;
  }

  Expr attribute_or_call(Expr receiver, std::uint32_t begin) {
    auto const span = here();
    auto attribute = identifier("an attribute; write it as [\"…\"]");
    if (!take(Tok::left_paren))
      return node_with(Op::get, std::move(attribute), args_of(std::move(receiver)), begin);
    auto args = arguments(args_of(std::move(receiver)));
    if (auto const* method = find_method(attribute)) {
      if (args.size() != method->arity + 1)
        wrong(span, "arity",
              ticked(attribute) + " takes " + std::to_string(method->arity) + " arguments, not " +
                  std::to_string(args.size() - 1));
      return node(method->op, std::move(args), begin);
    }
    auto const* function = find_function(attribute);
    if (!function)
      wrong(span, "unknown_method",
            "there is no method " + ticked(attribute) + suggest(attribute, function_names(true)));
    else if (!describe(*function).method)
      wrong(span, "function_style",
            ticked(attribute) + " is a function: write " + attribute + "(…)");
    return node_with(Op::call, function ? *function : Function::ip, std::move(args), begin);
  }

  std::vector<Expr> arguments(std::vector<Expr> args) {
    list(Tok::right_paren, [&] { args.push_back(expression()); });
    return args;
  }

  Expr primary() {
    auto const span = here();
    switch (failed_ ? Tok::end : peek()) {
      case Tok::number: return number(/*negative=*/false);
      case Tok::string: return make_literal(string(), span);
      case Tok::identifier: return named();
      case Tok::left_paren: return parenthesized();
      case Tok::left_bracket: return set();
      case Tok::left_brace: return record();
      case Tok::slot:
        wrong(span, "slot", "the slot " + found() + " can stand in the scope alone");
        next();
        return make_expr_with(Op::slot, Variable::principal, {}, span);
      default: syntax("expected an expression, found " + found()); return {};
    }
  }

  Expr parenthesized() {
    next();
    auto out = expression();
    expect(Tok::right_paren);
    return out;
  }

  Expr set() {
    auto const begin = here().begin;
    next();
    std::vector<Expr> items;
    list(Tok::right_bracket, [&] { items.push_back(expression()); });
    return node(Op::set, std::move(items), begin);
  }

  Expr record() {
    auto const begin = here().begin;
    next();
    Names keys;
    std::vector<Expr> values;
    std::unordered_set<std::string> seen;
    list(Tok::right_brace, [&] {
      auto const span = here();
      keys.push_back(peek() == Tok::string ? string() : identifier("a key; write it in quotes"));
      expect(Tok::colon);
      values.push_back(expression());
      if (!seen.insert(keys.back()).second)
        wrong(span, "duplicate_key", "the key " + quoted(keys.back()) + " is given twice");
    });
    return node_with(Op::record, std::move(keys), std::move(values), begin);
  }
  /// What starts with a name: a literal, a variable, an entity, a call.
  Expr named() {
    auto const span = here();
    auto const text = word();
    if (peek(1) == Tok::double_colon) return qualified();
    if (take_word("true")) return make_literal(true, span);
    if (take_word("false")) return make_literal(false, span);
    for (auto const v :
         {Variable::principal, Variable::action, Variable::resource, Variable::context})
      if (take_word(name(v))) return make_variable(v, span);
    if (peek(1) == Tok::left_paren) return call();
    if (text == "if") syntax("`if` must stand in parentheses here");
    identifier("a value");
    auto const hint =
        suggest(text, {"principal", "action", "resource", "context", "true", "false"});
    if (!is_reserved(text))
      wrong(span, "unknown_variable", "there is no variable " + ticked(text) + hint);
    return make_literal(false, span);
  }

  Expr qualified() {
    auto const begin = here().begin;
    auto uid = EntityUid{.type = entity_type()};
    if (!failed_ && peek() == Tok::left_paren)
      syntax("there is no function " + ticked(uid.type), "unknown_function");
    expect(Tok::double_colon);
    if (!failed_ && peek() == Tok::left_brace) syntax("an entity is written Type::\"id\"");
    uid.id = string();
    return make_literal(std::move(uid), {begin, last_end()});
  }

  Expr call() {
    auto const span = here();
    auto const text = identifier("a function");
    expect(Tok::left_paren);
    auto args = arguments({});
    auto const* function = find_function(text);
    if (find_method(text) || (function && describe(*function).method))
      wrong(span, "method_style", ticked(text) + " is a method: write …." + text + "(…)");
    else if (!function)
      wrong(span, "unknown_function",
            "there is no function " + ticked(text) + suggest(text, function_names(false)));
    return node_with(Op::call, function ? *function : Function::ip, std::move(args), span.begin);
  }

  std::string_view text_;
  Tokens tokens_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  bool failed_ = false;
  std::vector<Diagnostic> errors_;
};

bool too_long(std::string_view text, std::vector<Diagnostic>& errors) {
  if (text.size() <= policy_bytes_max) return false;
  errors.push_back({{}, "too_long", "the text is longer than 64 MiB"});
  return true;
}

/// One thing and then the end.
template <class T, class Read>
Result<T> parse_whole(std::string_view text, Read read) {
  std::vector<Diagnostic> errors;
  if (too_long(text, errors)) return std::unexpected(as_error({}, errors));
  Parser parser(text);
  T out = read(parser);
  parser.expect_end();
  if (!parser.errors().empty()) return std::unexpected(as_error(text, parser.errors()));
  return out;
}

}  // namespace

ParsedPolicies parse_policies_with_errors(std::string_view text) {
  ParsedPolicies out;
  if (too_long(text, out.errors)) return out;
  Parser parser(text);
  out.policies = parser.policies();
  out.errors = std::move(parser.errors());
  return out;
}

Result<PolicySet> parse_policies(std::string_view text) {
  auto parsed = parse_policies_with_errors(text);
  if (!parsed.errors.empty()) return std::unexpected(as_error(text, parsed.errors));
  PolicySet set;
  for (auto& policy : parsed.policies) TRY(set.add(std::move(policy)));
  return set;
}

Result<Policy> parse_policy(std::string_view text, std::string id) {
  auto policy = TRY(parse_whole<Policy>(text, [](Parser& p) { return p.policy(); }));
  policy.id = std::move(id);
  return policy;
}

Result<Expr> parse_expression(std::string_view text) {
  return parse_whole<Expr>(text, [](Parser& p) { return p.expression(); });
}

Result<EntityUid> parse_entity_uid(std::string_view text) {
  return parse_whole<EntityUid>(text, [](Parser& p) { return p.entity_uid(); });
}

}  // namespace reeve::cedar
