#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "model/observation.hpp"

namespace reeve::people {

/// A person as a feed tells, before managers are looked up.
struct Told {
  Person person;
  std::string manager;   ///< An id, an e-mail address or a login of somebody in the feed.
  std::string evidence;  ///< "people.csv line 12".
};

/// All that one look at a feed gave.
struct Reading {
  std::vector<Told> told;
  std::vector<Gap> gaps;
  std::string warning;  ///< Why it is not everybody, if the feed says so itself; or empty.
};

/// Looks at a feed, from the beginning each time.
using Feed = std::function<Result<Reading>()>;

/// Names of columns: {"email", "Work mail"}.
using Columns = std::vector<std::pair<std::string, std::string>>;

/// `name` is how the feed is called in evidence. Errors: invalid (not the format, no usable
/// columns).
Result<Reading> read_csv_people(std::string_view text, std::string const& name,
                                Columns const& columns);
Result<Reading> read_scim_people(std::string_view text, std::string const& name);
Result<Reading> read_ldif_people(std::string_view text, std::string const& name,
                                 std::vector<std::string> const& leavers);

/// One observation for each person: a second one of the same id is a gap unless it says the same;
/// a manager becomes the native id of the person that is meant, or a gap.
Reading settle(Reading reading);

}  // namespace reeve::people
