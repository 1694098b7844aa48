#include "connectors/ldap/ldap.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/text.hpp"
#include "connect/conformance.hpp"
#include "connectors/ldap/client_fake.hpp"

namespace reeve::connect {
namespace {

using Attributes = std::initializer_list<std::pair<char const*, std::string>>;
using Texts = std::vector<std::string>;

ldap::Entry entry(std::string dn, Attributes attributes) {
  ldap::Entry out{.dn = std::move(dn)};
  for (auto const& [type, value] : attributes) out.add(type, value);
  return out;
}

/// A service, a person, two groups, one inside the other, and the scan account.
ldap::FakeDirectory directory() {
  ldap::FakeDirectory out;
  out.entries = {
      entry("", {{"namingContexts", "dc=x"}, {"supportedControl", "1.3.6.1.4.1.42.2.27.8.5.1"}}),
      entry("uid=scan,ou=services,dc=x", {{"objectClass", "account"},
                                          {"objectClass", "simpleSecurityObject"},
                                          {"uid", "scan"},
                                          {"entryUUID", "u-scan"},
                                          {"createTimestamp", "20260101000000Z"},
                                          {"userPassword", "canary-0"},
                                          {"pwdLastSuccess", "20260601000000Z"},
                                          {"pwdChangedTime", "20260101000000Z"}}),
      entry("uid=ann,ou=people,dc=x", {{"objectClass", "inetOrgPerson"},
                                       {"objectClass", "person"},
                                       {"uid", "ann"},
                                       {"cn", "Ann"},
                                       {"mail", "ann@x"},
                                       {"entryUUID", "u-ann"},
                                       {"createTimestamp", "20250101000000Z"},
                                       {"pwdChangedTime", "20260301100000Z"},
                                       {"userPassword", "canary-1"}}),
      entry("uid=bob,ou=left,dc=x", {{"objectClass", "person"},
                                     {"cn", "Bob"},
                                     {"entryUUID", "u-bob"},
                                     {"manager", "uid=ANN, ou=people,dc=x"},
                                     {"createTimestamp", "20250101000000Z"},
                                     {"pwdAccountLockedTime", "000001010000Z"}}),
      entry("uid=svc-billing,ou=Services,dc=x", {{"objectClass", "account"},
                                                 {"objectClass", "simpleSecurityObject"},
                                                 {"uid", "svc-billing"},
                                                 {"description", "owner=ann@x"},
                                                 {"entryUUID", "u-svc"},
                                                 {"createTimestamp", "20250601000000Z"},
                                                 {"pwdChangedTime", "20260101000000Z"},
                                                 {"pwdLastSuccess", "20260715123456Z"},
                                                 {"pwdPolicySubentry", "cn=services,dc=x"},
                                                 {"userPassword", "canary-2"}}),
      entry("uid=odd,ou=services,dc=x", {{"objectClass", "account"},
                                         {"uid", hostile_name()},
                                         {"entryUUID", "u-odd"},
                                         {"createTimestamp", "20250601000000Z"}}),
      entry("cn=services,dc=x", {{"objectClass", "pwdPolicy"}, {"pwdMaxAge", "7776000"}}),
      entry("cn=admins,dc=x", {{"objectClass", "groupOfNames"},
                               {"cn", "admins"},
                               {"entryUUID", "g-1"},
                               {"member", "cn=ops,dc=x"},
                               {"member", "uid=svc-billing,ou=services,dc=x"},
                               {"member", "uid=gone,dc=x"}}),
      entry("cn=ops,dc=x", {{"objectClass", "groupOfNames"},
                            {"cn", "ops"},
                            {"entryUUID", "g-2"},
                            {"member", "uid=ann,ou=people,dc=x"}}),
      entry("cn=shell,dc=x", {{"objectClass", "posixGroup"},
                              {"cn", "shell"},
                              {"entryUUID", "g-3"},
                              {"memberUid", "nobody*"}})};
  return out;
}

std::unique_ptr<Connector> connector(ldap::FakeDirectory const& directory, int page_size = 100,
                                     Fault fault = Fault::none) {
  return make_ldap("corp", std::make_unique<ldap::FakeClient>(directory, fault),
                   {.branches = {.leavers = {"ou=left,dc=x"}}, .page_size = page_size});
}

struct Found {
  std::vector<Observation> all;
  std::vector<Gap> gaps;

  template <class T>
  T get(std::string const& id) const {
    for (auto const& seen : all)
      if (auto const* object = std::get_if<T>(&seen.object); object && object->native_id == id)
        return *object;
    FAIL("nothing is called " << id);
    return {};
  }
};

Found run(Connector& connector) {
  Found out;
  std::string cursor;
  do {
    auto const page = connector.enumerate(cursor);
    REQUIRE_MESSAGE(page, (page ? "" : page.error().to_string()));
    out.all.insert(out.all.end(), page->observations.begin(), page->observations.end());
    out.gaps.insert(out.gaps.end(), page->gaps.begin(), page->gaps.end());
    cursor = page->next;
  } while (!cursor.empty());
  return out;
}

TEST_CASE("ldap: a service account with its password, its policy and its last bind") {
  auto const tree = directory();
  auto const found = run(*connector(tree, 2));
  auto const svc = found.get<Identity>("u-svc");
  CHECK(svc.kind == "service_account");
  CHECK(svc.declared_person == Known<bool>(false));
  CHECK(svc.enabled == Known<bool>(true));
  CHECK(svc.note == Known<std::string>("owner=ann@x"));
  CHECK(svc.last_used == Known<Instant>(*parse_rfc3339("2026-07-15T12:34:56Z")));
  auto const password = found.get<Credential>("password:u-svc");
  CHECK(password.identity == "u-svc");
  CHECK(password.last_rotated == Known<Instant>(*parse_rfc3339("2026-01-01T00:00:00Z")));
  CHECK(password.expires == Known<Instant>(*parse_rfc3339("2026-04-01T00:00:00Z")));
  CHECK(password.fingerprint == Known<std::string>(NotReported{}));
  CHECK(found.get<Usage>("bind:2026-07-15T12:00:00Z:u-svc").last ==
        *parse_rfc3339("2026-07-15T12:34:56Z"));
}

TEST_CASE("ldap: people are persons and accounts, with manager, and leavers by branch") {
  auto const tree = directory();
  auto const found = run(*connector(tree));
  CHECK(found.get<Identity>("u-ann").kind == "person");
  CHECK(found.get<Person>("u-ann").email == Known<std::string>("ann@x"));
  CHECK(found.get<Person>("u-bob").manager == Known<std::string>("u-ann"));
  CHECK(found.get<Person>("u-bob").active == Known<bool>(false));
  CHECK(found.get<Identity>("u-bob").enabled == Known<bool>(false));
  CHECK(found.get<Credential>("password:u-ann").expires == Known<Instant>(NotReported{}));
}

TEST_CASE("ldap: groups in groups, and members that are nobody") {
  auto const tree = directory();
  auto const found = run(*connector(tree, 1));
  Texts grants;
  for (auto const& seen : found.all)
    if (auto const* g = std::get_if<Grant>(&seen.object))
      grants.push_back(g->identity + "|" + g->unknown_holder + "|" + g->resource);
  CHECK(grants == Texts{"g-2||group:cn=admins,dc=x", "u-svc||group:cn=admins,dc=x",
                        "|uid=gone,dc=x|group:cn=admins,dc=x", "u-ann||group:cn=ops,dc=x",
                        "|uid=nobody*|group:cn=shell,dc=x"});
  CHECK(found.get<Resource>("group:cn=admins,dc=x").sensitivity == Known<std::string>("high"));
  CHECK(found.get<Identity>("g-2").kind == "group");
}

TEST_CASE("ldap: what kind of account it is, by class and by branch") {
  struct Case {
    char const* name;
    ldap::Entry entry;
    Known<bool> want;
  };
  ldap::Branches const branches{.services = {"ou=machines2,dc=x"}, .people = {"ou=staff,dc=x"}};
  for (auto const& c : std::initializer_list<Case>{
           {"a person", entry("uid=a,dc=x", {{"objectClass", "inetOrgPerson"}}), true},
           {"a person among services", entry("uid=a,ou=Services,dc=x", {{"objectClass", "person"}}),
            false},
           {"a person in a service branch",
            entry("uid=a,ou=machines2,dc=x", {{"objectClass", "person"}}), false},
           {"an account", entry("uid=a,dc=x", {{"objectClass", "account"}}), false},
           {"an account among staff", entry("uid=a,ou=staff,dc=x", {{"objectClass", "account"}}),
            true},
           {"a posix account",
            entry("uid=a,dc=x", {{"objectClass", "account"}, {"objectClass", "posixAccount"}}),
            NotReported{}},
           {"only posix", entry("uid=a,dc=x", {{"objectClass", "posixAccount"}}), NotReported{}}}) {
    CAPTURE(c.name);
    CHECK(ldap::declared_person(c.entry, branches) == c.want);
  }
}

TEST_CASE("ldap: a password is there only when something shows it") {
  auto const bare = entry("uid=a,dc=x", {{"objectClass", "account"}, {"entryUUID", "1"}});
  CHECK(!ldap::password(bare, /*present=*/false, nullptr));
  CHECK(ldap::password(bare, /*present=*/true, nullptr).has_value());
  auto const never = ldap::policy_of(entry("cn=p", {{"objectClass", "pwdPolicy"}}));
  CHECK(std::get<Credential>(ldap::password(bare, true, &never)->object).expires ==
        Known<Instant>(None{}));
  auto const odd =
      ldap::policy_of(entry("cn=p", {{"objectClass", "pwdPolicy"}, {"pwdMaxAge", "-1"}}));
  CHECK(std::get<Credential>(ldap::password(bare, true, &odd)->object).expires ==
        Known<Instant>(NotReported{}));
}

TEST_CASE("ldap: a size limit and a directory that changed are seen") {
  auto limited = directory();
  limited.limit = 2;
  auto const gaps = run(*connector(limited)).gaps;
  CHECK(std::ranges::any_of(gaps, [](Gap const& gap) {
    return gap.object_class == ObjectClass::identity && gap.why.contains("size limit") &&
           gap.fix.contains("olcLimits: dn.exact=\"uid=scan,ou=services,dc=x\"");
  }));
  auto changing = directory();
  auto const cursor = connector(changing, 2)->enumerate("")->next;
  CHECK(connector(changing, 2)->enumerate(cursor).has_value());
  changing.entries.erase(changing.entries.begin() + 1);
  CHECK(connector(changing, 2)->enumerate(cursor).error().code() == Errc::invalid);
  for (char const* bad :
       {"accounts", "people:", "accounts:1", "accounts:x.y", "accounts:0.1", "members:-1.2"}) {
    CAPTURE(bad);
    CHECK(connector(changing, 2)->enumerate(bad).error().code() == Errc::invalid);
  }
}

TEST_CASE("ldap: keeps the promises of a connector") {
  auto const whole = directory();
  auto robbed = whole;
  auto const rob = [&](std::string_view without) {
    robbed.hidden.clear();
    robbed.untestable.clear();
    robbed.closed = without == "read access to accounts and groups";
    if (without == "read access to member") robbed.hidden = {"member", "memberuid"};
    if (without == "search access to userPassword") robbed.untestable = {"userpassword"};
    if (without == "read access to pwdChangedTime") robbed.hidden = {"pwdchangedtime"};
    if (without == "read access to pwdLastSuccess")
      robbed.hidden = {"pwdlastsuccess", "authtimestamp"};
  };
  Bench const bench{.connect =
                        [&](std::string_view without) {
                          rob(without);
                          return connector(robbed, 2);
                        },
                    .identities = 8,
                    .canaries = {"canary-0", "canary-1", "canary-2"},
                    .faulty = [&](Fault fault) { return connector(whole, 2, fault); }};
  for (auto const& promise : broken_promises(bench)) FAIL_CHECK(promise);
}

}  // namespace
}  // namespace reeve::connect
