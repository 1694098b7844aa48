// Whether a setting holds a secret: its name, its value and the marked tokens in it, together.
//
// The answer never is the value in the clear: it is a `Secret`, brought to one canonical form, so
// that a token has one fingerprint wherever it was met: in quotes, behind "Bearer ", in base64 of
// a Basic header, percent-encoded in a URL. Pure functions, no input or output.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.hpp"

namespace reeve::scan {

enum class Verdict : std::uint8_t {
  secret,       ///< The value itself stands there.
  reference,    ///< A secret is meant, and only the place where it lies is named: the good form.
  placeholder,  ///< A secret is meant and none is there: "changeme", "<token>".
};

/// One secret, or the place of one.
struct Match {
  Verdict verdict{};
  std::string_view kind;         ///< "github_pat", "password", "private_key"; lives for ever.
  std::string_view reason;       ///< Why: "marked token", "name", "variable"; lives for ever.
  std::string name;              ///< "DB_PASSWORD", "--token", "url userinfo"; no secret in it.
  std::size_t at = 0, size = 0;  ///< The bytes of the given text to hide.
  std::string account;           ///< Whom it authenticates, where told: the user of a URL.
  std::string target;            ///< What it opens, where told: "postgresql://db.example:5432/app".
  std::string refers_to;         ///< reference: the text of it, "${env:TOKEN}".
  Secret value;                  ///< secret: the canonical value; else empty.
};

/// What is known about the place where a value stands.
enum class Place : std::uint8_t {
  anywhere,  ///< Settings of all sorts: names promise, words of the documentation excuse.
  settings,  ///< A file of credentials (.aws/credentials): a name that may mean a secret does, and
             ///< "EXAMPLE" in the value is no excuse.
  value,     ///< A field that is a secret by its position (.pgpass): whatever its name.
};

/// What `name = value` gives; empty: no secret is meant. Several when the value is an address or a
/// connection string. `name` may be empty: only what the value itself tells counts then.
std::vector<Match> judge(std::string_view name, std::string_view value,
                         Place place = Place::anywhere);

/// `text` with the secrets of `matches` (of this text) replaced by "‹kind›".
std::string redacted(std::string_view text, std::span<Match const> matches);

/// Bytes of base64 (RFC 4648 §4 or §5, padding optional); empty when it is none.
std::string base64_decoded(std::string_view text);

}  // namespace reeve::scan
