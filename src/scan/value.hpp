// What a value is, whatever it is called: a reference to a secret kept elsewhere, a placeholder
// that somebody was meant to replace, a hash, or text that could be a secret.
//
// Most of what looks like `password = …` in real files is one of the first three. Each rejection
// has a name, so that a user who misses a finding can be told why there is none.
#pragma once

#include <cstdint>
#include <string_view>

namespace reeve::scan {

enum class Look : std::uint8_t {
  empty,
  reference,    ///< "${env:TOKEN}", "op://vault/item", "/run/secrets/db": the good form.
  placeholder,  ///< "changeme", "<token>", "xxxx".
  hash,         ///< "$6$…", "{SSHA}…", "sha256:…": proves a secret, is none.
  encrypted,    ///< "ENC[…]", "$ANSIBLE_VAULT": needs another secret to open.
  plain,        ///< true, 42, an address, a sentence, a path of letters: ordinary.
  opaque,       ///< One word that could be a secret.
};

struct Value {
  Look look = Look::empty;
  std::string_view reason;  ///< "variable", "repeated character", …; lives for ever.
};

/// `text` without blanks and quotes around it. `in_store`: the text stands where only credentials
/// stand (.pgpass, .aws/credentials), so that words of the documentation ("EXAMPLE") are no reason
/// to doubt it.
Value judge_value(std::string_view text, bool in_store = false);

/// True when characters and their order speak for a random origin: three classes of characters or
/// many different ones, no words.
bool looks_random(std::string_view text);

/// Shannon entropy of the bytes, in bits per byte; 0 for an empty text.
double entropy(std::string_view text);

/// Without blanks and one pair of equal quotes around it.
std::string_view unquoted(std::string_view text);

}  // namespace reeve::scan
