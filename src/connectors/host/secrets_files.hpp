// Which files of a host may hold credentials, and how each is read.
//
// Looking into every file would be slow, and would read what is nobody's business. So there are
// two closed lists: places that programs keep credentials at, relative to a home or absolute, and
// names that tell of credentials wherever they lie (".env", "*.pem"). Both are data; the pages that
// the documentation prints and the walker read the same rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "connectors/host/secrets_find.hpp"

namespace reeve::host {

enum class Format : std::uint8_t {
  env,    ///< NAME=value, for programs.
  shell,  ///< Start-up files of shells: assignments among commands.
  ini,
  npmrc,
  netrc,
  urls,  ///< Addresses with passwords, one a line.
  pgpass,
  pairs,  ///< id:secret.
  token,  ///< The whole file.
  json,   ///< A file of credentials.
  yaml,
  toml,
  settings,  ///< JSON or YAML of all sorts: only telling names count.
  kubeconfig,
  docker,
  gcloud,
  keys,  ///< PEM, DER, PuTTY, OpenPGP.
};

struct SecretFile {
  std::string_view path;  ///< "*" stands for any part of one component.
  Format format{};
  std::string_view kind;  ///< Of `token`: "vault_token".
};

/// Relative to a home.
std::span<SecretFile const> home_secret_files();
/// Absolute.
std::span<SecretFile const> system_secret_files();
/// By the last component, wherever it lies.
std::optional<SecretFile> secret_file_named(std::string_view name);

/// Whether `name` matches a pattern of one component: "*" is any text, the rest is itself.
bool matches(std::string_view pattern, std::string_view name);

inline constexpr std::size_t secret_file_bytes_max = 4u << 20;

/// All that a file holds. Never fails: what cannot be read is among `malformed`.
FoundInFile find_in_file(SecretFile const& file, std::string_view bytes,
                         connect::Fingerprint const& fingerprint);

}  // namespace reeve::host
