#!/usr/bin/env bash
# with-postgres.sh COMMAND...: runs the command with REEVE_TEST_POSTGRES naming an empty PostgreSQL that lives as long
# as the command does. Where there is none to start, the tests that want it say SKIP and why.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[[ -z ${REEVE_TEST_POSTGRES:-} ]] || exec "$@"

# In /tmp, not TMPDIR: the path of a unix socket may hold 107 bytes.
dir=$(mktemp -d /tmp/reeve-pg.XXXXXX)
trap '"$here/postgres.sh" stop "$dir"' EXIT
rc=0
"$here/postgres.sh" start "$dir" || rc=$?
if [[ $rc -eq 0 ]]; then
  REEVE_TEST_POSTGRES=$("$here/postgres.sh" env "$dir" | sed -n 's/^PGURL=//p')
  export REEVE_TEST_POSTGRES
elif [[ $rc -ne 77 ]]; then
  exit 1
fi
rc=0
"$@" || rc=$?
exit "$rc"
