#include "cedar/plain_json.hpp"

#include <doctest/doctest.h>

#include "cedar/entity_json.hpp"

namespace reeve::cedar {
namespace {

TEST_CASE("plain json: reads what the parser reads, the same") {
  std::string_view const cases[] = {
      "{}",
      " { } ",
      R"({"a":1,"b":-2,"c":true,"d":false,"e":"x","f":[],"g":{}})",
      R"({ "b" : [ 1 , [ 2 ] , {"x": "}"} ] , "a" : 0 })",
      R"({"n":999999999999999999,"m":-999999999999999999})",
      R"({"u":{"__entity":{"type":"A::B","id":""}},"v":{"__entity":{"id":"x","type":"A"}}})",
      R"({"ip":{"__extn":{"fn":"ip","arg":"10.0.0.0/8"}},"t":{"__extn":{"arg":"1h","fn":"duration"}}})",
      R"({"fn":"ip","arg":"x","type":"A","id":"b"})",
      R"({"s":[3,1,2,1]})",
  };
  for (auto const text : cases) {
    CAPTURE(text);
    auto const plain = plain_record(text);
    REQUIRE(plain.has_value());
    CHECK(*plain == record_from_json(parse_json(text).value()).value());
  }
}

TEST_CASE("plain json: gives up where it could be wrong") {
  std::string const cases[] = {
      "",
      "[]",
      "{",
      "{}x",
      R"({"a":1,})",
      R"({"a":1,"a":1})",
      R"({"a":01})",
      R"({"a":-0})",
      R"({"a":-})",
      R"({"a":1.0})",
      R"({"a":1e3})",
      R"({"a":9223372036854775807})",
      R"({"a":null})",
      R"({"a":truex})",
      R"({"a":"\n"})",
      R"({"a":"ü"})",
      "{\"a\":\"\x01\"}",
      R"({"a":{"__entity":{"type":"A b","id":"x"}}})",
      R"({"a":{"__entity":{"type":"A","id":"x"},"b":1}})",
      R"({"a":{"__extn":{"fn":"ip","arg":"?"}}})",
      R"({"a":{"__extn":{"fn":"no","arg":"?"}}})",
      R"({"a":{"__extn":{"fn":"ip","args":["10.0.0.1"]}}})",
      R"({"a":{"__expr":"1"}})",
      R"({"a":{"__other":{"x":1,"y":2}}})",
      "{\"a\":" + std::string(100, '[') + std::string(100, ']') + "}",
  };
  for (auto const& text : cases) {
    CAPTURE(text);
    CHECK_FALSE(plain_record(text).has_value());
  }
}

}  // namespace
}  // namespace reeve::cedar
