// Tokens that tell by their own shape what they are: "ghp_…" is GitHub's whoever wrote it down.
//
// Providers began to mark their tokens in 2021, so that scanners find them without guessing. A
// marked token needs no telling key name beside it, and is looked for in any text: a command line,
// a URL, a header. The table in token.cpp holds prefix, alphabet and length for each kind, taken
// from the providers' documentation and from the public rule sets; no regular expression is used,
// so that time is linear in hostile text.
#pragma once

#include <cstddef>
#include <optional>

#include <string_view>
#include <vector>

namespace reeve::scan {

/// A marked token in a text.
struct Token {
  std::string_view kind;   ///< "github_pat"; lives for ever.
  std::size_t at = 0;      ///< First byte in the text.
  std::size_t size = 0;    ///< Bytes.
  bool is_public = false;  ///< An identifier that may be shown ("AKIA…"), not a secret.
};

/// The token that begins at `at`; empty when none does.
std::optional<Token> token_at(std::string_view text, std::size_t at);

/// All of them from left to right, without overlaps.
std::vector<Token> tokens(std::string_view text);

}  // namespace reeve::scan
