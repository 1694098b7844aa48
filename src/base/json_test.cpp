#include "base/json.hpp"

#include <doctest/doctest.h>

namespace reeve {
namespace {

std::string again(std::string_view text, JsonLimits const& limits = {}) {
  auto const json = parse_json(text, limits);
  return json ? to_json(*json) : json.error().to_string();
}

TEST_CASE("json: what is read is written again") {
  struct Case {
    char const* text;
    char const* want;
  };
  for (auto const& c : std::initializer_list<Case>{
           {R"( {"b": [1, -2.5, true, null], "a": {"x": "y\u00e9\n"}} )",
            R"({"b":[1,-2.5,true,null],"a":{"x":"yé\n"}})"},
           {"9223372036854775807", "9223372036854775807"},
           {"-9223372036854775808", "-9223372036854775808"},
           {"\xEF\xBB\xBF{}", "{}"},
           {"\"\\u0000\"", "\"\\u0000\""},
           {"\"\\ud83d\\ude00\"", "\"😀\""},
       }) {
    CAPTURE(c.text);
    CHECK(again(c.text) == c.want);
  }
}

TEST_CASE("json: bad input is refused with its place") {
  struct Case {
    char const* text;
    char const* want;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"{\"a\":1,\n \"a\":2}", "line 2, column 7: the key \"a\" is repeated [invalid]"},
           {R"({"":1,"":2})", "line 1, column 11: the key \"\" is repeated [invalid]"},
       }) {
    CAPTURE(c.text);
    CHECK(again(c.text) == c.want);
  }
  for (auto const* text : {"", "{", "[1,]", "{\"a\":1,}", "nul", "01", "\"\x80\"", "\"\\ud800\"",
                           "1 2", "// c\n1", "{'a':1}", "[1e999999]x"}) {
    CAPTURE(text);
    auto const json = parse_json(text);
    REQUIRE_FALSE(json.has_value());
    CHECK(json.error().code() == Errc::invalid);
    CHECK(json.error().message().starts_with("line 1, column "));
  }
}

TEST_CASE("json: a hundred thousand brackets and a long text end in a clean error") {
  CHECK_FALSE(parse_json(std::string(100'000, '[')).has_value());
  CHECK_FALSE(parse_json("[" + std::string(100, ' ') + "]", {.bytes_max = 50}).has_value());
}

TEST_CASE("json: editors' comments and trailing commas are read only when asked for") {
  CHECK(again("{/* c */\"a\":[1,], // d\n}", {.comments = true}) == R"({"a":[1]})");
}

TEST_CASE("json: members are found and added") {
  auto json = *parse_json(R"({"a":"x","n":3})");
  json.add("list", Json::Array{1, "two", false});
  CHECK(json.text_at("a") == "x");
  CHECK(json.text_at("n").empty());
  CHECK(*json.find("n")->integer() == 3);
  CHECK(json.find("absent") == nullptr);
  CHECK(to_json(json) == R"({"a":"x","n":3,"list":[1,"two",false]})");
  CHECK(to_json_pretty(*parse_json(R"({"a":[1],"b":{}})")) ==
        "{\n  \"a\": [\n    1\n  ],\n  \"b\": {}\n}");
}

}  // namespace
}  // namespace reeve
