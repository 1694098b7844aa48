#include "scan/judge.hpp"

#include <doctest/doctest.h>

#include <string>

#include "scan/command.hpp"

namespace reeve::scan {
namespace {

std::string show(Match const& m) {
  std::string text;
  switch (m.verdict) {
    case Verdict::secret: text = std::string(m.kind) + "=" + std::string(m.value.reveal()); break;
    case Verdict::reference: text = "ref " + m.refers_to; break;
    case Verdict::placeholder: text = "placeholder"; break;
  }
  if (!m.account.empty()) text += " of " + m.account;
  if (!m.target.empty()) text += " at " + m.target;
  return text;
}

std::string judged(std::string_view name, std::string_view value, Place place = Place::anywhere) {
  std::string all;
  for (auto const& m : judge(name, value, place)) all += (all.empty() ? "" : ", ") + show(m);
  return all;
}

std::string const ghp = "ghp_" + std::string(18, 'a') + std::string(18, 'B');

}  // namespace

TEST_CASE("judge: a name and a value give a secret, a reference or nothing") {
  struct Case {
    std::string name, value, want;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"DB_PASSWORD", "hunter2", "password=hunter2"},
           {"DB_PASSWORD", "'hunter2'", "password=hunter2"},
           {"DB_PASSWORD", "", ""},
           {"DB_PASSWORD", "changeme", "placeholder"},
           {"DB_PASSWORD", "${DB_PASSWORD}", "ref ${DB_PASSWORD}"},
           {"DB_PASSWORD_FILE", "/run/secrets/db", ""},
           {"DB_PASSWORD", "$6$salt$hash", ""},
           {"PASSWORD_REQUIRED", "yes", ""},
           {"PASSWORD", "true", ""},
           {"TOKEN", "true", ""},
           {"TOKEN", "3600", ""},
           {"PWD", "/home/app", ""},
           {"HOME", "/root", ""},
           {"GREETING", "hello-world-1234", ""},
           {"X", ghp, "github_pat=" + ghp},
           {"GH_TOKEN", "\"" + ghp + "\"", "github_pat=" + ghp},
           {"Authorization", "Bearer " + ghp, "github_pat=" + ghp},
           {"Authorization", "Bearer ${env:TOKEN}", "ref ${env:TOKEN}"},
           {"Authorization", "Bearer 9f86d081884c7d65", "secret=9f86d081884c7d65"},
           {"Authorization", "Basic YWxpY2U6c3dvcmRmaXNo", "password=swordfish of alice"},
           {"X-Api-Key", "${input:key}", "ref ${input:key}"},
           {"AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzzKEY",
            "aws_access_key=wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzzKEY"},
           {"AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ""},
           {"AWS_ACCESS_KEY_ID", "AKIAQYLPMN5HGDJ2ABCD", ""},
           {"ENCRYPTION_KEY", "9f86d081884c7d659a2feaa0c55ad015",
            "key=9f86d081884c7d659a2feaa0c55ad015"},
           {"SORT_KEY", "created_at", ""},
           {"GOOGLE_APPLICATION_CREDENTIALS", "/etc/gcp/key.json", "ref /etc/gcp/key.json"},
           {"GIT_COMMIT", "9f86d081884c7d659a2feaa0c55ad0159f86d081", ""},
           {"GIT_SHA", "9f86d081884c7d659a2feaa0c55ad0159f86d081", ""},
       }) {
    CAPTURE(c.name);
    CAPTURE(c.value);
    CHECK(judged(c.name, c.value) == c.want);
  }
}

TEST_CASE("judge: addresses and connection strings give user, target and the decoded password") {
  struct Case {
    std::string name, value, want;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"DATABASE_URL", "postgres://app:s3cr%21t@db.test:5432/app?sslmode=require",
            "password=s3cr!t of app at postgres://db.test:5432/app"},
           {"", "postgres://app@db.test/app", ""},
           {"DATABASE_URL", "postgres://app:${PW}@db.test/app",
            "ref ${PW} of app at postgres://db.test/app"},
           {"DATABASE_URL", "postgres://user:password@localhost/db",
            "placeholder of user at postgres://localhost/db"},
           {"", "redis://:hunter2@cache.test", "password=hunter2 at redis://cache.test"},
           {"", "https://x-access-token:" + ghp + "@github.com/a/b.git",
            "github_pat=" + ghp + " of x-access-token at https://github.com"},
           {"", "https://" + ghp + "@github.com/a/b.git",
            "github_pat=" + ghp + " at https://github.com"},
           {"", "https://mcp.test/sse?api_key=k9Fq2LmZ81&x=1",
            "api_key=k9Fq2LmZ81 at https://mcp.test"},
           {"", "https://mcp.test/sse?api_key=${KEY}", "ref ${KEY} at https://mcp.test"},
           {"", "amqp://u:p/w@mq.test/v", "password=p/w of u at amqp://mq.test/v"},
           {"CONN", "Server=db;User Id=app;Password=hunter2;", "password=hunter2"},
           {"CONN", "host=db user=app password=hunter2", "password=hunter2"},
           {"CONN",
            "DefaultEndpointsProtocol=https;AccountName=a;AccountKey="
            "Zm9vYmFyYmF6cXV4MDEyMzQ1Njc4OWFiY2RlZg==;EndpointSuffix=core.windows.net",
            "key=Zm9vYmFyYmF6cXV4MDEyMzQ1Njc4OWFiY2RlZg=="},
           {"URL", "https://docs.test/?page=2", ""},
       }) {
    CAPTURE(c.value);
    CHECK(judged(c.name, c.value) == c.want);
  }
}

TEST_CASE("judge: in a store of credentials any value is one that is no placeholder") {
  CHECK(judged("x", "letmein", Place::value) == "secret=letmein");
  CHECK(judged("password", "password", Place::value) == "password=password");
  CHECK(judged("password", "<password>", Place::value) == "placeholder");
  CHECK(judged("user", "alice", Place::settings).empty());
  CHECK(judged("key", "0f0f0f0f", Place::settings) == "key=0f0f0f0f");
  CHECK(judged("key", "0f0f0f0f", Place::anywhere).empty());
}

TEST_CASE("judge: a private key is one secret, its line breaks restored") {
  std::string const pem = "-----BEGIN PRIVATE KEY-----\\nMIIB\\n-----END PRIVATE KEY-----\\n";
  CHECK(judged("KEY", pem) ==
        "private_key=-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n");
}

TEST_CASE("judge: what is redacted holds no secret, and the rest of the text") {
  std::string const text = "a " + ghp + " postgres://u:hunter2@h/d z";
  CHECK(redacted(text, judge("", text)) == "a ‹github_pat› postgres://u:‹password›@h/d z");
}

TEST_CASE("judge: nested and hostile values end") {
  std::string nested(10000, ';');
  for (int i = 0; i < 1000; ++i) nested += "a=b=c;://://@:@";
  judge("password", nested);
  judge(std::string(1u << 20, 'A'), std::string(2u << 20, '='));
  CHECK(judged("password", std::string("\xff\x00\xfe", 3)) != "");
}

}  // namespace reeve::scan
