#include "connectors/people/feed.hpp"

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "ldap_client/ldif.hpp"
#include "ldap_client/person.hpp"
#include "ldap_client/value.hpp"

namespace reeve::people {
namespace {

/// Everybody by everything they may be called.
class Directory {
 public:
  explicit Directory(std::vector<Told> const& told) {
    for (auto const& one : told) add(one.person.native_id, one.person.native_id);
    for (auto const& one : told) {
      if (auto const* email = std::get_if<std::string>(&one.person.email))
        add(*email, one.person.native_id);
      auto const* aliases = std::get_if<std::string>(&one.person.aliases);
      if (!aliases) continue;
      for (auto const alias : split(*aliases, '\n')) add(std::string(alias), one.person.native_id);
    }
  }

  /// Null: nobody, or more than one.
  std::string const* find(std::string const& name) const {
    auto found = ids_.find(name);
    if (found == ids_.end()) found = ids_.find(lower(name));
    return found == ids_.end() || found->second.empty() ? nullptr : &found->second;
  }

 private:
  /// A native id is nobody else's name; any other name that two have is nobody's.
  void add(std::string const& name, std::string const& id) {
    auto const [at, is_new] = ids_.emplace(name, id);
    if (!is_new && at->second != id && at->first != at->second) at->second.clear();
  }

  std::map<std::string, std::string> ids_;
};

void without_twins(Reading& reading) {
  std::map<std::string, std::size_t> first;
  std::vector<Told> kept;
  for (auto& one : reading.told) {
    auto const [at, is_new] = first.emplace(one.person.native_id, kept.size());
    if (is_new) {
      kept.push_back(std::move(one));
      continue;
    }
    auto const& other = kept[at->second];
    if (other.person == one.person && other.manager == one.manager) continue;
    reading.gaps.push_back(
        {.object_class = ObjectClass::person,
         .native_id = one.person.native_id,
         .why = one.evidence + ": the same id as " + other.evidence + " and not the same person"});
  }
  reading.told = std::move(kept);
}

}  // namespace

Result<Reading> read_ldif_people(std::string_view text, std::string const& name,
                                 std::vector<std::string> const& leavers) {
  auto const ldif = TRY_DURING(ldap::parse_ldif(text), "read " + name);
  Reading out;
  for (auto const& entry : ldif.entries) {
    if (!entry.is("person") && !entry.is("inetOrgPerson")) continue;
    Told told{.person = ldap::person_of(entry, leavers), .evidence = name + " " + entry.dn};
    if (auto const dn = ldap::normal_dn(entry.dn)) told.person.native_id = *dn;
    if (auto const* manager = std::get_if<std::string>(&told.person.manager))
      told.manager = ldap::normal_dn(*manager).value_or(*manager);
    out.told.push_back(std::move(told));
  }
  for (auto const& why : ldif.refused)
    out.gaps.push_back({.object_class = ObjectClass::person, .why = name + " " + why});
  return out;
}

Reading settle(Reading reading) {
  without_twins(reading);
  Directory const directory(reading.told);
  for (auto& [person, manager, evidence] : reading.told) {
    if (manager.empty()) continue;
    auto const* id = directory.find(manager);
    if (id && *id != person.native_id) {
      person.manager = *id;
      continue;
    }
    person.manager = NotReported{};
    reading.gaps.push_back({.object_class = ObjectClass::person,
                            .native_id = person.native_id,
                            .why = evidence + ": manager " + shortened(clean_utf8(manager), 64) +
                                   (id ? " is the person itself" : " is nobody in this list")});
  }
  return reading;
}

}  // namespace reeve::people
