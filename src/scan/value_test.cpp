#include "scan/value.hpp"

#include <doctest/doctest.h>

#include <string>

namespace reeve::scan {

TEST_CASE("value: references, placeholders, hashes and ordinary text are told apart") {
  using enum Look;
  struct Case {
    std::string_view text;
    Look want;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"", empty},
           {"${TOKEN}", reference},
           {"${env:TOKEN}", reference},
           {"${input:api-key}", reference},
           {"$TOKEN", reference},
           {"$ecret9!", opaque},
           {"%TOKEN%", reference},
           {"{{ .Values.token }}", reference},
           {"$(cat /run/x)", reference},
           {"op://vault/item/field", reference},
           {"arn:aws:secretsmanager:eu-west-1:1:secret:x", reference},
           {"projects/p/secrets/s/versions/1", reference},
           {"/run/secrets/db", reference},
           {"/etc/app/key.json", reference},
           {"~/.config/token", reference},
           {"/Zm9vYmFyYmF6+/w==", opaque},  // base64 that begins with a slash
           {"changeme", placeholder},
           {"ChangeMe123", placeholder},
           {"<token>", placeholder},
           {"xxxx", placeholder},
           {"XXXXXXXXXXXX", placeholder},
           {"********", placeholder},
           {"your-api-key-here", placeholder},
           {"YOUR_TOKEN", placeholder},
           {"ghp_xxxxxxxxxxxxxxxx", placeholder},
           {"12345678", placeholder},
           {"abcdefgh", placeholder},
           {"password", placeholder},
           {"AKIAIOSFODNN7EXAMPLE", placeholder},
           {"$6$salt$hash", hash},
           {"{SSHA}abc", hash},
           {"sha256:0123", hash},
           {"ENC[AES256_GCM,data:x]", encrypted},
           {"true", plain},
           {"4096", plain},
           {"https://example.org", placeholder},
           {"https://db.test", plain},
           {"a sentence that goes on and on", plain},
           {"hunter2", opaque},
           {"correct horse battery", opaque},
           {"01234567-89ab-cdef-0123-456789abcdef", opaque},
       }) {
    CAPTURE(c.text);
    CHECK(int(judge_value(c.text).look) == int(c.want));
  }
}

TEST_CASE("value: where only credentials stand, words of the documentation are no excuse") {
  CHECK(judge_value("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", true).look == Look::opaque);
  CHECK(judge_value("password", true).look == Look::opaque);
  CHECK(judge_value("<token>", true).look == Look::placeholder);
  CHECK(judge_value("changeme", true).look == Look::placeholder);
  CHECK(judge_value("${NPM_TOKEN}", true).look == Look::reference);
}

TEST_CASE("value: random text and words") {
  CHECK(looks_random("9f86d081884c7d659a2feaa0c55ad015"));
  CHECK(looks_random("wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzKEY"));
  CHECK_FALSE(looks_random("short1"));
  CHECK_FALSE(looks_random("production-database-primary"));
  CHECK_FALSE(looks_random("00000000000000000000000000000000"));
  CHECK(entropy("") == 0);
  CHECK(entropy("aaaa") == 0);
  CHECK(entropy("abcd") == doctest::Approx(2));
}

TEST_CASE("value: one pair of quotes goes, no more") {
  CHECK(unquoted(" \"a\" ") == "a");
  CHECK(unquoted("'a'") == "a");
  CHECK(unquoted("\"a'") == "\"a'");
  CHECK(unquoted("\"") == "\"");
  CHECK(unquoted("\"\"").empty());
}

}  // namespace reeve::scan
