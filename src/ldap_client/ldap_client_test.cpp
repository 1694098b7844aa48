#include "ldap_client/ldap_client.hpp"

#include <doctest/doctest.h>

#include "ldap_client/ldif.hpp"
#include "ldap_client/person.hpp"
#include "ldap_client/value.hpp"

namespace reeve::ldap {
namespace {

TEST_CASE("ldap: GeneralizedTime in all its forms, and nothing else") {
  struct Case {
    char const* text;
    char const* want;  ///< Empty: refused.
  };
  for (auto const& c :
       std::initializer_list<Case>{{"20260301100000Z", "2026-03-01T10:00:00Z"},
                                   {"20260301100000.25Z", "2026-03-01T10:00:00.25Z"},
                                   {"20260301100000,5Z", "2026-03-01T10:00:00.5Z"},
                                   {"202603011030Z", "2026-03-01T10:30:00Z"},
                                   {"2026030110Z", "2026-03-01T10:00:00Z"},
                                   {"2026030110.5Z", "2026-03-01T10:30:00Z"},
                                   {"20260301100000+0130", "2026-03-01T08:30:00Z"},
                                   {"20260301100000-05", "2026-03-01T15:00:00Z"},
                                   {"000001010000Z", "0000-01-01T00:00:00Z"},
                                   {"20240229000000Z", "2024-02-29T00:00:00Z"},
                                   {"20250229000000Z", ""},
                                   {"20261301100000Z", ""},
                                   {"20260301250000Z", ""},
                                   {"20260301106000Z", ""},
                                   {"20260301100000", ""},
                                   {"20260301100000.Z", ""},
                                   {"20260301100000Zz", ""},
                                   {"2026", ""},
                                   {"", ""},
                                   {"20260301100000+2400", ""},
                                   {"2026-03-01T10:00:00Z", ""}}) {
    CAPTURE(c.text);
    auto const at = parse_generalized_time(c.text);
    CHECK((at ? rfc3339(*at) : "") == c.want);
  }
}

TEST_CASE("ldap: two spellings of one name are equal, two names are not") {
  struct Case {
    char const* dn;
    char const* want;  ///< "!": refused.
  };
  for (auto const& c : std::initializer_list<Case>{
           {"UID=Ann, OU=People ,DC=example,DC=com", "uid=ann,ou=people,dc=example,dc=com"},
           {"cn=Doe\\, Ann,dc=x", "cn=doe\\, ann,dc=x"},
           {"cn=Doe\\2C Ann,dc=x", "cn=doe\\, ann,dc=x"},
           {"cn=a\\ ,dc=x", "cn=a\\ ,dc=x"},
           {"cn=\\23a,dc=x", "cn=\\#a,dc=x"},
           {"ou=b+cn=a,dc=x", "cn=a+ou=b,dc=x"},
           {"cn=a;dc=x", "cn=a,dc=x"},
           {"2.5.4.3=a", "2.5.4.3=a"},
           {"cn=,dc=x", "cn=,dc=x"},
           {"cn=a=b", "cn=a\\=b"},
           {"", ""},
           {"ann", "!"},
           {"=a", "!"},
           {"cn=a,", "!"},
           {"cn=a\\", "!"},
           {"cn=a\\zz", "!"},
           {"cn=\"a\"", "!"},
           {"c n=a", "!"}}) {
    CAPTURE(c.dn);
    auto const dn = normal_dn(c.dn);
    CHECK((dn ? *dn : "!") == c.want);
    if (dn) CHECK(normal_dn(*dn).value() == *dn);
  }
  CHECK(!normal_dn(std::string(100'000, ',')));
  CHECK(!normal_dn("cn=a" + std::string(4000, '+')));
}

TEST_CASE("ldap: a name lies under a base only where a comma says so") {
  CHECK(is_under("uid=a,ou=people,dc=x", "ou=people,dc=x"));
  CHECK(is_under("dc=x", "dc=x"));
  CHECK(is_under("dc=x", ""));
  CHECK(!is_under("uid=a,ou=nopeople,dc=x", "people,dc=x"));
  CHECK(!is_under("uid=a\\,dc=x", "dc=x"));
  CHECK(is_under("uid=a\\\\,dc=x", "dc=x"));
  CHECK(rdns("cn=doe\\, ann+ou=b,dc=x") ==
        std::vector<std::pair<std::string, std::string>>{{"cn", "doe, ann"}, {"dc", "x"}});
}

TEST_CASE("ldap: a value cannot leave its place in a filter") {
  CHECK(filter_escape("a*)(uid=*") == "a\\2a\\29\\28uid=\\2a");
  CHECK(filter_escape(std::string("\0\\", 2)) == "\\00\\5c");
}

TEST_CASE("ldif: records, folded lines, base64, comments") {
  auto const ldif = parse_ldif(
      "\xef\xbb\xbfversion: 1\r\n# a comment\n that goes on\r\ndn: uid=ann,dc=x\r\nobjectClass: "
      "inetOrgPerson\nCN;lang-de: Ann\n cn continued\nmail:: YW5uQHg=\n\n\ndn:: dWlkPWIsZGM9eA==\n"
      "uid: b\n");
  REQUIRE_MESSAGE(ldif, (ldif ? "" : ldif.error().to_string()));
  CHECK(ldif->refused.empty());
  REQUIRE(ldif->entries.size() == 2);
  CHECK(ldif->entries[0].dn == "uid=ann,dc=x");
  CHECK(ldif->entries[0].first("cn") == "Anncn continued");
  CHECK(ldif->entries[0].first("mail") == "ann@x");
  CHECK(ldif->entries[0].is("INETORGPERSON"));
  CHECK(ldif->entries[1].dn == "uid=b,dc=x");
}

TEST_CASE("ldif: one bad record does not lose the others, and says where it is") {
  struct Case {
    char const* name;
    std::string record;
    char const* says;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"a file", "dn: cn=a\njpegPhoto:< file:///etc/shadow\n",
            "line 2: a value that lies elsewhere"},
           {"a change", "dn: cn=a\nchangetype: delete\n", "line 2: a change is not content"},
           {"no dn", "cn: a\n", "line 1: a record must begin with its dn"},
           {"two dns", "dn: cn=a\ndn: cn=b\n", "line 2: a second dn"},
           {"no colon", "dn: cn=a\nhello\n", "line 2: no attribute type"},
           {"a type with a blank", "dn: cn=a\nc n: b\n", "line 2: not an attribute type"},
           {"bad base64", "dn: cn=a\ncn:: YW5uQHg\n", "line 2: base64 of a wrong length"},
           {"sloppy base64", "dn: cn=a\ncn:: YR==\n", "line 2: base64 with bits left over"},
           {"NUL", std::string("dn: cn=a\ncn: \0\n", 15), "line 2: a NUL byte"}}) {
    CAPTURE(c.name);
    auto const ldif = parse_ldif(c.record + "\ndn: cn=good\ncn: good\n");
    REQUIRE(ldif.has_value());
    CHECK(ldif->entries.size() == 1);
    REQUIRE(ldif->refused.size() == 1);
    CAPTURE(ldif->refused[0]);
    CHECK(ldif->refused[0].starts_with(c.says));
    CHECK(!parse_ldif(c.record));
  }
  CHECK(!parse_ldif("version: 2\n\ndn: cn=a\n"));
  CHECK(parse_ldif("")->entries.empty());
  CHECK(!parse_ldif(std::string(100, 'x'), {.bytes_max = 10}));
}

TEST_CASE("ldap: a person, and one who has left") {
  Entry entry{.dn = "uid=ann,ou=Left,dc=x"};
  for (auto const& [type, value] :
       std::initializer_list<std::pair<char const*, char const*>>{{"cn", "Ann"},
                                                                  {"mail", "Ann@Example.com"},
                                                                  {"uid", "ann"},
                                                                  {"uid", "ann2"},
                                                                  {"manager", "uid=bob,dc=x"},
                                                                  {"entryUUID", "AB-1"}})
    entry.add(type, value);
  auto const person = person_of(entry, {"ou=left,dc=x"});
  CHECK(person == Person{.native_id = "ab-1",
                         .name = "Ann",
                         .email = "ann@example.com",
                         .active = false,
                         .manager = "uid=bob,dc=x",
                         .aliases = "ann\nann2"});
  CHECK(person_of(entry, {}).active == Known<bool>(NotReported{}));
}

TEST_CASE("ldap: a password is not sent in the clear unless that was asked for") {
  struct Case {
    char const* name;
    char const* url;
    char const* dn;
    char const* password;
    char const* says;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"in the clear", "ldap://ldap.example:389", "cn=a", "hunter2", "in the clear"},
           {"no URL", "ldap.example", "cn=a", "hunter2", "not an LDAP URL"},
           {"a name alone would bind as nobody", "ldaps://h", "cn=a", "", "come together"}}) {
    CAPTURE(c.name);
    auto const client = connect({.url = c.url, .bind_dn = c.dn, .password = Secret(c.password)});
    REQUIRE(!client);
    CHECK(client.error().code() == Errc::invalid);
    CHECK(client.error().to_string().contains(c.says));
    CHECK(!client.error().to_string().contains("hunter2"));
  }
}

}  // namespace
}  // namespace reeve::ldap
