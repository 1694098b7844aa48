#include "base/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <cmath>
#include <unordered_set>

namespace reeve {

Json::Json(Array items) : value(std::move(items)) {}
Json::Json(Object members) : value(std::move(members)) {}

bool Json::operator==(Json const& other) const {
  return value == other.value;
}

Json const* Json::find(std::string_view key) const {
  auto const* members = object();
  if (!members) return nullptr;
  auto const found = std::ranges::find(*members, key, &JsonMember::key);
  return found == members->end() ? nullptr : &found->value;
}

std::string Json::text_at(std::string_view key) const {
  auto const* member = find(key);
  auto const* found = member ? member->text() : nullptr;
  return found ? *found : "";
}

Json& Json::add(std::string key, Json member) {
  if (!object()) value = Object{};
  std::get<Object>(value).push_back({std::move(key), std::move(member)});
  return *this;
}

namespace {

namespace bj = boost::json;

/// Takes the events of the parser and builds the value on a stack of open containers.
class Builder {
 public:
  static constexpr std::size_t max_object_size = ~std::size_t{0};
  static constexpr std::size_t max_array_size = ~std::size_t{0};
  static constexpr std::size_t max_key_size = ~std::size_t{0};
  static constexpr std::size_t max_string_size = ~std::size_t{0};
  using Code = bj::error_code;

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_object_begin(Code&) { return open(Json(Json::Object{})); }
  bool on_array_begin(Code&) { return open(Json(Json::Array{})); }
  bool on_object_end(std::size_t, Code& code) { return unique_keys(code) && close(); }
  bool on_array_end(std::size_t, Code&) { return close(); }
  bool on_key_part(bj::string_view part, std::size_t, Code&) { return more(part); }
  bool on_key(bj::string_view last, std::size_t, Code&) {
    more(last);
    keys_.push_back(std::exchange(text_, {}));
    return true;
  }
  bool on_string_part(bj::string_view part, std::size_t, Code&) { return more(part); }
  bool on_string(bj::string_view last, std::size_t, Code&) {
    more(last);
    return put(Json(std::exchange(text_, {})));
  }
  bool on_number_part(bj::string_view, Code&) { return true; }
  bool on_int64(std::int64_t number, bj::string_view, Code&) { return put(Json(number)); }
  bool on_uint64(std::uint64_t number, bj::string_view, Code&) {
    return put(Json(static_cast<double>(number)));
  }
  bool on_double(double number, bj::string_view, Code&) { return put(Json(number)); }
  bool on_bool(bool yes, Code&) { return put(Json(yes)); }
  bool on_null(Code&) { return put(Json()); }
  bool on_comment_part(bj::string_view, Code&) { return true; }
  bool on_comment(bj::string_view, Code&) { return true; }

  Json take() && { return std::move(root_); }
  std::string const& repeated() const { return repeated_; }

 private:
  bool more(bj::string_view part) {
    text_.append(part.data(), part.size());
    return true;
  }
  bool open(Json container) {
    open_.push_back(std::move(container));
    return true;
  }
  bool close() {
    auto done = std::move(open_.back());
    open_.pop_back();
    return put(std::move(done));
  }
  bool put(Json json) {
    if (open_.empty()) {
      root_ = std::move(json);
    } else if (auto* members = std::get_if<Json::Object>(&open_.back().value)) {
      members->push_back({std::move(keys_.back()), std::move(json)});
      keys_.pop_back();
    } else {
      std::get<Json::Array>(open_.back().value).push_back(std::move(json));
    }
    return true;
  }
  bool unique_keys(Code& code) {
    auto const& members = std::get<Json::Object>(open_.back().value);
    std::unordered_set<std::string_view> seen;
    for (auto const& member : members) {
      if (seen.insert(member.key).second) continue;
      repeated_ = member.key;
      code = bj::error::extra_data;
      return false;
    }
    return true;
  }

  Json root_;
  std::vector<Json> open_;
  std::vector<std::string> keys_;
  std::string text_, repeated_;
};

std::string place(std::string_view text, std::size_t at) {
  auto const before = text.substr(0, std::min(at, text.size()));
  auto const line = std::ranges::count(before, '\n') + 1;
  auto const start = before.rfind('\n');
  auto const column = before.size() - (start == before.npos ? 0 : start + 1) + 1;
  return fmt::format("line {}, column {}: ", line, column);
}

void write(std::string& out, Json const& json, int indent);

void line_break(std::string& out, int indent) {
  if (indent < 0) return;
  out += '\n';
  out.append(std::size_t(indent) * 2, ' ');
}

void write(std::string& out, Json::Array const& items, int indent) {
  int const inner = indent < 0 ? indent : indent + 1;
  out += '[';
  for (bool first = true; auto const& item : items) {
    if (!std::exchange(first, false)) out += ',';
    line_break(out, inner);
    write(out, item, inner);
  }
  if (!items.empty()) line_break(out, indent);
  out += ']';
}

void write(std::string& out, Json::Object const& members, int indent) {
  int const inner = indent < 0 ? indent : indent + 1;
  out += '{';
  for (bool first = true; auto const& member : members) {
    if (!std::exchange(first, false)) out += ',';
    line_break(out, inner);
    append_json_string(out, member.key);
    out += indent < 0 ? ":" : ": ";
    write(out, member.value, inner);
  }
  if (!members.empty()) line_break(out, indent);
  out += '}';
}

struct Print {
  std::string& out;
  int indent;
  void operator()(std::nullptr_t) const { out += "null"; }
  void operator()(bool yes) const { out += yes ? "true" : "false"; }
  void operator()(std::int64_t number) const { out += std::to_string(number); }
  void operator()(double number) const {
    out += std::isfinite(number) ? fmt::format("{}", number) : "null";
  }
  void operator()(std::string const& text) const { append_json_string(out, text); }
  void operator()(Json::Array const& items) const { write(out, items, indent); }
  void operator()(Json::Object const& members) const { write(out, members, indent); }
};

void write(std::string& out, Json const& json, int indent) {
  std::visit(Print{out, indent}, json.value);
}

}  // namespace

Result<Json> parse_json(std::string_view text, JsonLimits const& limits) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (text.size() > limits.bytes_max)
    return fail(Errc::invalid, fmt::format("{} bytes of JSON, at most {} are read", text.size(),
                                           limits.bytes_max));
  bj::parse_options options;
  options.max_depth = limits.depth_max;
  options.allow_comments = limits.comments;
  options.allow_trailing_commas = limits.comments;
  bj::basic_parser<Builder> parser(options);
  bj::error_code code;
  auto const used = parser.write_some(/*more=*/false, text.data(), text.size(), code);
  auto const& repeated = parser.handler().repeated();
  if (!repeated.empty() || (code == bj::error::extra_data && used < text.size() && !parser.done()))
    return fail(Errc::invalid, place(text, used) + "the key \"" + repeated + "\" is repeated");
  if (code) return fail(Errc::invalid, place(text, used) + code.message());
  if (text.find_first_not_of(" \t\r\n", used) != text.npos && !limits.comments)
    return fail(Errc::invalid, place(text, used) + "something follows the value");
  return std::move(parser.handler()).take();
}

std::string to_json(Json const& json) {
  std::string out;
  write(out, json, -1);
  return out;
}

std::string to_json_pretty(Json const& json) {
  std::string out;
  write(out, json, 0);
  return out;
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (char const c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
          out += fmt::format("\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
        else
          out += c;
    }
  }
  out += '"';
}

}  // namespace reeve
