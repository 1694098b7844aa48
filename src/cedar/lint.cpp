#include "cedar/lint.hpp"

#include <algorithm>
#include <cstdio>
#include <iterator>

namespace reeve::cedar {
namespace {

enum class Script : std::uint8_t {
  common,  // digits, signs, and scripts not told apart here
  latin,
  greek,
  cyrillic,
  armenian,
  hebrew,
  arabic,
  devanagari,
  thai,
  georgian,
  hangul,
  kana,
  han,
};
constexpr std::string_view script_names[] = {
    "other",      "Latin", "Greek",    "Cyrillic", "Armenian", "Hebrew", "Arabic",
    "Devanagari", "Thai",  "Georgian", "Hangul",   "Kana",     "Han"};

struct Range {
  char32_t first, last;
  Script script;
};
// Blocks of the Unicode standard that hold the letters of a script; sorted.
constexpr Range ranges[] = {
    {0x41, 0x5A, Script::latin},        {0x61, 0x7A, Script::latin},
    {0xC0, 0x24F, Script::latin},       {0x250, 0x2AF, Script::latin},
    {0x370, 0x3FF, Script::greek},      {0x400, 0x52F, Script::cyrillic},
    {0x531, 0x58F, Script::armenian},   {0x591, 0x5F4, Script::hebrew},
    {0x600, 0x6FF, Script::arabic},     {0x750, 0x77F, Script::arabic},
    {0x900, 0x97F, Script::devanagari}, {0xE01, 0xE5B, Script::thai},
    {0x10A0, 0x10FF, Script::georgian}, {0x1100, 0x11FF, Script::hangul},
    {0x1C80, 0x1C8F, Script::cyrillic}, {0x1E00, 0x1EFF, Script::latin},
    {0x1F00, 0x1FFF, Script::greek},    {0x2DE0, 0x2DFF, Script::cyrillic},
    {0x3041, 0x30FF, Script::kana},     {0x3131, 0x318E, Script::hangul},
    {0x31F0, 0x31FF, Script::kana},     {0x3400, 0x4DBF, Script::han},
    {0x4E00, 0x9FFF, Script::han},      {0xA640, 0xA69F, Script::cyrillic},
    {0xAC00, 0xD7A3, Script::hangul},   {0xF900, 0xFAFF, Script::han},
    {0xFF21, 0xFF3A, Script::latin},    {0xFF41, 0xFF5A, Script::latin},
    {0x20000, 0x2FA1F, Script::han},
};
Script script_of(char32_t c) {
  auto const* it =
      std::lower_bound(std::begin(ranges), std::end(ranges), c,
                       [](Range const& r, char32_t wanted) { return r.last < wanted; });
  return it != std::end(ranges) && it->first <= c ? it->script : Script::common;
}

/// Greek and Cyrillic letters that most fonts draw as a Latin one; sorted.
constexpr char32_t look_alikes[] = {
    0x391, 0x392, 0x395, 0x396, 0x397, 0x399, 0x39A, 0x39C, 0x39D, 0x39F, 0x3A1, 0x3A4,
    0x3A5, 0x3A7, 0x3BF, 0x3F2, 0x3F3, 0x405, 0x406, 0x408, 0x410, 0x412, 0x415, 0x41A,
    0x41C, 0x41D, 0x41E, 0x420, 0x421, 0x422, 0x423, 0x425, 0x430, 0x435, 0x43E, 0x440,
    0x441, 0x443, 0x445, 0x455, 0x456, 0x458, 0x4BB, 0x501, 0x51B, 0x51D};
bool looks_latin(char32_t c) {
  return std::binary_search(std::begin(look_alikes), std::end(look_alikes), c);
}

/// Turns around what stands behind it, or ends that.
bool is_bidi(char32_t c) {
  return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0x200E ||
         c == 0x200F || c == 0x61C;
}
bool is_invisible(char32_t c) {
  return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || (c >= 0x7F && c < 0xA0) ||
         c == 0xAD || (c >= 0x200B && c <= 0x200D) || (c >= 0x2060 && c <= 0x2064) || c == 0xFEFF ||
         c == 0x3164 || c == 0xFFA0 || (c >= 0xE0000 && c <= 0xE007F);
}

/// Writing systems that mix scripts by nature (TR 39, "highly restrictive").
bool may_mix(unsigned scripts) {
  auto const bit = [](Script s) { return 1u << unsigned(s); };
  auto const japanese = bit(Script::latin) | bit(Script::han) | bit(Script::kana);
  auto const korean = bit(Script::latin) | bit(Script::han) | bit(Script::hangul);
  return (scripts & (scripts - 1)) == 0 || (scripts & ~japanese) == 0 || (scripts & ~korean) == 0;
}

std::string listed(unsigned scripts) {
  std::string out;
  for (unsigned i = 1; i < std::size(script_names); ++i)
    if ((scripts & (1u << i)) != 0)
      out += (out.empty() ? "" : " and ") + std::string(script_names[i]);
  return out;
}

std::string code_point(char32_t c) {
  char text[16];
  std::snprintf(text, sizeof text, "U+%04X", static_cast<unsigned>(c));
  return text;
}

class Lint {
 public:
  std::vector<Finding> findings;

  void policy(Policy const& p) {
    begin(p.id, p.span);
    for (auto const& annotation : p.annotations)
      if (annotation.value) text(*annotation.value, p.span);
    if (p.principal.entity) text(p.principal.entity->id, p.principal.span);
    for (auto const& uid : p.action.entities) text(uid.id, p.action.span);
    if (p.resource.entity) text(p.resource.entity->id, p.resource.span);
    for (auto const& condition : p.conditions) expr(condition.body);
  }
  void link(Link const& link) {
    begin(link.id, {});
    if (link.principal) text(link.principal->id, {});
    if (link.resource) text(link.resource->id, {});
  }

 private:
  void begin(std::string const& id, Span span) {
    id_ = id;
    first_ = findings.size();
    text(id, span);
  }
  void add(std::string const& code, std::string message, Span span) {
    for (auto i = first_; i < findings.size(); ++i)
      if (findings[i].code == code) return;
    findings.push_back({Severity::warning, id_, code, std::move(message), span});
  }

  void expr(Expr const& e) {
    if (auto const* value = std::get_if<Value>(&e.data)) {
      if (value->text()) text(*value->text(), e.span);
      if (value->entity()) text(value->entity()->id, e.span);
    } else if (auto const* one = std::get_if<std::string>(&e.data)) {
      text(*one, e.span);
    } else if (auto const* names = std::get_if<Names>(&e.data)) {
      for (auto const& each : *names) text(each, e.span);
    } else if (auto const* pattern = std::get_if<Pattern>(&e.data)) {
      for (auto const& piece : pattern->pieces) text(piece, e.span);
    }
    for (auto const& arg : e.args) expr(arg);
  }

  /// Word by word: two scripts side by side in a sentence are nothing unusual.
  void text(std::string_view all, Span span) {
    unsigned scripts = 0;
    std::size_t letters = 0, alike = 0;
    auto const end_word = [&] {
      if (!may_mix(scripts))
        add("mixed_script", "a word of " + quoted(all) + " mixes " + listed(scripts), span);
      else if (letters > 0 && alike == letters)
        add("confusable",
            "a word of " + quoted(all) + " is " + listed(scripts) + " and looks like Latin", span);
      scripts = 0, letters = 0, alike = 0;
    };
    for (auto rest = all; !rest.empty();) {
      auto const [c, size] = first_scalar(rest);
      rest.remove_prefix(size);
      if (is_bidi(c))
        add("bidi", quoted(all) + " holds " + code_point(c) + ", which changes the order of text",
            span);
      else if (is_invisible(c))
        add("invisible", quoted(all) + " holds " + code_point(c) + ", which is not seen", span);
      auto const script = script_of(c);
      if (script != Script::common) {
        scripts |= 1u << unsigned(script);
        ++letters;
        alike += looks_latin(c) ? 1u : 0u;
      } else if (c < 0x80 && !(c >= '0' && c <= '9') && c != '_') {
        end_word();
      }
    }
    end_word();
  }

  std::string id_;
  std::size_t first_ = 0;
};

}  // namespace

std::vector<Finding> lint(PolicySet const& policies) {
  Lint out;
  for (auto const& policy : policies.policies()) out.policy(*policy);
  for (auto const& link : policies.links()) out.link(link);
  return std::move(out.findings);
}

std::vector<Finding> lint_source(std::string_view text) {
  std::vector<Finding> out;
  for (std::size_t at = 0; at < text.size();) {
    auto const [c, size] = first_scalar(text.substr(at));
    auto const begin = static_cast<std::uint32_t>(at);
    at += size;
    if (!is_bidi(c)) continue;
    out.push_back({Severity::warning,
                   "",
                   "bidi",
                   code_point(c) + " changes the order of what is shown here",
                   {begin, static_cast<std::uint32_t>(at)}});
  }
  return out;
}

}  // namespace reeve::cedar
