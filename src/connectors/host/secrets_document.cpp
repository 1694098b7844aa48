// The JSON parser tells no lines: a second, much simpler reading of the text that is already known
// to be well-formed gives each value the line it begins on.

#include "connectors/host/secrets_document.hpp"

#include <variant>

#include "base/json.hpp"

namespace reeve::host {
namespace {

constexpr std::size_t bytes_max = 4u << 20;

/// Walks over the values and keys of well-formed JSON (or JSONC) in the order of the text.
class Values {
 public:
  explicit Values(std::string_view text) : text_(text) {}

  /// Goes behind the next value or key, or into the next object or array; its line.
  int next() {
    skip_filling();
    auto const line = line_;
    if (at_ >= text_.size()) return line;
    if (text_[at_] == '"') {
      skip_string();
    } else if (text_[at_] == '{' || text_[at_] == '[') {
      ++at_;
    } else {
      while (at_ < text_.size() && !filling(text_[at_]) && text_[at_] != '/') ++at_;
    }
    return line;
  }

 private:
  static bool filling(char c) { return std::string_view(" \t\r\n,:}]").contains(c); }

  void skip_filling() {
    if (at_ == 0 && text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
    while (at_ < text_.size()) {
      if (text_.substr(at_).starts_with("//"))
        skip_to(text_.find('\n', at_));
      else if (text_.substr(at_).starts_with("/*"))
        skip_to(text_.find("*/", at_ + 2) + 2);
      else if (filling(text_[at_]))
        skip_to(at_ + 1);
      else
        return;
    }
  }

  void skip_to(std::size_t end) {
    for (end = std::min(end, text_.size()); at_ < end; ++at_) line_ += text_[at_] == '\n';
  }

  void skip_string() {
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) at_ += text_[at_] == '\\';
    ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
};

Yaml node(Json const& json, Values& values) {
  Yaml out;
  out.line = values.next();
  if (auto const* object = json.object()) {
    out.kind = Yaml::Kind::map;
    for (auto const& [key, value] : *object) {
      values.next();
      out.members.emplace_back(key, node(value, values));
    }
  } else if (auto const* array = json.array()) {
    out.kind = Yaml::Kind::sequence;
    for (auto const& item : *array) out.items.push_back(node(item, values));
  } else if (!json.is_null()) {
    out.kind = Yaml::Kind::scalar;
    out.quoted = json.text() != nullptr;
    out.scalar = json.text() ? *json.text() : to_json(json);
  }
  return out;
}

}  // namespace

Result<Yaml> read_json(std::string_view text) {
  auto const json = TRY(parse_json(text, {.bytes_max = bytes_max, .comments = true}));
  Values values(text);
  return node(json, values);
}

std::string_view text_at(Yaml const& node, std::string_view key) {
  auto const& member = node[key];
  return member.kind == Yaml::Kind::scalar ? std::string_view(member.scalar) : std::string_view();
}

}  // namespace reeve::host
