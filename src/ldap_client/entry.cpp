#include "ldap_client/entry.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace reeve::ldap {

std::vector<std::string> const& Entry::all(std::string_view type) const {
  static std::vector<std::string> const none;
  auto const found = std::ranges::find(attributes, type,
                                       [](auto const& a) -> std::string_view { return a.first; });
  return found == attributes.end() ? none : found->second;
}

std::string_view Entry::first(std::string_view type) const {
  auto const& values = all(type);
  return values.empty() ? std::string_view() : std::string_view(values.front());
}

bool Entry::is(std::string_view object_class) const {
  auto const wanted = lower(object_class);
  return std::ranges::any_of(all("objectclass"),
                             [&](auto const& value) { return lower(value) == wanted; });
}

void Entry::add(std::string type, std::string value) {
  type = lower(std::string_view(type).substr(0, type.find(';')));
  auto const found = std::ranges::find(attributes, type, [](auto const& a) { return a.first; });
  if (found != attributes.end())
    found->second.push_back(std::move(value));
  else
    attributes.emplace_back(std::move(type), std::vector<std::string>())
        .second.push_back(std::move(value));
}

}  // namespace reeve::ldap
