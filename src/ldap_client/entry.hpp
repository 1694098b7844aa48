#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reeve::ldap {

/// An entry as it was read. Values are bytes: whoever shows them cleans them.
struct Entry {
  std::string dn;  ///< As the server spells it.
  /// Types in lower case, options ("cn;lang-de") cut off; a type comes once.
  std::vector<std::pair<std::string, std::vector<std::string>>> attributes;

  /// Empty: it has none, or we may not see it.
  std::vector<std::string> const& all(std::string_view type) const;
  std::string_view first(std::string_view type) const;
  bool is(std::string_view object_class) const;  ///< In whatever case.
  void add(std::string type, std::string value);

  bool operator==(Entry const&) const = default;
};

}  // namespace reeve::ldap
