#include "scan/name.hpp"

#include <doctest/doctest.h>

#include "base/text.hpp"

namespace reeve::scan {

TEST_CASE("name: words of every spelling") {
  CHECK(join(words("dbPassword"), " ") == "db password");
  CHECK(join(words("DB_PASSWORD"), " ") == "db password");
  CHECK(join(words("X-Api-Key"), " ") == "x api key");
  CHECK(join(words("spring.datasource.hikari.password"), " ") ==
        "spring datasource hikari password");
  CHECK(join(words("APIKey2"), " ") == "api key2");
  CHECK(join(words("--=\xff"), " ").empty());
}

TEST_CASE("name: the head of the compound decides") {
  using enum Promise;
  struct Case {
    std::string_view name;
    Promise want;
    std::string_view kind = {};
  };
  for (auto const& c : std::initializer_list<Case>{
           {"PASSWORD", password, "password"},
           {"DB_PASSWORD", password, "password"},
           {"PGPASSWORD", password, "password"},
           {"MYSQL_PWD", password, "password"},
           {"PWD", harmless},
           {"OLDPWD", harmless},
           {"keystorePassword1", password, "password"},
           {"DB_PASSWORD_FILE", harmless},
           {"PASSWORD_MIN_LENGTH", harmless},
           {"passwordHash", harmless},
           {"GITHUB_TOKEN", secret, "token"},
           {"_authToken", secret, "token"},
           {"TOKEN_URL", harmless},
           {"MAX_TOKENS", nothing},
           {"TOKENIZERS_PARALLELISM", nothing},
           {"OPENAI_API_KEY", secret, "api_key"},
           {"apikey", secret, "api_key"},
           {"X-Api-Key", secret, "api_key"},
           {"API_KEY_ID", harmless},
           {"AWS_SECRET_ACCESS_KEY", perhaps, "key"},
           {"CLIENT_SECRET", secret, "client_secret"},
           {"clientSecret", secret, "client_secret"},
           {"SECRET_KEY_BASE", perhaps, "key"},
           {"SECRET_NAME", harmless},
           {"client-key-data", perhaps, "key"},
           {"PUBLIC_KEY", harmless},
           {"KEY", perhaps, "key"},
           {"COMPASS", nothing},
           {"PATH", harmless},
           {"Authorization", secret, "secret"},
           {"--token", secret, "token"},
           {"GOOGLE_APPLICATION_CREDENTIALS", secret, "secret"},
           {"", nothing},
       }) {
    CAPTURE(c.name);
    CHECK(judge_name(c.name).promise == c.want);
    CHECK(judge_name(c.name).kind == c.kind);
  }
}

}  // namespace reeve::scan
