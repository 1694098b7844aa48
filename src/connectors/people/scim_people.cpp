// People from SCIM 2.0 (RFC 7643, 7644): what a provider answers to GET /Users, saved to a file: a
// ListResponse, a list of users, or one. The manager stands in the enterprise extension. A
// ListResponse that says totalResults larger than what it holds is one page of several.

#include <algorithm>

#include "base/json.hpp"
#include "base/text.hpp"
#include "connectors/people/feed.hpp"

namespace reeve::people {
namespace {

constexpr std::string_view enterprise =
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// The primary one, else the first that is a text.
std::string email_of(Json const& user) {
  auto const* emails = user.find("emails");
  auto const* list = emails ? emails->array() : nullptr;
  std::string out;
  if (!list) return out;
  for (auto const& email : *list) {
    auto const* primary = email.find("primary");
    bool const is_primary = primary && primary->boolean() && *primary->boolean();
    auto value = email.text() ? *email.text() : email.text_at("value");
    if (!value.empty() && (out.empty() || is_primary)) out = std::move(value);
  }
  return lower(out);
}

std::string name_of(Json const& user) {
  if (auto shown = user.text_at("displayName"); !shown.empty()) return shown;
  auto const* name = user.find("name");
  if (!name) return user.text_at("userName");
  if (auto whole = name->text_at("formatted"); !whole.empty()) return whole;
  auto const parts = name->text_at("givenName") + " " + name->text_at("familyName");
  auto const both = trim(parts);
  return both.empty() ? user.text_at("userName") : std::string(both);
}

std::string manager_of(Json const& user) {
  auto const* extension = user.find(enterprise);
  auto const* manager = extension ? extension->find("manager") : nullptr;
  if (!manager) return "";
  return manager->text() ? *manager->text() : manager->text_at("value");
}

bool is_group(Json const& resource) {
  auto const* meta = resource.find("meta");
  if (meta && meta->text_at("resourceType") == "Group") return true;
  auto const* schemas = resource.find("schemas");
  auto const* list = schemas ? schemas->array() : nullptr;
  return list && std::ranges::any_of(*list, [](Json const& schema) {
           return schema.text() && schema.text()->ends_with(":core:2.0:Group");
         });
}

/// Why `user` is no user; empty: it is one.
std::string broken(Json const& user) {
  if (!user.object()) return "not an object";
  for (char const* key : {"id", "userName", "displayName"})
    if (auto const* value = user.find(key); value && !value->text() && !value->is_null())
      return std::string(key) + " is not a text";
  if (auto const* active = user.find("active"); active && !active->boolean() && !active->is_null())
    return "active is neither true nor false";
  if (user.text_at("id").empty() && user.text_at("userName").empty())
    return "neither id nor userName";
  return "";
}

Told told_of(Json const& user, std::string evidence) {
  Told out{.manager = manager_of(user), .evidence = std::move(evidence)};
  auto& person = out.person;
  person.native_id = user.text_at("id");
  auto const login = user.text_at("userName");
  if (person.native_id.empty()) person.native_id = login;
  person.name = name_of(user);
  if (person.name.empty()) person.name = person.native_id;
  if (auto email = email_of(user); !email.empty()) person.email = std::move(email);
  if (!login.empty()) person.aliases = login;
  if (auto const* active = user.find("active"); active && active->boolean())
    person.active = *active->boolean();
  return out;
}

}  // namespace

Result<Reading> read_scim_people(std::string_view text, std::string const& name) {
  auto const json = TRY_DURING(parse_json(text, {.bytes_max = 256u << 20}), "read " + name);
  auto const* resources = json.object() ? json.find("Resources") : nullptr;
  auto const* list = resources ? resources->array() : json.array();
  Json::Array const one{json};
  if (!list && json.object() && !json.text_at("userName").empty()) list = &one;
  if (!list)
    return fail(Errc::invalid,
                "read " + name + ": neither a SCIM ListResponse nor a list of users");
  Reading out;
  for (std::size_t at = 0; at < list->size(); ++at) {
    auto const& user = (*list)[at];
    auto const where = name + " user " + std::to_string(at + 1);
    if (is_group(user)) continue;
    if (auto why = broken(user); !why.empty())
      out.gaps.push_back({.object_class = ObjectClass::person, .why = where + ": " + why});
    else
      out.told.push_back(told_of(user, where));
  }
  auto const* total = json.object() ? json.find("totalResults") : nullptr;
  if (total && total->integer() && *total->integer() > std::int64_t(list->size()))
    out.warning = name + " holds " + std::to_string(list->size()) + " of " +
                  std::to_string(*total->integer()) + " users";
  return out;
}

}  // namespace reeve::people
