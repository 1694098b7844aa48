#include "cedar/lexer.hpp"

#include <array>
#include <limits>

namespace reeve::cedar {
namespace {

constexpr std::size_t errors_max = 100;

struct Sign {
  std::string_view text;
  Tok tok;
};
// Longer before shorter.
constexpr Sign signs[] = {
    {"::", Tok::double_colon},
    {"==", Tok::equal_equal},
    {"!=", Tok::not_equal},
    {"<=", Tok::less_equal},
    {">=", Tok::greater_equal},
    {"||", Tok::or_or},
    {"&&", Tok::and_and},
    {"@", Tok::at},
    {".", Tok::dot},
    {",", Tok::comma},
    {";", Tok::semicolon},
    {":", Tok::colon},
    {"(", Tok::left_paren},
    {")", Tok::right_paren},
    {"{", Tok::left_brace},
    {"}", Tok::right_brace},
    {"[", Tok::left_bracket},
    {"]", Tok::right_bracket},
    {"<", Tok::less},
    {">", Tok::greater},
    {"+", Tok::plus},
    {"-", Tok::minus},
    {"*", Tok::star},
    {"/", Tok::slash},
    {"%", Tok::percent},
    {"!", Tok::bang},
    {"=", Tok::equal},
    {"?", Tok::question},
};

bool starts_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Unicode White_Space, which the reference skips.
std::size_t blank(std::string_view rest) {
  char const c = rest[0];
  if (c == ' ' || (c >= '\t' && c <= '\r')) return 1;
  if (static_cast<std::uint8_t>(c) < 0x80) return 0;
  auto const [scalar, size] = first_scalar(rest);
  bool const yes = scalar == 0x85 || scalar == 0xA0 || scalar == 0x1680 ||
                   (scalar >= 0x2000 && scalar <= 0x200A) || scalar == 0x2028 || scalar == 0x2029 ||
                   scalar == 0x202F || scalar == 0x205F || scalar == 0x3000;
  return yes ? size : 0;
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Tokens run() {
    while (at_ < text_.size()) step();
    add(Tok::end, 0);
    return std::move(out_);
  }

 private:
  void step() {
    auto const rest = text_.substr(at_);
    if (auto const size = blank(rest); size > 0)
      at_ += size;
    else if (rest.starts_with("//"))
      comment(rest);
    else if (starts_word(rest[0]))
      add(Tok::identifier, word(rest));
    else if (is_digit(rest[0]))
      add(Tok::number, std::min(rest.find_first_not_of("0123456789"), rest.size()));
    else if (rest[0] == '"')
      string(rest);
    else if (rest[0] == '?' && rest.size() > 1 && starts_word(rest[1]))
      add(Tok::slot, 1 + word(rest.substr(1)));
    else
      sign(rest);
  }

  static std::size_t word(std::string_view rest) {
    std::size_t size = 0;
    while (size < rest.size() && (starts_word(rest[size]) || is_digit(rest[size]))) ++size;
    return size;
  }

  void comment(std::string_view rest) {
    auto const size = std::min(rest.find_first_of("\r\n"), rest.size());
    out_.comments.push_back({span(size)});
    at_ += size;
  }

  void string(std::string_view rest) {
    for (std::size_t i = 1; i < rest.size(); ++i) {
      if (rest[i] == '"') return add(Tok::string, i + 1);
      if (rest[i] == '\\') ++i;
    }
    error(rest.size(), "the string that starts here has no closing quote");
  }

  void sign(std::string_view rest) {
    for (auto const& s : signs)
      if (rest.starts_with(s.text)) return add(s.tok, s.text.size());
    auto const size = first_scalar(rest).second;
    error(size, "the character " + quoted(rest.substr(0, size)) + " has no meaning here");
  }

  Span span(std::size_t size) const {
    return {static_cast<std::uint32_t>(at_), static_cast<std::uint32_t>(at_ + size)};
  }
  void add(Tok tok, std::size_t size) {
    out_.tokens.push_back({tok, span(size)});
    at_ += size;
  }
  void error(std::size_t size, std::string message) {
    if (out_.errors.size() < errors_max)
      out_.errors.push_back({span(size), "syntax", std::move(message)});
    at_ += size;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Tokens out_;
};

}  // namespace

std::string_view name(Tok tok) {
  constexpr std::array<std::string_view, 33> names = {"the end of the text",
                                                      "a name",
                                                      "a number",
                                                      "a string",
                                                      "a slot",
                                                      "`@`",
                                                      "`.`",
                                                      "`,`",
                                                      "`;`",
                                                      "`:`",
                                                      "`::`",
                                                      "`(`",
                                                      "`)`",
                                                      "`{`",
                                                      "`}`",
                                                      "`[`",
                                                      "`]`",
                                                      "`==`",
                                                      "`!=`",
                                                      "`<`",
                                                      "`<=`",
                                                      "`>`",
                                                      "`>=`",
                                                      "`||`",
                                                      "`&&`",
                                                      "`+`",
                                                      "`-`",
                                                      "`*`",
                                                      "`/`",
                                                      "`%`",
                                                      "`!`",
                                                      "`=`",
                                                      "`?`"};
  return names[static_cast<std::size_t>(tok)];
}

Tokens tokenize(std::string_view text) {
  if (text.size() >= std::numeric_limits<std::uint32_t>::max())
    return {{{}}, {}, {{{}, "too_long", "the text is longer than 4 GB"}}};
  if (!is_utf8(text)) return {{{}}, {}, {{{}, "utf8", "the text is not UTF-8"}}};
  return Lexer(text).run();
}

}  // namespace reeve::cedar
