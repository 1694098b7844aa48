#include "scan/command.hpp"

#include <doctest/doctest.h>

#include <string>

#include "base/text.hpp"

namespace reeve::scan {
namespace {

std::string shown(std::string_view line) {
  auto const argv = split_command(line);
  return join(redacted_command(argv, judge_command(argv)), " ");
}

}  // namespace

TEST_CASE("command: what follows a telling flag is hidden, references stay") {
  struct Case {
    std::string_view line, want;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"", ""},
           {"app --token=k9Fq2LmZ81", "app --token=‹token›"},
           {"app --token k9Fq2LmZ81 x", "app --token ‹token› x"},
           {"app --token ${TOKEN}", "app --token ${TOKEN}"},
           {"app --token", "app --token"},
           {"app --token-file /etc/x", "app --token-file /etc/x"},
           {"app --password --verbose", "app --password --verbose"},
           {"API_KEY=k9Fq2LmZ81 /opt/app/sync", "API_KEY=‹api_key› /opt/app/sync"},
           {"mysql -uapp -phunter2 db", "mysql -uapp -p‹password› db"},
           {"/usr/bin/mysqldump -p db", "/usr/bin/mysqldump -p db"},
           {"tar -phunter2", "tar -phunter2"},
           {"sshpass -p hunter2 ssh h", "sshpass -p ‹password› ssh h"},
           {"env X=1 sshpass -p hunter2 ssh h", "env X=1 sshpass -p ‹password› ssh h"},
           {"curl -u alice:hunter2 https://h", "curl -u alice:‹password› https://h"},
           {"curl -H 'Authorization: Bearer k9Fq2LmZ81' https://h",
            "curl -H Authorization: Bearer ‹secret› https://h"},
           {"npx mcp-remote https://h/sse --header Authorization:${AUTH}",
            "npx mcp-remote https://h/sse --header Authorization:${AUTH}"},
           {"docker run -e DB_PASSWORD=hunter2 -e HOST=h img",
            "docker run -e DB_PASSWORD=‹password› -e HOST=h img"},
           {"docker run -e DB_PASSWORD img", "docker run -e DB_PASSWORD img"},
           {"psql postgresql://u:hunter2@h/db", "psql postgresql://u:‹password›@h/db"},
           {"redis-cli -a hunter2", "redis-cli -a ‹password›"},
       }) {
    CAPTURE(c.line);
    CHECK(shown(c.line) == c.want);
  }
}

TEST_CASE("command: words as a shell cuts them") {
  auto const cut = [](std::string_view line) { return join(split_command(line), "|"); };
  CHECK(cut("a  b\tc") == "a|b|c");
  CHECK(cut("a 'b c' \"d e\"f") == "a|b c|d ef");
  CHECK(cut("a\\ b '\\'") == "a b|\\");
  CHECK(cut("a '' b") == "a||b");
  CHECK(cut("'open") == "open");
}

}  // namespace reeve::scan
