// JSON (RFC 8259) as a value, strictly read.
//
// Input comes from strangers, so: a repeated key is an error (parsers that keep the first or the
// last disagree, and attackers live in the difference), size and depth are limited, text must be
// UTF-8, and an error says where. Integers are exact up to 64 bits signed. Boost.JSON does the
// reading behind this header.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.hpp"

namespace reeve {

struct JsonMember;

struct Json {
  using Array = std::vector<Json>;
  using Object = std::vector<JsonMember>;  ///< In the order of the text; keys are unique.

  /// An integer beyond int64 is a double.
  std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, Array, Object> value;

  // Defined below, where JsonMember is complete.
  Json();
  Json(Json const& other);
  Json(Json&& other) noexcept;
  Json& operator=(Json const& other);
  Json& operator=(Json&& other) noexcept;
  ~Json();
  Json(std::nullptr_t);
  Json(bool yes);
  template <std::integral I>
  Json(I number);
  Json(double number);
  Json(std::string text);
  Json(std::string_view text);
  Json(char const* text);
  Json(Array items);
  Json(Object members);

  bool is_null() const { return value.index() == 0; }
  bool const* boolean() const;
  std::int64_t const* integer() const;
  std::string const* text() const;
  Array const* array() const;
  Object const* object() const;

  /// The member of that name; null when this is no object or has none.
  Json const* find(std::string_view key) const;
  /// The text of that member; empty when there is none or it is no text.
  std::string text_at(std::string_view key) const;
  /// Appends a member; for building. `this` must be an object or null (becomes one). The key must
  /// be new.
  Json& add(std::string key, Json member);

  bool operator==(Json const&) const;
};

struct JsonMember {
  std::string key;
  Json value;

  bool operator==(JsonMember const&) const = default;
};

inline Json::Json() = default;
inline Json::Json(Json const& other) = default;
inline Json::Json(Json&& other) noexcept = default;
inline Json& Json::operator=(Json const& other) = default;
inline Json& Json::operator=(Json&& other) noexcept = default;
inline Json::~Json() = default;
inline Json::Json(std::nullptr_t) {}
inline Json::Json(bool yes) : value(yes) {}
template <std::integral I>
Json::Json(I number) : value(static_cast<std::int64_t>(number)) {}
inline Json::Json(double number) : value(number) {}
inline Json::Json(std::string text) : value(std::move(text)) {}
inline Json::Json(std::string_view text) : value(std::string(text)) {}
inline Json::Json(char const* text) : value(std::string(text)) {}
inline bool const* Json::boolean() const {
  return std::get_if<bool>(&value);
}
inline std::int64_t const* Json::integer() const {
  return std::get_if<std::int64_t>(&value);
}
inline std::string const* Json::text() const {
  return std::get_if<std::string>(&value);
}
inline Json::Array const* Json::array() const {
  return std::get_if<Array>(&value);
}
inline Json::Object const* Json::object() const {
  return std::get_if<Object>(&value);
}

struct JsonLimits {
  std::size_t bytes_max = 16u << 20;
  std::size_t depth_max = 64;
  bool comments = false;  ///< JSONC: // and /* */ comments and trailing commas, as editors write.
};

/// Errors: invalid, as "line 3, column 7: …". A BOM at the start is skipped.
Result<Json> parse_json(std::string_view text, JsonLimits const& limits = {});

/// Compact; members in their order. A double that is no number becomes null.
std::string to_json(Json const& json);
/// With line breaks and two blanks of indent.
std::string to_json_pretty(Json const& json);
/// Appends `text` as a JSON string with its quotes. `text` must be UTF-8 (clean_utf8).
void append_json_string(std::string& out, std::string_view text);

}  // namespace reeve
