#pragma once

#include <string_view>

#include "connectors/host/secrets_find.hpp"

namespace reeve::host {

// Files of credentials that are made of lines. Each reads all it can; a line that makes no sense
// is one Malformed and no more.

/// KEY=value, `export KEY="value"`, comments; also shell start-up files, where only assignments
/// are looked at. A value in quotes may span lines (a private key).
void find_in_env(std::string_view text, Finder& finder, scan::Place place);

/// [section], key = value: AWS, pip, .pypirc, .my.cnf, .databrickscfg, WireGuard, git.
void find_in_ini(std::string_view text, Finder& finder);

/// npm: `//registry/:_authToken=…`, `_auth`, `_password` (base64).
void find_in_npmrc(std::string_view text, Finder& finder);

/// netrc(5): machine, default, login, password, account; macros are skipped.
void find_in_netrc(std::string_view text, Finder& finder);

/// One address a line, with user and password (git-credential-store).
void find_in_urls(std::string_view text, Finder& finder);

/// host:port:database:user:password with \: and \\ (PostgreSQL manual 34.16).
void find_in_pgpass(std::string_view text, Finder& finder);

/// id:secret a line: passwd-s3fs.
void find_in_pairs(std::string_view text, Finder& finder);

/// The whole file is one token.
void find_token_file(std::string_view kind, std::string_view text, Finder& finder);

}  // namespace reeve::host
