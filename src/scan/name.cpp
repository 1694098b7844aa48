#include "scan/name.hpp"

#include <algorithm>
#include <initializer_list>
#include <span>

#include "base/text.hpp"

namespace reeve::scan {
namespace {

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_word(char c) {
  return is_lower(c) || is_upper(c) || (c >= '0' && c <= '9');
}

/// A word begins here in camelCase: aB, and the last capital of "APIKey".
bool camel_border(std::string_view name, std::size_t at) {
  if (at == 0 || !is_upper(name[at])) return false;
  if (is_lower(name[at - 1])) return true;
  return is_upper(name[at - 1]) && at + 1 < name.size() && is_lower(name[at + 1]);
}

bool one_of(std::string_view word, std::initializer_list<std::string_view> list) {
  return std::ranges::find(list, word) != list.end();
}

/// Head words after which the value is *about* a secret and not one.
bool harmless(std::string_view last) {
  return one_of(
      last,
      {"age",      "alg",         "algorithm",  "arn",      "attempts", "audience",  "authority",
       "bits",     "cache",       "checksum",   "class",    "cmd",      "command",   "config",
       "count",    "date",        "days",       "digest",   "dir",      "directory", "disabled",
       "enabled",  "endpoint",    "expiration", "expires",  "expiry",   "field",     "file",
       "filename", "fingerprint", "format",     "folder",   "group",    "hash",      "header",
       "helper",   "hint",        "host",       "hours",    "id",       "ids",       "interval",
       "issuer",   "issued",      "keyring",    "label",    "length",   "level",     "lifetime",
       "limit",    "location",    "max",        "method",   "min",      "minutes",   "mode",
       "name",     "names",       "path",       "paths",    "pattern",  "plugin",    "policy",
       "port",     "prefix",      "process",    "prompt",   "provider", "pub",       "public",
       "ref",      "regex",       "region",     "required", "role",     "scheme",    "scope",
       "scopes",   "seconds",     "server",     "sha",      "size",     "sock",      "socket",
       "source",   "state",       "status",     "store",    "strategy", "suffix",    "timeout",
       "tier",     "title",       "tokenizer",  "ttl",      "type",     "uri",       "url",
       "urls",     "usage",       "user",       "username", "users",    "var",       "version",
       "at"});
}

bool is_password(std::string_view word) {
  return one_of(word, {"pass", "passwd", "password", "passwords", "pwd", "passphrase", "passcode",
                       "pw", "userpass", "userpassword"}) ||
         (word.size() > 8 && word.ends_with("password")) ||
         (word.size() > 6 && (word.ends_with("passwd") || word.ends_with("passphrase")));
}

bool is_token(std::string_view word) {
  return one_of(word, {"token", "authtoken", "accesstoken", "jwt", "bearer", "pat", "sas"}) ||
         (word.size() > 5 && word.ends_with("token"));
}

bool is_secret(std::string_view word) {
  return one_of(word, {"secret", "secrets", "credential", "credentials", "creds", "clientsecret",
                       "secretkey", "authorization", "cookie"}) ||
         (word.size() > 6 && word.ends_with("secret"));
}

/// "key" alone is as often a map key as a secret: the word before it decides.
Name key(std::string_view before) {
  if (one_of(before, {"api", "apis"})) return {Promise::secret, "api_key"};
  if (one_of(before, {"private", "priv", "ssh", "rsa", "pem", "tls", "ssl"}))
    return {Promise::perhaps, "private_key"};
  if (one_of(before, {"access", "account",      "app",     "auth",   "encryption", "license",
                      "master", "secret",       "service", "shared", "signing",    "admin",
                      "hmac",   "subscription", "storage", "write",  "deploy",     "session",
                      "jwt",    "crypt",        "cipher",  "aes"}))
    return {Promise::perhaps, "key"};
  if (one_of(before, {"public", "pub", "primary", "foreign", "sort", "partition", "cache",
                      "routing", "idempotency", "host", "group", "map", "registry"}))
    return {Promise::harmless, {}};
  return {Promise::perhaps, "key"};
}

Name head(std::string_view last, std::string_view before) {
  if (is_password(last)) return {Promise::password, "password"};
  if (one_of(last, {"apikey", "apikeys", "xapikey"})) return {Promise::secret, "api_key"};
  if (is_token(last)) return {Promise::secret, "token"};
  if (is_secret(last))
    return {Promise::secret,
            before == "client" || last == "clientsecret" ? "client_secret" : "secret"};
  if (one_of(last, {"key", "keys"})) return key(before);
  if (one_of(last, {"privatekey", "sshkey"})) return {Promise::perhaps, "private_key"};
  if (one_of(last, {"accesskey", "authkey", "signingkey", "encryptionkey", "masterkey",
                    "accountkey", "sharedaccesskey", "auth", "salt", "pepper", "seed", "pin", "psk",
                    "dsn", "sig", "signature", "hmac"}))
    return {Promise::perhaps, "key"};
  return {};
}

}  // namespace

std::vector<std::string> words(std::string_view name) {
  std::vector<std::string> all;
  bool open = false;
  for (std::size_t at = 0; at < name.size(); ++at) {
    if (!is_word(name[at])) {
      open = false;
      continue;
    }
    if (!open || camel_border(name, at)) all.emplace_back();
    all.back() += lower(name.substr(at, 1));
    open = true;
  }
  return all;
}

Name judge_name(std::string_view name) {
  if (name == "PWD" || name == "OLDPWD") return {Promise::harmless, {}};  // where the shell stands
  auto all = words(name.size() > 512 ? name.substr(name.size() - 512) : name);
  // "TOKEN_2", "password1": a number behind the head changes nothing.
  auto const numeric = [](std::string const& word) {
    return word.find_first_not_of("0123456789") == std::string::npos;
  };
  while (all.size() > 1 && numeric(all.back())) all.pop_back();
  if (all.empty()) return {};
  auto last = all.back();
  while (last.size() > 4 && last.back() >= '0' && last.back() <= '9') last.pop_back();
  if (one_of(last, {"value", "base", "data", "prod", "dev", "test", "staging", "live", "old", "new",
                    "b64", "base64", "string", "text", "literal", "default", "current"}) &&
      all.size() > 1) {
    all.pop_back();  // "SECRET_KEY_BASE", "client-key-data", "API_KEY_PROD"
    last = all.back();
  }
  if (harmless(last)) return {Promise::harmless, {}};
  return head(last, all.size() > 1 ? std::string_view(all[all.size() - 2]) : std::string_view());
}

}  // namespace reeve::scan
