#!/usr/bin/env bash
# demo.sh PROGRAM [DIR]: starts the estate, discovers all of it into a store in DIR, shows the first screen and serves
# until it is interrupted. Then everything is ended and removed; a DIR that was named stays, without the servers.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
program=$(realpath "$1")
given=${2:-}
dir=${given:-$(mktemp -d /tmp/reeve-demo.XXXXXX)}
mkdir -p "$dir"
chmod 755 "$dir"
finish() {
  "$here/all.sh" stop "$dir/estate"
  [[ -n $given ]] || rm -rf "$dir"
}
trap finish EXIT
trap 'exit 130' INT TERM

"$here/all.sh" start "$dir/estate"
"$here/all.sh" seed "$dir/estate"
set -a # what the estate is, for the program; passwords reach it by environment, never as arguments
source <("$here/all.sh" env "$dir/estate")
set +a

store=sqlite://$dir/demo.db
# look WHAT ARGUMENT...: coverage that is partial (3) is part of the show, anything else that fails is not.
look() {
  local rc=0
  echo "── $1"
  "$program" --store "$store" discover "${@:2}" || rc=$?
  [[ $rc -eq 0 || $rc -eq 1 || $rc -eq 3 ]] || exit "$rc"
}
look "people" people --file "$PEOPLE_CSV"
look "the host web01" host --root "$HOST_ROOT"
[[ -z ${PGREADER_URL:-} ]] || look "PostgreSQL 15" postgres --name postgres15 --url-env PGREADER_URL
[[ -z ${PG18_READER_URL:-} ]] || look "PostgreSQL 18" postgres --name postgres18 --url-env PG18_READER_URL
[[ -z ${LDAP_URL:-} ]] || look "the directory" ldap --url "$LDAP_URL" --base "$LDAP_BASE" --bind-dn "$LDAP_READER_DN" \
  --password-env LDAP_READER_PASSWORD
[[ -z ${TLS_PORT:-} ]] || look "certificates" x509 --roots "$TLS_CERTS" \
  --endpoints "$(for host in $TLS_HOSTS; do printf '127.0.0.1:%s#%s,' "$TLS_PORT" "$host"; done | sed 's/,$//')"
"$program" --store "$store" up
