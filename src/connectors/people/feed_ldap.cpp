#include "connectors/people/feed_ldap.hpp"

#include <map>

#include "ldap_client/person.hpp"
#include "ldap_client/value.hpp"

namespace reeve::people {
namespace {

constexpr int page_size = 500;
constexpr std::size_t persons_max = 2'000'000;

}  // namespace

Result<Reading> read_directory_people(ldap::Client& client, std::string const& base,
                                      std::vector<std::string> const& leavers) {
  Reading out;
  std::map<std::string, std::string> ids;  // a manager is named by DN, a person by entryUUID
  ldap::Search const search{
      .base = base, .filter = "(objectClass=person)", .attributes = ldap::person_attributes()};
  auto page = TRY(client.first_page(search, page_size));
  for (;;) {
    for (auto const& entry : page.entries) {
      Told told{.person = ldap::person_of(entry, leavers), .evidence = entry.dn};
      if (auto const dn = ldap::normal_dn(entry.dn)) ids[*dn] = told.person.native_id;
      out.told.push_back(std::move(told));
    }
    for (auto const& url : page.referrals)
      out.gaps.push_back({.object_class = ObjectClass::person,
                          .native_id = url,
                          .why = "a referral that is not followed: " + url});
    if (page.cut) out.warning = "the directory's size limit cut the list short";
    if (!page.more || out.told.size() >= persons_max) break;
    page = TRY(client.next_page());
  }
  for (auto& [person, manager, evidence] : out.told) {
    auto const* dn = std::get_if<std::string>(&person.manager);
    if (!dn) continue;
    auto const found = ids.find(ldap::normal_dn(*dn).value_or(*dn));
    manager = found == ids.end() ? *dn : found->second;
  }
  return out;
}

}  // namespace reeve::people
