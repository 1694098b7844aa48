#include "scan/value.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <string>

#include "base/text.hpp"

namespace reeve::scan {
namespace {

using List = std::initializer_list<std::string_view>;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_alpha(char c) {
  return is_lower(c) || is_upper(c);
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool begins(std::string_view text, List heads) {
  return std::ranges::any_of(heads, [&](auto head) { return text.starts_with(head); });
}
bool contains(std::string_view text, List parts) {
  return std::ranges::any_of(parts, [&](auto part) { return text.contains(part); });
}
bool equals(std::string_view text, List all) {
  return std::ranges::find(all, text) != all.end();
}

/// A variable, template or shell expression: the value comes from somewhere else at run time.
std::string_view variable(std::string_view text) {
  if (contains(text, {"${", "{{", "$(", "<%", "%(", "#{", "@{"})) return "variable";
  if (text.starts_with('`') && text.ends_with('`') && text.size() > 1) return "command";
  if (text.starts_with('$') && text.size() > 1 && (is_alpha(text[1]) || text[1] == '_') &&
      std::ranges::all_of(text.substr(1),
                          [](char c) { return is_alpha(c) || is_digit(c) || c == '_'; }))
    return "variable";
  if (text.size() > 2 && text.starts_with('%') && text.ends_with('%')) return "variable";
  if (text.size() > 4 && text.starts_with("__") && text.ends_with("__")) return "variable";
  return {};
}

/// The name of a place in a secret store.
std::string_view store(std::string_view text) {
  if (begins(text, {"op://",        "vault:",        "vault://",
                    "bw://",        "keychain:",     "keyring:",
                    "env:",         "env://",        "secret://",
                    "secrets://",   "secretref:",    "file:",
                    "file://",      "ssm:",          "ssm://",
                    "awssm:",       "aws-sm://",     "gcp-sm://",
                    "gcpsm:",       "azkv://",       "ref+",
                    "doppler://",   "infisical://",  "pass:",
                    "cmd:",         "exec:",         "kms:",
                    "!secret ",     "!vault",        "arn:aws:secretsmanager:",
                    "arn:aws:ssm:", "/run/secrets/", "@Microsoft.KeyVault(",
                    "sm://",        "keepass://",    "lpass://",
                    "gopass://",    "process.env.",  "os.environ",
                    "secrets.",     "input:",        "inputs.",
                    "from_env:"}))
    return "secret store";
  if (text.starts_with("projects/") && text.contains("/secrets/")) return "secret store";
  return {};
}

/// An absolute path or one from home: the secret lies in that file.
bool is_path(std::string_view text) {
  if (!begins(text, {"/", "~/", "./", "../"}) || text.size() < 3) return false;
  if (text.contains('=') || text.contains('+')) return false;  // base64
  // Base64 may begin with a slash; a path has words between its slashes.
  auto const last = text.substr(text.rfind('/') + 1);
  return begins(text, {"~/", "./", "../", "/etc/", "/run/", "/var/", "/home/", "/opt/", "/usr/",
                       "/root/", "/tmp/", "/srv/", "/mnt/", "/secrets/", "/app/", "/data/"}) ||
         (last.contains('.') && std::ranges::count(text, '/') > 1);
}

std::string_view reference(std::string_view text) {
  if (auto const why = variable(text); !why.empty()) return why;
  if (auto const why = store(text); !why.empty()) return why;
  if (is_path(text)) return "file";
  return {};
}

std::string_view hash(std::string_view text) {
  if (begins(text,
             {"$1$", "$5$", "$6$", "$y$", "$2a$", "$2b$", "$2y$", "$argon2", "$apr1$", "$pbkdf2",
              "$scrypt$", "pbkdf2_sha256$", "pbkdf2:", "scrypt:", "bcrypt$", "SCRAM-SHA-256$"}))
    return "password hash";
  if (begins(text, {"{SSHA", "{SHA", "{MD5}", "{SMD5}", "{CRYPT}", "{ARGON2}", "{PBKDF2"}))
    return "password hash";
  if (begins(text, {"sha256:", "sha256-", "sha384-", "sha512-", "sha1:", "md5:", "sha512:"}))
    return "digest";
  if (text.size() == 35 && text.starts_with("md5") && std::ranges::all_of(text.substr(3), is_hex))
    return "password hash";
  return {};
}

std::string_view encrypted(std::string_view text) {
  if (begins(text, {"ENC[", "ENC(", "$ANSIBLE_VAULT", "{cipher}", "AQICA", "age-encryption.org",
                    "-----BEGIN AGE ENCRYPTED", "-----BEGIN PGP MESSAGE", "vault:v1:"}))
    return "encrypted";
  return {};
}

/// Filler that somebody was to replace: the whole value is one character over and over.
bool filler(std::string_view text) {
  constexpr std::string_view marks = "xX*.-_#?~";
  return marks.contains(text.front()) &&
         std::ranges::all_of(text, [&](char c) { return c == text.front(); });
}

/// "12345678", "abcdefgh", "87654321": each character follows the one before it.
bool sequence(std::string_view text) {
  if (text.size() < 4) return false;
  int const step = text[1] - text[0];
  if (step != 1 && step != -1) return false;
  for (std::size_t i = 1; i < text.size(); ++i)
    if (text[i] - text[i - 1] != step && !(text[i - 1] == '9' && text[i] == '0')) return false;
  return true;
}

/// "prefix_xxxxxxxx", "sk-************": a shape that was drawn, not issued.
bool masked(std::string_view text) {
  return contains(text, {"xxxxx", "XXXXX", "*****", ".....", "\u2022\u2022\u2022"}) ||
         text.ends_with("...") || text.ends_with("\u2026");
}

std::string_view instruction(std::string_view low) {
  if (contains(low, {"changeme",   "change_me",    "change-me",    "change this",  "changethis",
                     "replaceme",  "replace_me",   "replace-me",   "replace_with", "replace-with",
                     "insert_",    "insert-",      "fill_in",      "fillin",       "fill-in",
                     "fixme",      "todo",         "placeholder",  "redacted",     "removed",
                     "your_",      "your-",        "yourpassword", "yourtoken",    "yoursecret",
                     "yourapikey", "_here",        "-here",        "my-secret-",   "dummy",
                     "notasecret", "not-a-secret", "not_a_secret", "enter_",       "put_your"}))
    return "placeholder";
  if (begins(low, {"your", "<", "enter your", "insert your", "[your"})) return "placeholder";
  return {};
}

std::string_view filled_in_later(std::string_view text, bool in_store) {
  if (text.starts_with('<') && text.ends_with('>')) return "placeholder";
  if (text.starts_with("[") && text.ends_with("]")) return "placeholder";
  if (filler(text)) return "repeated character";
  auto const low = lower(text);
  if (auto const why = instruction(low); !why.empty()) return why;
  if (masked(text)) return "masked";
  if (in_store) return {};
  if (sequence(text)) return "sequence";
  if (low.contains("example") || low.contains("sample")) return "example";
  if (equals(low, {"password", "passwd",  "secret", "token",  "apikey",        "api_key",
                   "api-key",  "pass",    "pwd",    "key",    "mypassword",    "mysecret",
                   "mytoken",  "foo",     "bar",    "foobar", "abc",           "test",
                   "user",     "string",  "none",   "null",   "nil",           "undefined",
                   "n/a",      "default", "empty",  "unset",  "user:password", "user:pass",
                   "user:pwd"}))
    return "names itself";
  return {};
}

bool is_number(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return is_digit(c) || c == '.' || c == '-'; });
}

/// "8c2b…-…": five groups of 8-4-4-4-12 hex digits. An id, unless the name says otherwise.
bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    bool const dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !is_hex(text[i])) return false;
  }
  return true;
}

std::string_view ordinary(std::string_view text) {
  auto const low = lower(text);
  if (equals(low, {"true", "false", "yes", "no", "on", "off", "enabled", "disabled", "required",
                   "optional", "always", "never", "basic", "bearer", "auto", "null", "none"}))
    return "keyword";
  if (text.size() < 8 && is_number(text)) return "number";
  if (text.contains("://")) return "address";
  return {};
}

int classes(std::string_view text) {
  bool const lowers = std::ranges::any_of(text, is_lower);
  bool const uppers = std::ranges::any_of(text, is_upper);
  bool const digits = std::ranges::any_of(text, is_digit);
  return lowers + uppers + digits;
}

}  // namespace

Value judge_value(std::string_view text, bool in_store) {
  if (text.empty()) return {Look::empty, "empty"};
  if (auto const why = encrypted(text); !why.empty()) return {Look::encrypted, why};
  if (auto const why = hash(text); !why.empty()) return {Look::hash, why};
  if (auto const why = reference(text); !why.empty()) return {Look::reference, why};
  if (auto const why = filled_in_later(text, in_store); !why.empty())
    return {Look::placeholder, why};
  if (auto const why = ordinary(text); !why.empty()) return {Look::plain, why};
  if (is_uuid(text)) return {Look::opaque, "uuid"};
  if (text.contains(' ') && std::ranges::count(text, ' ') > 3) return {Look::plain, "sentence"};
  return {Look::opaque, "opaque"};
}

double entropy(std::string_view text) {
  std::array<double, 256> count{};
  for (char const c : text) count[static_cast<unsigned char>(c)] += 1;
  double bits = 0;
  for (double const n : count)
    if (n > 0) bits -= n / double(text.size()) * std::log2(n / double(text.size()));
  return bits;
}

bool looks_random(std::string_view text) {
  if (text.size() < 16 || text.contains(' ')) return false;
  auto const bits = entropy(text);
  if (std::ranges::all_of(text, is_hex)) return text.size() >= 32 && bits > 2.8;
  return classes(text) >= 2 && std::ranges::any_of(text, is_digit) && bits > 3.2;
}

std::string_view unquoted(std::string_view text) {
  text = trim(text);
  if (text.size() > 1 && (text.front() == '"' || text.front() == '\'') &&
      text.back() == text.front())
    text = text.substr(1, text.size() - 2);
  return text;
}

}  // namespace reeve::scan
