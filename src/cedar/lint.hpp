// Text in policies that is not what it looks like (RFC-like advice of Unicode TR 36 and TR 39; the
// attack is CVE-2021-42574): characters that turn the order of what is shown, invisible ones, words
// that mix scripts, words of another script made of Latin look-alikes. Warnings, since all of it is
// legal.
//
// Looked at: every string, pattern, entity id and attribute of policies and links, and, given the
// source text, its comments for bidi characters. Identifiers are ASCII by the grammar. Scripts are
// told by code point ranges and look-alikes by a short list of Greek and Cyrillic letters: without
// the tables of TR 39 (data of ICU) rarer scripts count as none, and look-alikes within one script,
// such as l and 1, are not seen.
#pragma once

#include <string_view>
#include <vector>

#include "cedar/validate.hpp"

namespace reeve::cedar {

/// Codes: "bidi", "invisible", "mixed_script", "confusable"; one of each a policy at most.
std::vector<Finding> lint(PolicySet const& policies);
/// Bidi characters anywhere in the text, comments too; `policy` is empty.
std::vector<Finding> lint_source(std::string_view text);

}  // namespace reeve::cedar
