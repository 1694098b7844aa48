#include "crypto/encode.hpp"

#include <doctest/doctest.h>

namespace reeve::crypto {
namespace {

TEST_CASE("encode: base64 gives the answers of RFC 4648 §10, and reads them back") {
  struct Case {
    char const *bytes, *text, *url;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"", "", ""},
           {"f", "Zg==", "Zg"},
           {"fo", "Zm8=", "Zm8"},
           {"foo", "Zm9v", "Zm9v"},
           {"foob", "Zm9vYg==", "Zm9vYg"},
           {"fooba", "Zm9vYmE=", "Zm9vYmE"},
           {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
           {"\xfb\xff\xbf", "+/+/", "-_-_"},
       }) {
    CAPTURE(c.text);
    CHECK(to_base64(c.bytes) == c.text);
    CHECK(to_base64url(c.bytes) == c.url);
    CHECK(from_base64(c.text).value() == c.bytes);
    CHECK(from_base64url(c.url).value() == c.bytes);
  }
}

TEST_CASE("encode: base64 has one spelling for a value, every other is refused") {
  for (char const* text : {"Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Z", "=", "==", "====", "Zg==Zg==",
                           "Zm9v\n", " Zm9v", "-_-_", "Zm9*", "Z=g=", "\xff\xff\xff\xff"}) {
    CAPTURE(text);
    REQUIRE_FALSE(from_base64(text).has_value());
    CHECK(from_base64(text).error().code() == Errc::invalid);
  }
  for (char const* text : {"Zg==", "Zh", "Zm9", "+/+/", "Z", "Zm9v\n"}) {
    CAPTURE(text);
    CHECK_FALSE(from_base64url(text).has_value());
  }
}

TEST_CASE("encode: all bytes survive hexadecimal and base64") {
  std::string all;
  for (int i = 0; i < 256; ++i) {
    all += char(i);
    CHECK(from_hex(to_hex(all)).value() == all);
    CHECK(from_base64(to_base64(all)).value() == all);
    CHECK(from_base64url(to_base64url(all)).value() == all);
  }
}

TEST_CASE("encode: hexadecimal is digits in pairs and nothing else") {
  CHECK(from_hex("00fFaB").value() == std::string("\0\xff\xab", 3));
  for (char const* text : {"0", "0g", "0x00", " 00", "00 "}) {
    CAPTURE(text);
    CHECK_FALSE(from_hex(text).has_value());
  }
}

}  // namespace
}  // namespace reeve::crypto
