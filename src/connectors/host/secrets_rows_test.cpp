#include "connectors/host/secrets_rows.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "base/text.hpp"
#include "connect/conformance.hpp"
#include "connectors/host/client_fake.hpp"
#include "connectors/host/host.hpp"

namespace reeve::host {
namespace {

constexpr std::string_view canary = "canary-9vKq2LmZ81";

std::string hashed(std::string_view secret) {
  return "fp_" + std::to_string(std::hash<std::string_view>{}(secret));
}

std::string const token = "ghp_" + std::string(18, 'a') + std::string(18, 'B');

FakeFiles host_files() {
  std::string const c(canary);
  FakeFiles files;
  files
      .file("/etc/passwd",
            "root:x:0:0::/root:/bin/bash\ndaemon:x:1:1::/usr/sbin:/usr/sbin/nologin\n"
            "alice:x:1000:1000::/home/alice/:/bin/bash\nsvc:x:501:501::/srv/app:/bin/false\n")
      .file("/etc/hostname", "web\n")
      .file("/home/alice/.npmrc", "//registry.npmjs.org/:_authToken=" + token + "\n", 0600, 1000)
      .file("/home/alice/.pgpass", "db:5432:app:alice:" + c + "1\n", 0644, 1000)
      .file("/home/alice/work/shop/.env", "TOKEN=" + token + "\nDB_PASSWORD=" + c + "2\n", 0640,
            1000)
      .file("/home/alice/work/shop/.env.example", "TOKEN=" + token + "\n", 0644, 1000)
      .file("/home/alice/work/node_modules/x/.env", "TOKEN=" + c + "3\n", 0644, 1000)
      .file("/home/alice/.claude.json",
            "{\"mcpServers\":{\"gh\":{\"command\":\"npx\",\"args\":[\"-y\",\"@mcp/gh\"],"
            "\"env\":{\"GITHUB_TOKEN\":\"" +
                token + "\"}}},\n\"projects\":{\"/data/p/q\":{}}}",
            0600, 1000)
      .file("/data/p/.mcp.json",
            "{\"mcpServers\":{\"open\":{\"url\":\"https://m.test\"},\"bad\":1}}", 0644, 1000)
      .file("/srv/app/.env", "API_KEY=" + c + "4\n", 0604, 501)
      .file("/srv/app/broken.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
            0600, 501)
      .link("/srv/app/loop", "/srv/app")
      .special("/srv/app/fifo.env")
      .file("/etc/environment", "AWS_SECRET_ACCESS_KEY=" + c + "5\n")
      .file("/etc/cron.d/sync", "X_TOKEN=" + c + "6\n*/5 * * * * svc API_KEY=" + c + "7 /opt/s\n")
      .file("/etc/systemd/system/app.service",
            "[Service]\nUser=svc\nEnvironment=DB_PASSWORD=" + c +
                "8\nEnvironmentFile=/etc/app/vars\n"
                "LoadCredential=db:/etc/creds/db\nExecStart=/opt/a --token=" +
                c + "9\n")
      .file("/etc/app/vars", "SMTP_PASSWORD=" + c + "0\n", 0600)
      .link("/root/.netrc", "/etc/netrc")
      .file("/etc/netrc", "machine h login root password " + c + "a\n", 0600);
  return files;
}

std::string shown(std::vector<Row> const& rows) {
  std::string all;
  for (auto const& row : rows) {
    for (auto const& o : row.observations) {
      if (auto const* s = std::get_if<Sighting>(&o.object)) {
        auto const* readable = std::get_if<std::string>(&s->exposure);
        all += s->kind + " " + s->where + " by " + s->identity + " " +
               (readable ? *readable : "?") + (s->fingerprint.empty() ? " referenced" : "") + "\n";
      }
      if (auto const* i = std::get_if<Identity>(&o.object))
        all += "identity " + i->native_id + "\n";
    }
    for (auto const& g : row.gaps) all += "gap " + g.missing + " " + g.why + "\n";
  }
  return all;
}

}  // namespace

TEST_CASE("secrets: places of a host, who may read them, and whose they are") {
  auto const files = host_files();
  FakeTree tree(files);
  auto const rows = secret_file_rows(tree, hashed);
  REQUIRE(rows);
  auto const text = shown(*rows);
  CAPTURE(text);
  for (auto const* line : {"github_pat file:/home/alice/.npmrc:1 by account:alice owner\n",
                           "password file:/home/alice/.pgpass:1 by account:alice others\n",
                           "github_pat file:/home/alice/work/shop/.env:1 by account:alice group\n",
                           "password file:/home/alice/work/shop/.env:2 by account:alice group\n",
                           "api_key file:/srv/app/.env:1 by account:svc others\n",
                           "private_key file:/srv/app/broken.pem:1 by account:svc owner\n",
                           "key file:/etc/environment:1 by account:root others\n",
                           "password file:/root/.netrc:1 by account:root owner\n",
                           "identity agent:claude-code:/home/alice/.claude.json:gh\n",
                           ("github_pat file:/home/alice/.claude.json:1 by "
                            "agent:claude-code:/home/alice/.claude.json:gh owner\n"),
                           "identity agent:claude-code:/data/p/.mcp.json:open\n",
                           "gap  /data/p/.mcp.json:1: a server that is no map with a name\n"}) {
    CAPTURE(line);
    CHECK(text.contains(line));
  }
  CHECK_FALSE(text.contains("example"));
  CHECK_FALSE(text.contains("node_modules"));
}

TEST_CASE("secrets: one token in .npmrc, .env and an agent's configuration is one fingerprint") {
  auto const files = host_files();
  FakeTree tree(files);
  auto const rows = secret_file_rows(tree, hashed).value();
  int seen = 0;
  for (auto const& row : rows)
    for (auto const& o : row.observations)
      if (auto const* s = std::get_if<Sighting>(&o.object)) seen += s->fingerprint == hashed(token);
  CHECK(seen == 3);
}

TEST_CASE("agents: identity, server, grant, consumer and the key it acts with") {
  auto const files = host_files();
  FakeTree tree(files);
  auto const rows = secret_file_rows(tree, hashed).value();
  std::string const id = "claude-code:/home/alice/.claude.json:gh";
  auto const row = std::ranges::find(rows, "/home/alice/.claude.json", &Row::key);
  REQUIRE(row != rows.end());
  REQUIRE(row->observations.size() == 5);
  CHECK(std::get<Identity>(row->observations[0].object).kind == "agent");
  auto const& server = std::get<Resource>(row->observations[1].object);
  CHECK(server.name == "npm:@mcp/gh");
  CHECK(server.pinned == Known<bool>(false));
  CHECK(std::get<Grant>(row->observations[2].object).resource == server.native_id);
  auto const& sighting = std::get<Sighting>(row->observations[3].object);
  CHECK(sighting.consumer == Known<std::string>("agent:" + id));
  CHECK(std::get<Consumer>(row->observations[4].object).native_id == "agent:" + id);
}

TEST_CASE("environments: units, their files and credentials, cron's variables and commands") {
  auto const files = host_files();
  FakeTree tree(files);
  auto const text = shown(environment_rows(tree, hashed).value());
  CAPTURE(text);
  for (auto const* line : {"password file:/etc/systemd/system/app.service by account:svc others\n",
                           ("secret file:/etc/systemd/system/app.service by account:svc others "
                            "referenced\n"),
                           "token file:/etc/systemd/system/app.service by account:svc others\n",
                           "password file:/etc/app/vars:1 by account:svc owner\n",
                           "api_key file:/etc/cron.d/sync:2 by account:svc others\n",
                           "token file:/etc/cron.d/sync:1 by account:svc others\n"})
    CHECK_MESSAGE(text.contains(line), line);
}

TEST_CASE("logs: tokens that tell by their shape, once each, and nothing else") {
  auto files = host_files();
  files
      .file("/var/log/app.log",
            "password=hunter2hunter2 for bob\nAuthorization: " + token + "\n" + token + " again\n",
            0644)
      .file("/var/log/app/deep/out.log", "x " + token, 0600)
      .file("/var/log/old.log.gz", token)
      .file("/var/log/wtmp", token);
  files.denied.insert("/var/log/closed.log");
  files.file("/var/log/closed.log", token);
  FakeTree tree(files);
  auto const text = shown(secret_file_rows(tree, hashed).value());
  CAPTURE(text);
  CHECK(text.contains("github_pat file:/var/log/app.log by account:root others\n"));
  CHECK(text.contains("github_pat file:/var/log/app/deep/out.log by account:root owner\n"));
  CHECK(text.find("file:/var/log/app.log") == text.rfind("file:/var/log/app.log"));
  CHECK_FALSE(text.contains("old.log"));
  CHECK_FALSE(text.contains("/var/log/wtmp"));
  CHECK(text.contains("gap read every file of /var/log"));
}

TEST_CASE("secrets: no value is in any page, gap or coverage") {
  auto const files = host_files();
  auto const connector =
      connect::make_host("web", std::make_unique<FakeTree>(files),
                         {.now = [] { return Instant{}; },
                          .verifier_fingerprint = hashed,
                          .more = [](Tree& tree) { return secret_families(tree, hashed); }});
  std::string cursor;
  int sightings = 0;
  do {
    auto page = connector->enumerate(cursor).value();
    for (auto& o : page.observations) {
      sightings += object_class(o) == ObjectClass::sighting;
      CHECK_FALSE(o.evidence.contains(canary));
      each_text(o, [](std::string& text) {
        CHECK_FALSE(text.contains(canary));
        CHECK_FALSE(text.contains(token));
      });
    }
    for (auto const& gap : page.gaps) CHECK_FALSE((gap.why + gap.native_id).contains(canary));
    cursor = page.next;
  } while (!cursor.empty());
  CHECK(sightings >= 15);
}

TEST_CASE("secrets: a home that is closed to us is named with the permission, once") {
  auto files = host_files();
  files.denied.insert("/home/alice");
  FakeTree tree(files);
  auto const text = shown(secret_file_rows(tree, hashed).value());
  CHECK(text.contains("gap read every home open /home/alice: Permission denied\n"));
  CHECK(text.find("/home/alice") == text.rfind("/home/alice"));
  CHECK(text.contains("/srv/app/.env:1"));
}

TEST_CASE("secrets: hostile names and files too large are told and shown clean") {
  auto files = host_files();
  files.file("/srv/app/\x1b[31m\xff.env", "TOKEN=" + token + "\n", 0600, 501)
      .file("/srv/app/huge.env", std::string(10u << 20, 'A'), 0600, 501);
  FakeTree tree(files);
  auto const text = shown(secret_file_rows(tree, hashed).value());
  CHECK(text.contains("file:/srv/app/\x1b[31m\\xFF.env:1"));
  CHECK(text.contains("huge.env is larger than"));
}

}  // namespace reeve::host
