#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace reeve::sql {
class Database;
}

namespace reeve::posture {

/// Finds the person that a text speaks of, by mail address, login in another system, or name. One
/// person known to several sources is the entry of the lowest id.
class People {
 public:
  static Result<People> load(sql::Database& inventory);

  /// `word` as a whole is a login, mail address or full name of somebody. 0: nobody, or two.
  std::int64_t by_word(std::string_view word) const;
  /// The one of whom a mail address, login or full name stands in `text`. 0: nobody, or several.
  std::int64_t in_text(std::string_view text) const;
  /// Number of a person by source and native id; 0: unknown.
  std::int64_t by_native(std::string const& source, std::string const& native_id) const;
  std::string name(std::int64_t person) const;
  std::size_t size() const { return names_.size(); }

 private:
  void add(std::string_view word, std::int64_t person);

  std::map<std::string, std::int64_t, std::less<>> words_;  ///< 0: two people have that word.
  std::map<std::pair<std::string, std::string>, std::int64_t> natives_;
  std::map<std::int64_t, std::string> names_;
};

}  // namespace reeve::posture
