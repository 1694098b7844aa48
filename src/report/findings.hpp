// Findings in the forms that other tools read. Pure: rows as the API gives them in, a document out.
//
// SARIF 2.1.0 (OASIS, https://docs.oasis-open.org/sarif/sarif/v2.1.0/) is for code scanning: a
// result has a rule, a level, a place. Our places are objects of sources, so they are logical
// locations; a fingerprint of rule and subject keeps a result the same over runs.
//
// OCSF 1.4.0 (https://schema.ocsf.io/1.4.0/): class 2003 Compliance Finding, since a rule of
// posture is a check that a resource does not pass. (Class 2008 IAM Analysis Finding came with 1.5
// and is about access of one user; a certificate or a file is none.)
#pragma once

#include <string_view>

#include "base/json.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace reeve::report {

/// `findings` are rows of /v1/findings, `rules` of /v1/rules/{id} (why, remedy); a finding whose
/// rule is not there keeps its own title. Accepted findings are suppressed, resolved ones absent.
Json sarif(Json::Array const& findings, Json::Array const& rules, std::string_view version);

/// One event for each finding, resolved ones too. Errors: corrupt (a time that is none).
Result<Json::Array> ocsf(Json::Array const& findings, Json::Array const& rules,
                         std::string_view version, Instant now);

}  // namespace reeve::report
