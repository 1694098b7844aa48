#!/usr/bin/env bash
# Open Policy Agent 1.22 with the policies of opa/, for callers with a token. Built once by `go install` (some minutes),
# and kept in ~/.cache/reeve. There are no identities to seed: it is a decision point.
source "$(dirname "$0")/lib.sh"
version=1.22.2
cache=${REEVE_CACHE:-$([[ $EUID -eq 0 ]] && echo /var/cache/reeve || echo "${XDG_CACHE_HOME:-$HOME/.cache}/reeve")}/opa-$version

install() {
  command -v go >/dev/null || skip "no go here; apt-get install golang"
  mkdir -p "$cache" 2>/dev/null || skip "cannot write $cache"
  local build=$cache/build
  (
    flock 9
    [[ ! -x $cache/opa ]] || exit 0
    GOMODCACHE=$build/mod GOCACHE=$build/cache GOFLAGS='-modcacherw -trimpath' CGO_ENABLED=0 GOTOOLCHAIN=local \
      GOBIN=$build/bin nice go install -ldflags '-s -w' "github.com/open-policy-agent/opa@v$version" >"$cache/install.log" 2>&1 &&
      mv "$build/bin/opa" "$cache/opa"
    rm -rf "$build"
  ) 9>"$cache/lock"
  [[ -x $cache/opa ]] || skip "go could not build it: $(tail -1 "$cache/install.log")"
}
launch() {
  serve "$cache/opa" run --server --addr "127.0.0.1:$port" --authentication=token --authorization=basic \
    --skip-version-check --log-level error "$dir/policies"
  until_true 30 curl -sf -H "Authorization: Bearer $(cat "$dir/token")" "http://127.0.0.1:$port/health"
}
target_start() {
  need curl curl
  [[ -x $cache/opa ]] || install
  mkdir "$dir/policies"
  cp "$here"/opa/*.rego "$dir/policies"
  (umask 077 && password 32 >"$dir/token")
  printf '{"token": "%s"}\n' "$(tr -d "\n" <"$dir/token" | sha256sum | cut -c1-64)" >"$dir/policies/data.json"
  start_with_port launch
  OPA_URL=http://127.0.0.1:$port OPA_TOKEN_FILE=$dir/token
  publish OPA_URL OPA_TOKEN_FILE
}
target_seed() { :; }
main "$@"
