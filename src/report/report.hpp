// The estate as one HTML page that needs nothing else: no script, no font, no picture from
// elsewhere. It may be mailed, archived and printed, and opened on a machine without a network.
//
// Names in it come from sources, some of them hostile. Each is escaped, made visible (printable)
// and the page forbids itself everything but its own style sheet, whose hash it names (CSP level 3,
// https://www.w3.org/TR/CSP3/), so even a mistake in escaping runs nothing.
#pragma once

#include <string>

#include "base/result.hpp"
#include "base/time.hpp"

namespace reeve::sql {
class Database;
}

namespace reeve::report {

/// The page, UTF-8. Errors: those of the database.
Result<std::string> html(sql::Database& inventory, Instant now);

}  // namespace reeve::report
