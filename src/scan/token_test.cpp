#include "scan/token.hpp"

#include <doctest/doctest.h>

#include <string>

namespace reeve::scan {
namespace {

std::string found(std::string_view text) {
  std::string all;
  for (auto const& token : tokens(text))
    all += (all.empty() ? "" : " ") + std::string(token.kind) + "@" + std::to_string(token.at) +
           "+" + std::to_string(token.size) + (token.is_public ? " public" : "");
  return all;
}

}  // namespace

TEST_CASE("token: each provider's mark, and what only begins like it") {
  auto const a = [](std::size_t n) { return std::string(n, 'A'); };
  struct Case {
    std::string text, want;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"", ""},
           {"ghp_" + a(36), "github_pat@0+40"},
           {"x ghp_" + a(36) + ".", "github_pat@2+40"},
           {"xghp_" + a(36), ""},  // inside a word
           {"ghp_" + a(12), ""},   // too short
           {"github_pat_" + a(82), "github_pat@0+93"},
           {"npm_" + a(36), "npm_token@0+40"},
           {"npm_config_registry", ""},
           {"sk-ant-api03-" + a(80), "anthropic_key@0+93"},
           {"sk-proj-" + a(40), "openai_key@0+48"},
           {"sk-" + a(48), "openai_key@0+51"},
           {"sk-learn-is-a-library-for-machine-learning", ""},
           {"AKIAIOSFODNN7EXAMPLE", "aws_access_key_id@0+20 public"},
           {"AKIAIOSFODNN7EXAMPLEX", ""},
           {"123456789:AA" + a(33), "telegram_bot_token@0+45"},
           {"12345678901:AA" + a(33), ""},
           {"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0." + a(43), "jwt@0+80"},
           {"eyJhbGciOiJIUzI1NiJ9.nothing." + a(43), ""},
           {"glpat-" + a(20) + ". The end", "gitlab_pat@0+26"},
           {"https://hooks.slack.com/services/T" + a(9) + "/B" + a(9) + "/" + a(24),
            "slack_webhook@0+79"},
           {a(14) + ".atlasv1." + a(67), "terraform_token@0+90"},
           {"abc8Q~" + a(34), "entra_client_secret@0+40"},
           {"dapi" + std::string(32, 'b'), "databricks_token@0+36"},
           {"dapi" + std::string(33, 'b'), ""},
       }) {
    CAPTURE(c.text);
    CHECK(found(c.text) == c.want);
  }
}

TEST_CASE("token: a megabyte of beginnings is read in a moment") {
  std::string text;
  while (text.size() < (1u << 20)) text += "eyJ.ghp_.";
  CHECK(tokens(text).empty());
}

}  // namespace reeve::scan
