#include "connectors/host/secrets_files.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>

#include "connectors/host/secrets_document.hpp"
#include "crypto/encode.hpp"

namespace reeve::host {
namespace {

/// Shows what is fingerprinted, which no real one does.
connect::Fingerprint const shown = [](std::string_view secret) {
  return "<" + std::string(secret) + ">";
};

std::string line_of(Found const& f) {
  std::string text = std::to_string(f.line) + " " + f.key + ": " + f.kind;
  text += f.mode == SightingMode::referenced ? " -> " + f.refers_to : " " + f.fingerprint;
  if (!f.account.empty()) text += " of " + f.account;
  if (!f.target.empty()) text += " at " + f.target;
  if (f.encrypted) text += " encrypted";
  return text;
}

std::string all_of(FoundInFile const& file) {
  std::string all;
  for (auto const& f : file.found) all += line_of(f) + "\n";
  for (auto const& m : file.malformed)
    all += "malformed " + std::to_string(m.line) + ": " + m.why + "\n";
  return all;
}

std::string found(Format format, std::string_view text, std::string_view kind = "token") {
  return all_of(find_in_file({.path = "x", .format = format, .kind = kind}, text, shown));
}

std::string const ghp = "ghp_" + std::string(18, 'a') + std::string(18, 'B');
std::string const npm = "npm_" + std::string(18, 'a') + std::string(18, 'B');

}  // namespace

TEST_CASE("secret files: which are looked at, and which are drafts") {
  for (auto const* yes : {".env", ".env.production", "app.env", "server.key", "id_ed25519",
                          "id_rsa.bak", "cert.pem", "kubeconfig.yaml", "prod.tfvars"}) {
    CAPTURE(yes);
    CHECK(secret_file_named(yes).has_value());
  }
  for (auto const* no : {".env.example", "env", ".env.sample", "id_rsa.pub", "README.md",
                         "main.cpp", "server.key.template", "", "key"}) {
    CAPTURE(no);
    CHECK_FALSE(secret_file_named(no).has_value());
  }
  CHECK(matches("a*b*c", "aXbbYc"));
  CHECK_FALSE(matches("a*b*c", "aXc"));
  CHECK(matches("*", ""));
}

TEST_CASE("aws: keys of a profile with their public id; config refers") {
  CHECK(found(Format::ini,
              "[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n"
              "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n"
              "region = eu-west-1\n") ==
        "3 [default] aws_secret_access_key: aws_access_key "
        "<wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY> of AKIAIOSFODNN7EXAMPLE\n");
  CHECK(found(Format::ini,
              "[profile a]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = default\n"
              "[profile b]\ncredential_process = /opt/get --token k9Fq2LmZ81\n") ==
        "3 [profile a] source_profile: token -> source_profile default\n"
        "5 [profile b] credential_process: secret -> credential_process command\n"
        "5 [profile b] credential_process#2: token <k9Fq2LmZ81>\n");
}

TEST_CASE("env: literals, references, placeholders, values over several lines") {
  CHECK(found(Format::env,
              "# DB_PASSWORD=old\nexport DB_PASSWORD=\"hunter2\" # prod\nDB_HOST=db\n"
              "API_KEY=${API_KEY}\nTOKEN=changeme\nDATABASE_URL=postgres://app:s3cr%21t@db/app\n"
              "DB_PASSWORD='other'\nnot an assignment\nEMPTY=\n") ==
        "2 DB_PASSWORD: password <hunter2>\n"
        "4 API_KEY: api_key -> ${API_KEY}\n"
        "6 DATABASE_URL: password <s3cr!t> of app at postgres://db/app\n"
        "7 DB_PASSWORD#2: password <other>\n");
}

TEST_CASE("the same token has one fingerprint in .npmrc, .env, a header and an address") {
  auto const fingerprint = "<" + npm + ">";
  for (auto const& text :
       {found(Format::npmrc, "//registry.npmjs.org/:_authToken=" + npm + "\n"),
        found(Format::env, "NPM_TOKEN='" + npm + "'\n"),
        found(Format::json, "{\"headers\":{\"Authorization\":\"Bearer " + npm + "\"}}"),
        found(Format::urls, "https://me:" + npm + "@registry.npmjs.org\n")}) {
    CAPTURE(text);
    CHECK(text.contains("npm_token " + fingerprint));
  }
}

TEST_CASE("npmrc: tokens, basic authentication, references") {
  CHECK(found(Format::npmrc,
              "registry=https://registry.npmjs.org/\n"
              "//npm.test/:_authToken=${NPM_TOKEN}\n"
              "//npm.test/a/:_auth=YWxpY2U6c3dvcmRmaXNo\n"
              "//npm.test/b/:username=bob\n//npm.test/b/:_password=c3dvcmRmaXNo\n") ==
        "2 //npm.test/:_authToken: token -> ${NPM_TOKEN} at https://npm.test\n"
        "3 //npm.test/a/:_auth: password <swordfish> of alice at https://npm.test/a\n"
        "5 //npm.test/b/:_password: password <swordfish> at https://npm.test/b\n");
}

TEST_CASE("netrc: words in any layout, login before or behind, macros") {
  CHECK(found(Format::netrc,
              "machine a.test login alice password hunter2\n"
              "machine b.test\n  password \"two words\"\n  login bob\n"
              "macdef init\nmachine c.test password no\n\n"
              "default login x password letmein9 # end\n") ==
        "1 machine a.test login alice: password <hunter2> of alice at a.test\n"
        "3 machine b.test login bob: password <two words> of bob at b.test\n"
        "8 machine default login x: password <letmein9> of x at default\n");
}

TEST_CASE("pgpass: escapes; a line with too few fields does not hide its neighbours") {
  CHECK(
      found(Format::pgpass, "# host\ndb:5432:app:alice:p\\:w\\\\d\nbroken:line\n*:*:*:bob:a:b\n") ==
      "2 db:5432:app:alice: password <p:w\\d> of alice at postgresql://db:5432/app\n"
      "4 *:*:*:bob: password <a:b> of bob at postgresql://*:*/*\n"
      "malformed 3: not host:port:database:user:password\n");
}

TEST_CASE("git: stored credentials, and a token in the name of a section is not shown") {
  CHECK(found(Format::urls, "https://alice:" + ghp + "@github.com\n") ==
        "1 url github.com: github_pat <" + ghp + "> of alice at https://github.com\n");
  auto const text = found(Format::ini, "[url \"https://oauth2:" + ghp +
                                           "@gitlab.test/\"]\n"
                                           "insteadOf = https://gitlab.test/\n[remote \"o\"]\n"
                                           "url = https://x:" +
                                           ghp + "@github.com/a/b\n");
  CHECK(text == "1 section: github_pat <" + ghp +
                    "> of oauth2 at https://gitlab.test\n"
                    "4 [remote \"o\"] url: github_pat <" +
                    ghp + "> of x at https://github.com\n");
}

TEST_CASE("docker: base64 auths, identity tokens, helpers") {
  CHECK(found(Format::docker, R"({
  "auths": {
    "https://index.docker.io/v1/": {"auth": "YWxpY2U6c3dvcmRmaXNo"},
    "ghcr.io": {},
    "acr.test": {"identitytoken": "k9Fq2LmZ81k9Fq2LmZ81"}
  },
  "credsStore": "desktop",
  "credHelpers": {"1.dkr.ecr.amazonaws.com": "ecr-login"}
})") == "3 auths.https://index.docker.io/v1/.auth: password <swordfish> of alice at "
        "https://index.docker.io/v1/\n"
        "4 auths.ghcr.io: password -> helper desktop at https://ghcr.io\n"
        "5 auths.acr.test.identitytoken: token <k9Fq2LmZ81k9Fq2LmZ81> at https://acr.test\n"
        "8 credHelpers.1.dkr.ecr.amazonaws.com: password -> helper ecr-login at "
        "https://1.dkr.ecr.amazonaws.com\n");
}

TEST_CASE("gcloud: a service account; the client secret all gcloud users share is no secret") {
  CHECK(found(Format::gcloud, R"({"type":"authorized_user",
"client_id":"764086051850-x.apps.googleusercontent.com",
"client_secret":"d-FL95Q19q7MQmFpd7hHD0Ty",
"refresh_token":"1//0gabcdefghijklmnopqrstuvwxyz0123456789"})")
            .starts_with("4 refresh_token: google_refresh_token <1//0g"));
  auto const text = found(Format::gcloud, R"({"type":"service_account","project_id":"p",
"client_email":"ci@p.iam.gserviceaccount.com","private_key_id":"0123456789abcdef",
"private_key":"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"})");
  CHECK(text.starts_with("3 private_key"));
  CHECK(text.contains("of ci@p.iam.gserviceaccount.com at gcp project p"));
}

TEST_CASE("kubeconfig: token, basic, files, exec plugins; one bad user does not hide the others") {
  CHECK(found(Format::kubeconfig, R"(apiVersion: v1
clusters: [{name: c, cluster: {server: "https://k8s.test:6443"}}]
contexts: [{name: x, context: {cluster: c, user: admin}}]
users:
- name: admin
  user:
    token: k9Fq2LmZ81k9Fq2LmZ81
- name: broken
  user: [1, 2]
- name: old
  user: {username: alice, password: hunter2}
- name: file
  user:
    client-key: /etc/k.key
    client-certificate: /etc/k.crt
- name: eks
  user:
    exec:
      command: aws
      args: [eks, get-token]
      env:
      - {name: AWS_SECRET_ACCESS_KEY, value: wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY}
)") == "7 users.admin.token: token <k9Fq2LmZ81k9Fq2LmZ81> of admin at https://k8s.test:6443\n"
       "11 users.old.password: password <hunter2> of old\n"
       "15 users.file.client-certificate: certificate -> /etc/k.crt of file\n"
       "14 users.file.client-key: private_key -> /etc/k.key of file\n"
       "19 users.eks.exec: token -> exec aws of eks\n"
       "22 users.eks.exec.env.AWS_SECRET_ACCESS_KEY: aws_access_key "
       "<wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY> of eks\n"
       "malformed 8: a user that is no map\n");
}

TEST_CASE("documents: gh, cargo, terraform, python, mysql, vault") {
  CHECK(found(Format::yaml, "github.com:\n  user: alice\n  oauth_token: " + ghp + "\n") ==
        "3 github.com.oauth_token: github_pat <" + ghp + "> of alice\n");
  CHECK(found(Format::toml, "[registry]\ntoken = \"cio" + std::string(32, 'a') + "\"\n") ==
        "2 registry.token: crates_io_token <cio" + std::string(32, 'a') + ">\n");
  CHECK(found(Format::json, R"({"credentials":{"app.terraform.io":{"token":"k9Fq2LmZ81k9"}}})") ==
        "1 credentials.app.terraform.io.token: token <k9Fq2LmZ81k9>\n");
  CHECK(found(Format::ini,
              "[pypi]\nusername = __token__\npassword = pypi-AgE" + std::string(60, 'a')) ==
        "3 [pypi] password: pypi_token <pypi-AgE" + std::string(60, 'a') + "> of __token__\n");
  CHECK(found(Format::ini, "[global]\nindex-url = https://u:hunter2@pypi.test/simple\n") ==
        "2 [global] index-url: password <hunter2> of u at https://pypi.test\n");
  CHECK(found(Format::ini, "[client]\nuser=app\npassword=\"hunter2\"\n") ==
        "3 [client] password: password <hunter2> of app\n");
  CHECK(found(Format::token, "s.k9Fq2LmZ81\n", "vault_token") ==
        "1 token: vault_token <s.k9Fq2LmZ81>\n");
  CHECK(found(Format::settings,
              "services:\n  a:\n    environment:\n    - DB_PASSWORD=hunter2\n"
              "    - DB_HOST=db\n    - TOKEN=${TOKEN}\n") ==
        "4 services.a.environment[0].DB_PASSWORD: password <hunter2>\n"
        "6 services.a.environment[2].TOKEN: token -> ${TOKEN}\n");
}

TEST_CASE("documents: what no parser accepts is told, and its telling lines are read") {
  CHECK(found(Format::json, "{\"token\": \"k9Fq2LmZ81\",\n\"token\": \"k9Fq2LmZ82\"\n}") ==
        "1 line 1 token: token <k9Fq2LmZ81>\n2 line 2 token: token <k9Fq2LmZ82>\n"
        "malformed 0: line 3, column 1: the key \"token\" is repeated\n");
  for (auto const format : {Format::json, Format::yaml, Format::toml, Format::kubeconfig,
                            Format::docker, Format::gcloud, Format::settings}) {
    auto const text = found(format, "token: k9Fq2LmZ81\n]]] {{{ \x01\xff\"");
    CAPTURE(text);
    CHECK(text.contains("token <k9Fq2LmZ81>"));
    CHECK(text.contains("malformed"));
    CHECK(found(format, "") ==
          (format == Format::json || format == Format::docker || format == Format::gcloud
               ? found(Format::json, "")
               : ""));
  }
}

TEST_CASE("every format survives hostile bytes") {
  std::string const deep(100'000, '[');
  std::string binary(4096, '\0');
  for (std::size_t i = 0; i < binary.size(); ++i) binary[i] = static_cast<char>(i * 37 + i / 251);
  std::string const huge(secret_file_bytes_max + 1, 'A');
  for (int format = 0; format <= int(Format::keys); ++format)
    for (std::string const* text : {&deep, &std::as_const(binary)}) {
      CAPTURE(format);
      find_in_file({"x", Format(format), "t"}, *text, shown);
      auto const large = find_in_file({"x", Format(format), "t"}, huge, shown);
      CHECK(large.found.empty());
      CHECK(large.malformed.size() == 1);
    }
}

TEST_CASE("json: each value has its line, comments or not") {
  auto const root = read_json(
      "\xEF\xBB\xBF// c\n{ /* x\n */ \"a\": \"}\\\"\",\n\"b\": [1,\n{\"c\": null,},],\n}");
  REQUIRE(root);
  CHECK((*root)["a"].line == 3);
  CHECK((*root)["b"].line == 4);
  CHECK((*root)["b"].items[0].line == 4);
  CHECK((*root)["b"].items[1].line == 5);
}

}  // namespace reeve::host
