// What the name of a setting promises about its value.
//
// DB_PASSWORD holds a secret, DB_PASSWORD_FILE says where one lies, PASSWORD_MIN_LENGTH has
// nothing to do with one. Names come as snake_case, camelCase, kebab-case and dotted paths; they
// are cut into words, and the last words decide: English puts the head of a compound last.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::scan {

enum class Promise : std::uint8_t {
  nothing,   ///< The name tells nothing: only a marked token in the value counts.
  harmless,  ///< The name says that the value is no secret: an id, a path, a hash.
  perhaps,   ///< "SESSION_KEY", "auth": a secret if the value looks random.
  secret,    ///< "token", "api_key", "client_secret".
  password,  ///< Chosen by people, so the value need not look random.
};

struct Name {
  Promise promise = Promise::nothing;
  std::string_view kind;  ///< "password", "token", "api_key", …; lives for ever; empty: no secret.
};

Name judge_name(std::string_view name);

/// Lower-case words: "dbPassword", "DB_PASSWORD", "db.password" are {"db", "password"}.
std::vector<std::string> words(std::string_view name);

}  // namespace reeve::scan
