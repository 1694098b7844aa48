#include "crypto/der.hpp"

#include <doctest/doctest.h>

#include "crypto/encode.hpp"
#include "crypto/public_key.hpp"

namespace reeve::crypto {
namespace {

std::string bytes(char const* hex) {
  return from_hex(hex).value();
}

TEST_CASE("der: object identifiers as people write them") {
  struct Case {
    char const *hex, *want;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"2a864886f70d010101", "1.2.840.113549.1.1.1"},
           {"2b6570", "1.3.101.112"},
           {"00", "0.0"},
           {"27", "0.39"},
           {"883703", "2.999.3"},
           {"", "?"},
           {"86", "?"},
           {"ffffffffffffffffffffff7f", "?"},
       }) {
    CAPTURE(c.hex);
    CHECK(oid_text(bytes(c.hex)) == c.want);
  }
}

TEST_CASE("der: what is not DER is refused at its place") {
  struct Case {
    char const *name, *hex;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"nothing", ""},
           {"no length", "30"},
           {"indefinite length", "30800000"},
           {"length longer than needed", "308100"},
           {"length with a zero in front", "30820005 0500050005"},
           {"length of five bytes", "308500000000010500"},
           {"more than there is", "3003 0500"},
           {"4 GiB", "3084ffffffff"},
           {"long tag", "1f8100"},
           {"bytes after the end", "3000 00"},
       }) {
    CAPTURE(c.name);
    std::string hex;
    for (char const* at = c.hex; *at != '\0'; ++at)
      if (*at != ' ') hex += *at;
    CHECK(read_sequence(bytes(hex.c_str())).error().code() == Errc::corrupt);
  }
}

TEST_CASE("der: numbers have one form") {
  for (char const* hex : {"0200", "0201ff", "02020001", "0203000001", "0301"}) {
    CAPTURE(hex);
    auto const text = bytes(hex);
    CHECK_FALSE(DerReader(text).unsigned_integer().has_value());
  }
  for (auto const& [number, want] :
       std::initializer_list<std::pair<std::string, char const*>>{{std::string(), "020100"},
                                                                  {std::string(3, '\0'), "020100"},
                                                                  {"\x7f", "02017f"},
                                                                  {"\x80", "02020080"}}) {
    auto const der = der_unsigned(number);
    CHECK(to_hex(der) == want);
    CHECK(DerReader(der).unsigned_integer().value() == without_leading_zeros(number));
  }
}

TEST_CASE("der: long values get long lengths, and are read back") {
  for (std::size_t const size : {0u, 127u, 128u, 255u, 256u, 65535u, 65536u}) {
    CAPTURE(size);
    auto const der = der_value(der::octet_string, {std::string(size, 'x')});
    DerReader reader(der);
    CHECK(reader.read(der::octet_string).value().size() == size);
    CHECK(reader.end().has_value());
  }
}

TEST_CASE("public key: 100,000 nested sequences are an error, not a deep stack") {
  std::string nested;
  for (int i = 0; i < 100'000; ++i) nested += "\x30\x80";
  CHECK(parse_spki(nested).error().code() == Errc::corrupt);
}

}  // namespace
}  // namespace reeve::crypto
