#include "connectors/people/people.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/text.hpp"
#include "connect/conformance.hpp"
#include "connectors/people/csv.hpp"

namespace reeve::people {
namespace {

using Text = Known<std::string>;

TEST_CASE("csv: what RFC 4180 allows, and what spreadsheets add") {
  struct Case {
    char const* name;
    std::string text;
    std::vector<std::vector<std::string>> want;  ///< Header first.
  };
  for (auto const& c : std::initializer_list<Case>{
           {"plain", "a,b\r\n1,2\r\n", {{"a", "b"}, {"1", "2"}}},
           {"no line end at the end", "a,b\n1,2", {{"a", "b"}, {"1", "2"}}},
           {"quotes", "a,b\n\"x,\"\"y\"\"\n z\",\"\"\n", {{"a", "b"}, {"x,\"y\"\n z", ""}}},
           {"a BOM",
            "\xef\xbb\xbf"
            "a,b\n1,2\n",
            {{"a", "b"}, {"1", "2"}}},
           {"semicolons", "a;b\n1,5;2\n", {{"a", "b"}, {"1,5", "2"}}},
           {"tabs", "a\tb\n1\t2\n", {{"a", "b"}, {"1", "2"}}},
           {"empty fields and lines", "a,b\n,\n\n\n1,\n", {{"a", "b"}, {"", ""}, {"1", ""}}}}) {
    CAPTURE(c.name);
    auto const csv = parse_csv(c.text);
    REQUIRE_MESSAGE(csv, (csv ? "" : csv.error().to_string()));
    std::vector<std::vector<std::string>> all{csv->header};
    for (auto const& record : csv->records) all.push_back(record.fields);
    CHECK(all == c.want);
    CHECK(csv->refused.empty());
  }
}

TEST_CASE("csv: a record that is wrong in itself is refused, a file that is wrong is an error") {
  struct Case {
    char const* name;
    std::string text;
    char const* says;
    bool whole;  ///< The whole file is refused.
  };
  for (auto const& c : std::initializer_list<Case>{
           {"too few", "a,b\n1\n2,3\n", "line 2: 1 fields, the header has 2", false},
           {"too many", "a,b\n2,3\n1,2,3\n", "line 3: 3 fields", false},
           {"a quote inside", "a,b\n1,x\"y\n2,3\n", "line 2: a quote inside", false},
           {"text after a quote", "a,b\n\"1\"x,2\n2,3\n", "line 2: text after", false},
           {"never closed", "a,b\n1,2\n\"x,y\n3,4\n", "line 3: a quote that is never closed", true},
           {"NUL", std::string("a,b\n1,\0\n", 8), "line 2: a NUL byte", true},
           {"UTF-16",
            std::string("\xff\xfe"
                        "a\0,\0b\0",
                        8),
            "line 1: a NUL byte", true},
           {"empty", "", "no header", true},
           {"a lone carriage return", "a,b\n1,2\r3,4\n", "line 2: a carriage return", true},
           {"a long field", "a\n" + std::string(70'000, 'x'), "line 2: a field that is too long",
            true},
           {"many fields", std::string(1000, ','), "line 1: too many fields", true}}) {
    CAPTURE(c.name);
    auto const csv = parse_csv(c.text);
    CHECK(csv.has_value() == !c.whole);
    auto const said = csv ? join(csv->refused, "; ") : std::string(csv.error().message());
    CAPTURE(said);
    CHECK(said.starts_with(c.says));
    if (csv) CHECK(csv->records.size() == 1);
  }
}

Reading settled(std::string_view text, Columns const& columns = {}) {
  auto reading = read_csv_people(text, "people.csv", columns);
  REQUIRE_MESSAGE(reading, (reading ? "" : reading.error().to_string()));
  return settle(*std::move(reading));
}

TEST_CASE("people: columns by many names, managers by id, address or login") {
  auto const reading = settled(
      "Employee ID,First Name,Last name,E-Mail,Manager,Status,End date,Logins\n"
      "1,Ann,A,Ann@Example.com,,active,,ann; ann2\n"
      "2,Bob,B,bob@example.com,ann@example.com,Terminated,2026-03-31,bob\n"
      "3,Cy,C,,ANN2,yes,2026-03-31T12:00:00+02:00,\n");
  CHECK(reading.gaps.empty());
  REQUIRE(reading.told.size() == 3);
  CHECK(reading.told[0].person == Person{.native_id = "1",
                                         .name = "Ann A",
                                         .email = "ann@example.com",
                                         .active = true,
                                         .left = None{},
                                         .manager = None{},
                                         .aliases = "ann\nann2"});
  CHECK(reading.told[1].person == Person{.native_id = "2",
                                         .name = "Bob B",
                                         .email = "bob@example.com",
                                         .active = false,
                                         .left = *parse_rfc3339("2026-03-31T00:00:00Z"),
                                         .manager = "1",
                                         .aliases = "bob"});
  CHECK(reading.told[2].person.email == Text(None{}));
  CHECK(reading.told[2].person.manager == Text("1"));
  CHECK(reading.told[1].evidence == "people.csv line 3");
}

TEST_CASE("people: what a list does not tell is not made up") {
  auto const reading = settled("email\nann@x\n");
  CHECK(reading.told.at(0).person ==
        Person{.native_id = "ann@x", .name = "ann@x", .email = "ann@x"});
  auto const with_days = settled("email,left\nann@x,\nbob@x,2026-01-01\n");
  CHECK(with_days.told.at(0).person.active == Known<bool>(true));
  CHECK(with_days.told.at(1).person.active == Known<bool>(NotReported{}));
}

TEST_CASE("people: each doubt is a gap that says where, and the others are read") {
  struct Case {
    char const* name;
    char const* text;
    std::size_t persons;
    char const* says;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"no id", "id,email\n,\n1,a@x\n", 1, "people.csv line 2: neither id nor email"},
           {"a date in words", "id,left\n1,31.3.2026\n", 1, "people.csv line 2: not a date like"},
           {"an odd status", "id,status\n1,sabbatical\n", 1, "status sabbatical is neither"},
           {"nobody's manager", "id,manager\n1,99\n", 1, "manager 99 is nobody in this list"},
           {"one's own manager", "id,manager\n1,1\n", 1, "manager 1 is the person itself"},
           {"a manager two answer to", "id,login,manager\n1,a,\n2,a,\n3,b,a\n", 3,
            "manager a is nobody"},
           {"one id, two persons", "id,name\n1,Ann\n1,Bob\n", 1,
            "the same id as people.csv line 2"},
           {"a short record", "id,name\n1,Ann\n2\n", 1, "people.csv line 3: 1 fields"}}) {
    CAPTURE(c.name);
    auto const reading = settled(c.text);
    CHECK(reading.told.size() == c.persons);
    REQUIRE(reading.gaps.size() == 1);
    CAPTURE(reading.gaps[0].why);
    CHECK(reading.gaps[0].why.contains(c.says));
  }
  CHECK(settled("id,name\n1,Ann\n1,Ann\n").gaps.empty());
}

TEST_CASE(
    "people: columns can be named, and a header that says too little or too much is an error") {
  CHECK(settled("Boss,Key,Post\n,1,a@x\n1,2,b@x\n",
                {{"id", "Key"}, {"email", "Post"}, {"manager", "Boss"}})
            .told.at(1)
            .person.manager == Text("1"));
  struct Case {
    char const* text;
    Columns columns;
    char const* says;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"a,b\n", {}, "no column for id or email; there are: a, b"},
           {"id,email,mail\n", {}, "two columns for email: email and mail"},
           {"id\n", {{"email", "Post"}}, "no column is called Post; there are: id"}}) {
    auto const reading = read_csv_people(c.text, "people.csv", c.columns);
    REQUIRE(!reading);
    CAPTURE(reading.error().to_string());
    CHECK(reading.error().to_string().contains(c.says));
  }
}

TEST_CASE("people: 10 MB are read, and a quote that is never closed in them is found") {
  std::string text = "id,name,email\n";
  while (text.size() < 10u << 20) {
    auto const n = std::to_string(text.size());
    text += n + ",Name " + n + "," + n + "@example.com\n";
  }
  auto const reading = settled(text);
  CHECK(reading.told.size() > 200'000);
  CHECK(reading.gaps.empty());
  CHECK(!parse_csv(text.insert(14, "\"")));
}

constexpr char scim[] = R"json({"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
  "totalResults": 3, "Resources": [
  {"id": "1", "userName": "ann", "active": true, "name": {"givenName": "Ann", "familyName": "A"},
   "emails": [{"value": "home@x"}, {"value": "Ann@Example.com", "primary": true}]},
  {"id": "2", "userName": "bob", "active": false, "displayName": "Bob",
   "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"manager": {"value": "1"}}},
  {"id": "9", "displayName": "payments", "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"]}]})json";

TEST_CASE("people: SCIM users, their primary address, their manager; groups are no persons") {
  auto const reading = settle(*read_scim_people(scim, "users.json"));
  CHECK(reading.gaps.empty());
  CHECK(reading.warning.empty());
  REQUIRE(reading.told.size() == 2);
  CHECK(reading.told[0].person == Person{.native_id = "1",
                                         .name = "Ann A",
                                         .email = "ann@example.com",
                                         .active = true,
                                         .aliases = "ann"});
  CHECK(reading.told[1].person.active == Known<bool>(false));
  CHECK(reading.told[1].person.manager == Text("1"));
}

TEST_CASE("people: SCIM that is not what it says") {
  struct Case {
    char const* name;
    char const* text;
    std::size_t persons;
    char const* says;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"a list", R"([{"userName": "ann"}])", 1, ""},
           {"one user", R"({"userName": "ann"})", 1, ""},
           {"a page of several", R"({"totalResults": 9, "Resources": [{"id": "1"}]})", 1,
            "users.json holds 1 of 9 users"},
           {"a bad sibling", R"([{"id": 7}, {"id": "1"}])", 1, "user 1: id is not a text"},
           {"no user at all", R"([7, {"id": "1"}])", 1, "user 1: not an object"},
           {"active in words", R"([{"id": "2", "active": "yes"}, {"id": "1"}])", 1, "neither true"},
           {"no id", R"([{"active": true}, {"id": "1"}])", 1, "neither id nor userName"}}) {
    CAPTURE(c.name);
    auto read = read_scim_people(c.text, "users.json");
    REQUIRE_MESSAGE(read, (read ? "" : read.error().to_string()));
    auto const reading = settle(*std::move(read));
    CHECK(reading.told.size() == c.persons);
    auto const said = reading.warning + (reading.gaps.empty() ? "" : reading.gaps[0].why);
    CAPTURE(said);
    CHECK(said.contains(c.says));
    CHECK(said.empty() == (*c.says == '\0'));
  }
  for (char const* text :
       {"", "{}", "7", R"({"Resources": 7})", R"([{"id": "1", "id": "2"}])", "[[["}) {
    CAPTURE(text);
    CHECK(!read_scim_people(text, "users.json"));
  }
}

TEST_CASE("people: LDIF persons, managers by name, leavers by branch") {
  auto const read = read_ldif_people(
      "dn: uid=ann,ou=people,dc=x\nobjectClass: inetOrgPerson\ncn: Ann\nmail: ann@x\n\n"
      "dn: uid=bob,ou=left,dc=x\nobjectClass: person\ncn: Bob\nmanager: UID=ann, ou=people,dc=x\n\n"
      "dn: ou=people,dc=x\nobjectClass: organizationalUnit\n\ndn: cn=z\nchangetype: delete\n",
      "people.ldif", {"ou=left,dc=x"});
  auto const reading = settle(*read);
  REQUIRE(reading.told.size() == 2);
  CHECK(reading.told[1].person.active == Known<bool>(false));
  CHECK(reading.told[1].person.manager == Text("uid=ann,ou=people,dc=x"));
  CHECK(reading.gaps.size() == 1);
}

using namespace connect;

Bench bench(std::string const& text, std::size_t identities) {
  return {.connect =
              [text](std::string_view without) {
                return make_people(
                    "hr",
                    [text, denied = !without.empty()]() -> Result<Reading> {
                      if (denied) return fail(Errc::denied, "open people.csv");
                      return read_csv_people(text, "people.csv", {});
                    },
                    /*page_size=*/2);
              },
          .identities = identities,
          .faulty = {}};
}

TEST_CASE("people: keeps the promises of a connector") {
  std::string text = "id,name,email,manager\n1,Ann,a@x,\n2,Bob,b@x,1\n3,Cy,c@x,2\n4,\"";
  for (char const c : hostile_name().substr(0, 60'000))
    if (c != '\0' && c != '"') text += c;
  text += "\",d@x,1\n";
  // A list cannot hold NUL: its place is taken by what that would become.
  text.replace(text.find("<script>"), 8, "<script>\\x00");
  for (auto const& promise : broken_promises(bench(text, 0))) FAIL_CHECK(promise);
}

TEST_CASE("people: a list that changes in the middle of a run refuses the cursor") {
  std::string text = "id,name\n1,a\n2,b\n3,c\n";
  auto const feed = [&]() -> Result<Reading> { return read_csv_people(text, "people.csv", {}); };
  auto const cursor = make_people("hr", feed, 2)->enumerate("")->next;
  CHECK(make_people("hr", feed, 2)->enumerate(cursor)->observations.size() == 1);
  text = "id,name\n2,b\n3,c\n4,d\n";
  CHECK(make_people("hr", feed, 2)->enumerate(cursor).error().code() == Errc::invalid);
  for (char const* bad : {"x", "1:2:3", "1:", ":"})
    CHECK(make_people("hr", feed, 2)->enumerate(bad).error().code() == Errc::invalid);
}

TEST_CASE("people: what is missing or makes no sense in the settings is said") {
  struct Case {
    std::vector<std::pair<std::string, std::string>> given;
    char const* says;
  };
  auto const kind = people_kind();
  for (auto const& c : std::initializer_list<Case>{
           {{}, "needs either file or ldap_url"},
           {{{"file", "people.xls"}}, "one of: csv, scim, ldif"},
           {{{"file", "p.csv"}, {"columns", "email"}}, "not like email=Work mail"},
           {{{"file", "p.csv"}, {"leavers", "left"}}, "leavers: not a distinguished name"}}) {
    auto const settings = Settings::resolve(
        kind.info, c.given, [](auto const&) { return std::optional<std::string>(); });
    REQUIRE(settings.has_value());
    auto const made = kind.make("hr", *settings, {});
    REQUIRE(!made);
    CAPTURE(made.error().to_string());
    CHECK(made.error().to_string().contains(c.says));
  }
}

}  // namespace
}  // namespace reeve::people
